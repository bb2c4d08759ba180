import { changeRequestFinding, checklist, checkTitle, investigationChecks, postCompromiseChecks, rootChecks } from '../../playbook/checklist';
import type { ChangeRequest, Documents } from '../../playbook/triage/inputs';
import { alertOf, principal } from '../aws-investigate/support';

const change = (over: Partial<ChangeRequest> = {}): ChangeRequest => ({
  id: 'CHG1', state: 'approved', who: ['dana'], what: ['CreateUser'], targets: ['mallory'], from: '2026-11-20T11:00:00Z', until: '2026-11-20T13:00:00Z', source: 'servicenow:CHG1', ...over,
});
const documents = (over: Partial<Documents> = {}): Documents => ({ changes: [], knownUses: [], rotations: [], authorizedAdmins: [], automations: [], people: { [principal.id]: 'dana' }, unreadable: [], ...over });

test('eight rows of 1.2, six of 1.3, three of 2.2, each with its title', () => {
  expect([investigationChecks.length, postCompromiseChecks.length, rootChecks.length, checklist.length]).toEqual([14, 6, 3, 17]);
  expect(new Set(checklist.map((one) => one.id)).size).toBe(17);
  expect(checkTitle('1.3.5-logging')).toBe('Logging disabled');
});

test('a change request that covers the alert', () => {
  expect(changeRequestFinding(documents({ changes: [change()] }), [alertOf()])).toMatchObject({ state: 'found', facts: { covered: 1, notCovered: [] } });
});

test.each<[string, Partial<ChangeRequest>, string]>([
  ['another target', { targets: ['somebody'] }, 'target'],
  ['another person', { who: ['ada'] }, 'who'],
  ['another call', { what: ['DeleteUser'] }, 'what'],
  ['before its time', { from: '2026-11-20T12:30:00Z' }, 'time window'],
  ['after its time', { until: '2026-11-20T11:30:00Z' }, 'time window'],
  ['not approved', { state: 'open' }, 'state is open'],
])('%s does not cover it, and the finding says so', (_name, over, mismatch) => {
  const finding = changeRequestFinding(documents({ changes: [change(over)] }), [alertOf()]);
  expect(finding).toMatchObject({ state: 'found', facts: { covered: 0 } });
  expect(finding.summary).toContain(mismatch);
});

test('a request about something else is none; an unreadable source is no absence', () => {
  expect(changeRequestFinding(documents({ changes: [change({ who: ['ada'], targets: ['other'] })] }), [alertOf()]).state).toBe('nothing');
  expect(changeRequestFinding(documents({ unreadable: [{ source: 'servicenow', error: 'TICKETS_UNAVAILABLE' }] }), [alertOf()])).toMatchObject({ state: 'could-not-look', error: 'TICKETS_UNAVAILABLE' });
});
