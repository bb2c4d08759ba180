import type { Client } from '@temporalio/client';
import { usesOf, type LeaseUse } from '../../playbook/lease-use';
import type { Alert } from '../../playbook/model/alert';
import type { Principal } from '../../playbook/model/principal';
import { decide } from '../../playbook/triage/decide';
import { noDocuments } from '../../playbook/triage/inputs';
import { leasesOf } from '../../workers/personal-leases';
import { alertOf } from '../report/sample';

const root: Principal = { provider: 'aws', account: '111111111111', kind: 'root', id: 'arn:aws:iam::111111111111:root', name: 'root' };
const at = (time: string): string => `2026-03-01T${time}:00.000Z`;
const lease: LeaseUse = { request: 'bgp-0123456789abcdef0123', what: 'root password', requester: 'ada', from: at('10:00'), until: at('10:30'), changedAt: null };
const did = (event: string, time: string, more: Partial<Alert> = {}): Alert =>
  alertOf(1, { source: 'cloudtrail', principal: root, account: root.account, event, service: event === 'ConsoleLogin' ? 'signin.amazonaws.com' : 'iam.amazonaws.com', channel: 'console', time: at(time), target: null, ...more });
const verdict = (alert: Alert, leases: LeaseUse[], now: string) =>
  decide({ alerts: [alert], documents: { ...noDocuments, knownUses: leases.flatMap((one) => usesOf(one, root.id, at(now))) }, lookedUp: null, now: at(now) });
const changed = { ...lease, changedAt: at('11:00') };

test.each<[string, Alert, LeaseUse[], string]>([
  ['root’s sign-in while it is lent', did('ConsoleLogin', '10:05'), [lease], 'false-positive'],
  ['what root does while it is lent', did('AttachUserPolicy', '10:20'), [lease], 'false-positive'],
  ['the sign-in to change the password after the return', did('ConsoleLogin', '10:45'), [changed], 'false-positive'],
])('%s is attributed to the lease, by name', (_what, alert, leases, kind) => {
  const seen = verdict(alert, leases, '12:00');
  expect(seen.kind).toBe(kind);
  expect(seen.reasons.map((one) => one.source)).toContain(`break-glass:${lease.request}`);
});

test.each<[string, Alert, LeaseUse[]]>([
  ['root’s sign-in outside of any lease', did('ConsoleLogin', '10:05'), []],
  ['a sign-in before it was lent', did('ConsoleLogin', '09:59'), [lease]],
  ['anything but the change after the return', did('AttachUserPolicy', '10:45'), [changed]],
  ['a sign-in after the change', did('ConsoleLogin', '11:01'), [changed]],
  ['logging stopped while it is lent', did('StopLogging', '10:10', { service: 'cloudtrail.amazonaws.com' }), [lease]],
  ['a finding about root while it is lent', did('UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B', '10:10', { source: 'guardduty', service: 'guardduty', facts: { severity: 9 } }), [lease]],
  ['an access key for root made while it is lent', did('CreateAccessKey', '10:10'), [lease]],
])('%s is an incident', (_what, alert, leases) => {
  expect(verdict(alert, leases, '12:00').kind).toBe('critical');
});

test('which leases speak for whom: of this very principal, and only what was handed over', async () => {
  const views: Record<string, object> = { one: { principal: root, use: lease }, two: { principal: { ...root, account: '2', id: 'arn:aws:iam::2:root' }, use: lease }, three: { principal: root, use: null } };
  const queries: string[] = [];
  const client = { workflow: { list: async function* ({ query }: { query: string }) { queries.push(query); for (const workflowId of Object.keys(views)) yield { workflowId }; }, getHandle: (id: string) => ({ query: async () => views[id] }) } } as unknown as Client;
  const vault = { people: [{ name: 'root', what: 'root password', account: root.account, requesters: ['ada'] }] } as never;
  const leases = leasesOf({ vault }, client)!;
  expect(await leases(root)).toEqual([lease]);
  expect(await leases({ ...root, kind: 'user', id: 'arn:aws:iam::111111111111:user/x' })).toEqual([]);
  expect(await leases({ ...root, account: '9', id: 'arn:aws:iam::9:root' })).toEqual([]);
  expect(queries).toHaveLength(1);
  expect(leasesOf({ vault: null }, client)).toBeUndefined();
});
