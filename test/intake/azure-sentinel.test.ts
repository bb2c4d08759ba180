import { sentinel } from '../../intake/sentinel';
import { detectSource } from '../../intake/sources';
import type { Alert } from '../../playbook/model/alert';
import { classify } from '../../playbook/triage/classify';
import { example, MALLORY, OBJECT, OPTIONS, TENANT } from './examples';
import { changed } from './hostile';

const incident = example('sentinel-incident');
const IS = ['object', 'properties'];
const read = (payload: unknown, options = OPTIONS) => sentinel.parse(payload, options)[0]!;
const alertOf = (payload: unknown, options = OPTIONS): Alert => {
  const parsed = read(payload, options);
  if (!('alert' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.alert;
};
const withEntities = (entities: unknown): unknown => changed(incident, [...IS, 'relatedEntities'], entities);
const account = (properties: object): object => ({ kind: 'Account', type: 'Microsoft.SecurityInsights/Entities', properties });

test('the incident itself, as the REST API has it, says the same as the body of a playbook', () => {
  const bare = (incident as { object: object }).object;
  expect(detectSource(bare)?.id).toBe('sentinel');
  expect(detectSource({ value: [{ ...bare, type: 'microsoft.securityinsights/incidents' }] })?.id).toBe('sentinel');
  expect(alertOf(bare)).toEqual(alertOf(incident));
  expect(sentinel.parse({ value: [bare, {}] }, OPTIONS)[1]).toEqual({ rejected: { path: 'value[1].properties', problem: 'is missing' } });
});

test.each<[string, unknown, object | null]>([
  ['an object id goes before a name', [account({ accountName: 'x', upnSuffix: 'contoso.example' }), account({ aadUserId: OBJECT.toUpperCase(), accountName: 'mallory', upnSuffix: 'contoso.example' })], MALLORY],
  ['a UPN alone', [account({ accountName: 'Mallory', upnSuffix: 'contoso.example' })], { kind: 'user', id: 'mallory@contoso.example' }],
  ['a UPN in the name', [account({ accountName: 'mallory@contoso.example' })], { id: 'mallory@contoso.example' }],
  ['a guest', [account({ aadUserId: OBJECT, accountName: 'eve_evil.example#EXT#', upnSuffix: 'contoso.onmicrosoft.com' })], { kind: 'guest' }],
  ['an account of the domain whom the directory of people knows', [account({ accountName: 'Mallory', ntDomain: 'CORP' })], MALLORY],
  ['the same by its SID', [account({ sid: 'S-1-5-21-3623811015-3361044348-30300820-1105' })], MALLORY],
  ['an account of the domain that nobody knows', [account({ accountName: 'svc', ntDomain: 'CORP' })], null],
  ['a name that is no UPN', [account({ accountName: 'root' })], null],
  ['machines only', [{ kind: 'Host', properties: { hostName: 'web-1' } }], null],
  ['none', [], null],
  ['not a list', { kind: 'Account' }, null],
])('who: %s', (_name, entities, principal) => {
  const alert = alertOf(withEntities(entities));
  if (principal) expect(alert.principal).toMatchObject(principal);
  else {
    expect(alert.principal).toBeNull();
    expect(classify(alert)).toMatchObject({ status: 'alert', reasons: [{ code: 'provider-finding' }, { code: 'no-principal' }] });
  }
});

test('severity, state, and the tenant', () => {
  expect(classify(alertOf(changed(incident, [...IS, 'severity'], 'Informational'))).status).toBe('ignored');
  expect(classify(alertOf(changed(incident, [...IS, 'severity'], 'medium'))).status).toBe('alert');
  expect(classify(alertOf(changed(incident, [...IS, 'status'], 'Closed'))).status).toBe('ignored');
  expect(alertOf(incident, { tenant: 'other' }).account).toBe('other');
  expect(alertOf(incident, {}).account).toBe(TENANT);
  expect(read(withEntities([]), {})).toEqual({ rejected: { path: 'object.properties.tenantId', problem: 'is missing' } });
  expect(alertOf(changed(incident, [...IS, 'lastModifiedTimeUtc'], '2026-03-02T10:00:00Z')).id).not.toBe(alertOf(incident).id);
});

test.each<[(string | number)[], unknown, string, string]>([
  [['object', 'properties'], undefined, 'object.properties', 'is missing'],
  [['object'], 'x', 'object', 'must be an object'],
  [[...IS, 'title'], undefined, 'object.properties.title', 'is missing'],
  [[...IS, 'title'], 7, 'object.properties.title', 'must be text'],
  [[...IS, 'title'], 'x'.repeat(2_000), 'object.properties.title', 'is longer than 1024 characters'],
  [[...IS, 'severity'], undefined, 'object.properties.severity', 'is missing'],
  [[...IS, 'severity'], 'constructor', 'object.properties.severity', 'is none of high, medium, low, informational'],
  [[...IS, 'lastActivityTimeUtc'], 'yesterday', 'object.properties.lastActivityTimeUtc', 'is not a time'],
])('%j that is %j is refused', (path, by, at, problem) => expect(read(changed(incident, path, by))).toEqual({ rejected: { path: at, problem } }));

test('hostile values stay text and stay small', () => {
  const many = Array.from({ length: 5_000 }, (_, index) => ({ kind: 'Ip', properties: { address: `203.0.${index >> 8}.${index & 255}` } }));
  expect(alertOf(withEntities(many)).addresses).toHaveLength(50);
  const hostile = alertOf(withEntities([account({ aadUserId: '../../users/1?$filter=', displayName: '<script>' }), { kind: 'Ip', properties: { address: '203.0.113.1; rm' } }, null, 7, [[]]]));
  expect(hostile.principal).toMatchObject({ id: '../../users/1?$filter=', name: '<script>' });
  expect(hostile.addresses).toEqual([]);
  expect(JSON.stringify(alertOf(changed(incident, [...IS, 'alerts'], Array.from({ length: 500 }, () => ({ properties: { alertDisplayName: 'x'.repeat(10_000) } }))))).length).toBeLessThan(20_000);
});
