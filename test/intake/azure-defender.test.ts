import { defender } from '../../intake/defender';
import { detectSource } from '../../intake/sources';
import type { Alert } from '../../playbook/model/alert';
import { classify } from '../../playbook/triage/classify';
import { example, MALLORY, OPTIONS, TENANT } from './examples';
import { changed } from './hostile';

const exported = example('defender-cloud-export') as Record<string, unknown>;
const graph = example('defender-alert');
const lower = (name: string): string => name.slice(0, 1).toLowerCase() + name.slice(1);
/** The same alert as `GET …/Microsoft.Security/locations/…/alerts` has it. */
const rest = { id: '/subscriptions/x/providers/Microsoft.Security/locations/westeurope/alerts/1', name: '1', type: 'Microsoft.Security/Locations/alerts', properties: Object.fromEntries(Object.entries(exported).map(([name, value]) => [lower(name), value])) };
const read = (payload: unknown, options = OPTIONS) => defender.parse(payload, options)[0]!;
const alertOf = (payload: unknown, options = OPTIONS): Alert => {
  const parsed = read(payload, options);
  if (!('alert' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.alert;
};

test('continuous export and the REST API say the same', () => {
  expect(detectSource(rest)?.id).toBe('defender');
  expect(detectSource({ value: [rest] })?.id).toBe('defender');
  expect(alertOf(rest)).toEqual(alertOf(exported));
  expect(alertOf(exported)).toMatchObject({ principal: MALLORY, time: '2026-03-02T09:04:12.123Z', facts: { alertType: 'ARM_MicroBurst.AzDomainInfo', category: 'Discovery,CredentialAccess' } });
});

test('whose it is: the tenant of the resource, else the configured one, else that of the account', () => {
  expect(alertOf(exported, { tenant: 'other' }).account).toBe(TENANT);
  const unnamed = { ...exported, ResourceIdentifiers: [] };
  expect(alertOf(unnamed, { tenant: 'other' }).account).toBe('other');
  expect(alertOf(unnamed, {}).account).toBe(TENANT);
  expect(read({ ...unnamed, Entities: [] }, {})).toEqual({ rejected: { path: 'tenantId', problem: 'is missing' } });
});

test('nobody named is loud; resolved and dismissed are not', () => {
  expect(classify(alertOf({ ...exported, Entities: [{ Type: 'host', HostName: 'web-1' }] }))).toMatchObject({ status: 'alert', reasons: [{ code: 'provider-finding' }, { code: 'no-principal' }] });
  for (const status of ['Resolved', 'Dismissed']) expect(classify(alertOf({ ...exported, Status: status })).status).toBe('ignored');
});

test.each<[unknown, string, string]>([
  [{ ...exported, AlertDisplayName: undefined }, 'AlertDisplayName', 'is missing'],
  [{ ...exported, Severity: undefined }, 'Severity', 'is missing'],
  [{ ...exported, Severity: 'toString' }, 'Severity', 'is none of high, medium, low, informational'],
  [{ ...exported, EndTimeUtc: 'x' }, 'EndTimeUtc', 'is not a time'],
  [{ ...exported, EndTimeUtc: undefined, StartTimeUtc: undefined, TimeGenerated: undefined }, 'EndTimeUtc', 'is missing'],
  [changed(rest, ['properties', 'severity'], undefined), 'properties.severity', 'is missing'],
  [changed(graph, ['value', 0, 'title'], undefined), 'value[0].title', 'is missing'],
  [changed(graph, ['value', 0, 'severity'], 'constructor'), 'value[0].severity', 'is none of high, medium, low, informational, unknown'],
])('what is missing or wrong is named: %#', (payload, path, problem) => expect(read(payload)).toEqual({ rejected: { path, problem } }));

test('hostile entities', () => {
  const alert = alertOf({ ...exported, Entities: [null, 'x', { Type: 'ip', Address: { toString: 'x' } }, { Type: 'account', AadUserId: ['x'], Name: 7 }, { Type: 'constructor' }], ResourceIdentifiers: [null, { AzureResourceId: `/subscriptions/${'x'.repeat(9_000)}` }] }, OPTIONS);
  expect(alert.principal).toBeNull();
  expect(alert.addresses).toEqual([]);
  expect(alert.target!.id.length).toBe(2_048);
});
