import { codeOf, fail } from '../../activities/boundary';
import { createCaseActivities, type CaseDeps, type OwnCaseActivities } from '../../activities/case';
import { createEvidenceStore, type EvidenceStore, type ObjectStore } from '../../activities/evidence';
import { loadReport } from '../../activities/report';
import { createRegisters } from '../../activities/registers';
import type { TicketSystem } from '../../activities/tickets';
import type { LeaseUse } from '../../playbook/lease-use';
import type { IncidentSettings } from '../../playbook/model/settings';
import { folderBackend, type Backend } from '../evidence/backends';
import { alertOf, CASE, closedCase, INCIDENT, people, principalNamed, recordOf } from '../report/sample';

const settings = { blastRadius: 25 } as IncidentSettings;
const principal = principalNamed('ada');
const now = () => new Date('2026-03-01T10:00:20.000Z');
const ticketsOf = (more: Partial<TicketSystem> = {}): TicketSystem => ({ name: 'servicenow', changesFor: async () => [], openTask: async ({ key }) => ({ reference: `servicenow:${key}` }), ...more });

let backend: Backend;
let store: EvidenceStore;
const make = (more: Partial<CaseDeps> = {}): OwnCaseActivities =>
  createCaseActivities({ store, registers: createRegisters({ knownUses: [], rotations: [], authorizedAdmins: [], automations: [] }), tickets: null, settings, people, federation: { tenant: null, identityCenterAccount: null }, now, ...more });
const codeFrom = (promise: Promise<unknown>) => promise.then(() => 'no error', (error: unknown) => codeOf(error));
const away = (objects: ObjectStore): ObjectStore => {
  const refuse = async () => { throw fail('EVIDENCE_UNAVAILABLE', 'away'); };
  return { ...objects, putIfAbsent: refuse, get: refuse, list: refuse };
};

beforeEach(async () => {
  backend = await folderBackend();
  store = createEvidenceStore(backend.objects);
});
afterEach(() => backend.close());

describe('openIncident', () => {
  const input = (runId: string, ...alerts: number[]) => ({ incident: INCIDENT, runId, principal, alerts: alerts.map((n) => alertOf(n)) });
  it('gives the same run the same episode and the next run the next', async () => {
    const activities = make();
    expect((await activities.openIncident(input('run-a', 1))).caseKey).toBe(`${INCIDENT}.1`);
    expect((await activities.openIncident(input('run-a', 1, 2))).caseKey).toBe(`${INCIDENT}.1`);
    expect(await activities.openIncident(input('run-b', 3))).toMatchObject({ caseKey: `${INCIDENT}.2`, episode: 2, alreadyHandledIn: null, settings });
    expect((await activities.openIncident(input('run-a', 1))).episode).toBe(1);
  });
  it('never gives two runs the same, however they race', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, (_, n) => make({ store: createEvidenceStore(backend.again()) }).openIncident(input(`run-${n}`, n))));
    expect(new Set(opened.map((one) => one.episode)).size).toBe(8);
  });
  it('records what it was opened with, once', async () => {
    const activities = make();
    await activities.openIncident(input('run-a', 1, 2));
    await activities.openIncident(input('run-a', 1, 2));
    const chain = await store.readChain(`${INCIDENT}.1`);
    expect(chain).toHaveLength(1);
    expect(chain[0]).toMatchObject({ key: 'opened', kind: 'alert', text: expect.stringContaining('2 alerts: CreateUser by ci-deploy') });
  });
  it('says when every alert was handled by a closed case, and opens nothing', async () => {
    const activities = make();
    await activities.openIncident(input('run-a', 1, 2, 3));
    await activities.closeCase(closedCase());
    expect(await activities.openIncident(input('run-b', 2, 1))).toMatchObject({ alreadyHandledIn: CASE, caseKey: CASE });
    expect(await activities.openIncident(input('run-c', 2, 9))).toMatchObject({ alreadyHandledIn: null, episode: 2 });
    expect(await store.cases()).toEqual([CASE, `${INCIDENT}.2`]);
  });
  it('knows the alerts that joined without being kept, and no other', async () => {
    const activities = make();
    await activities.openIncident(input('run-a', 1));
    await activities.closeCase({ ...closedCase(), seen: [alertOf(77).id.slice(-12)] });
    expect((await activities.openIncident(input('run-b', 77, 1))).alreadyHandledIn).toBe(CASE);
    expect((await activities.openIncident(input('run-c', 78))).alreadyHandledIn).toBeNull();
    await backend.objects.putIfAbsent(`handled/${INCIDENT}/000009.json`, Buffer.from('{"caseKey":"../../x","alerts":["000000000078"]}'), 'application/json');
    expect((await activities.openIncident(input('run-d', 78))).alreadyHandledIn).toBeNull();
  });
  it('does not wait for a store that is away, and gives the same run the same key', async () => {
    const activities = make({ store: createEvidenceStore(away(backend.objects)) });
    const first = await activities.openIncident(input('run-a', 1));
    expect(first.caseKey).toMatch(/^inc-[0-9a-f]{20}\.[1-9]\d{5}$/);
    expect((await activities.openIncident(input('run-a', 1))).caseKey).toBe(first.caseKey);
    await store.record(first.caseKey, [{ key: 'later', at: now().toISOString(), kind: 'note', text: '', data: {} }]);
  });
  it('opens a case apart when somebody has planted a broken record, and says so', async () => {
    await backend.objects.putIfAbsent(`cases/${INCIDENT}.1/record/00000001.json`, Buffer.from('{}'), 'application/json');
    const { caseKey, alreadyHandledIn } = await make().openIncident(input('run-a', 1));
    expect([caseKey, alreadyHandledIn]).toEqual([expect.stringMatching(/\.[1-9]\d{5}$/), null]);
    expect(await store.readChain(caseKey)).toMatchObject([{ kind: 'error', text: expect.stringContaining('EVIDENCE_TAMPERED') }, { key: 'opened' }]);
  });
  it('does not wait for a store that hangs', async () => {
    const hanging = { ...backend.objects, list: () => new Promise<string[]>(() => undefined) };
    expect((await make({ store: createEvidenceStore(hanging), storePatienceMs: 50 }).openIncident(input('run-a', 1))).episode).toBeGreaterThanOrEqual(100_000);
  });
  it.each(['inc-../../x', '', 'inc-0123456789abcdef0123/..'])('refuses %j as an incident', async (incident) => {
    expect(await codeFrom(make().openIncident({ ...input('r', 1), incident }))).toBe('INVALID_INPUT');
  });
});

describe('a credential that is lent to a person', () => {
  const root = { provider: 'aws' as const, account: '111111111111', kind: 'root' as const, id: 'arn:aws:iam::111111111111:root', name: 'root' };
  const lease: LeaseUse = { request: 'bgp-0123456789abcdef0123', what: 'root password', requester: 'ada', from: '2026-03-01T10:00:00.000Z', until: '2026-03-01T10:30:00.000Z', changedAt: null };
  const used = [alertOf(1, { principal: root, event: 'ConsoleLogin', time: '2026-03-01T10:00:10.000Z' }), alertOf(2, { principal: root, event: 'ConsoleLogin', time: '2026-03-01T09:00:00.000Z' })];
  it('explains its use as a document does, and the use stands in the record of the request that lent it', async () => {
    const { documents } = await make({ leases: async (who) => (who.id === root.id ? [lease] : []) }).openIncident({ incident: INCIDENT, runId: 'r', principal: root, alerts: used });
    expect(documents.knownUses).toMatchObject([{ id: lease.request, principal: root.id, owner: 'ada', starts: lease.from, expires: lease.until }, { id: `${lease.request}/change`, starts: lease.until }]);
    expect(await store.verify(lease.request)).toMatchObject({ ok: true, entries: 1 });
  });
  it('is named as unreadable when nobody can say what is lent: silence explains nothing', async () => {
    const { documents } = await make({ leases: async () => { throw fail('VAULT_UNAVAILABLE', 'away'); } }).openIncident({ incident: INCIDENT, runId: 'r', principal: root, alerts: used });
    expect(documents).toMatchObject({ knownUses: [], unreadable: [{ source: 'break-glass', error: 'VAULT_UNAVAILABLE' }] });
  });
});

describe('people behind the principal', () => {
  const linked = async (alert: Parameters<typeof alertOf>[1], of = principalNamed('nobody')) =>
    (await make({ people: [...people, { ...people[0]!, id: 'cy', identities: ['cy@example.com'] }] }).openIncident({ incident: INCIDENT, runId: 'r', principal: of, alerts: [alertOf(1, { principal: of, ...alert })] })).linkedPeople;
  it('are those whose identity it is', async () => {
    expect(await linked({}, principalNamed('ada'))).toEqual(['ada']);
    expect(await linked({}, principalNamed('ADA'))).toEqual(['ada']);
    expect(await linked({}, { ...principalNamed('x'), kind: 'identity-center-user', name: 'cy@example.com' })).toEqual(['cy']);
    expect(await linked({})).toEqual([]);
  });
  it('are found by a session name only where Identity Center set it, so that an attacker cannot recuse an approver', async () => {
    const session = (roleArn: string) => ({ session: { accessKeyId: 'ASIAX', name: 'cy@example.com', issuedAt: null, mfa: 'no' as const, roleArn } });
    expect(await linked(session('arn:aws:iam::111111111111:role/deploy'))).toEqual([]);
    expect(await linked(session('arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef'))).toEqual(['cy']);
    expect(await linked(session('arn:aws:iam::111111111111:role/x-AWSReservedSSO_Admin'))).toEqual([]);
  });
});

describe('findDocuments', () => {
  it('asks for who and what, a week around', async () => {
    const asked: unknown[] = [];
    const tickets = ticketsOf({ changesFor: async (query) => { asked.push(query); return []; } });
    await make({ tickets }).findDocuments({ principal, alerts: [alertOf(1, { principal })] });
    expect(asked[0]).toMatchObject({
      who: expect.arrayContaining([principal.id, 'ada', 'ada@example.com']), targets: expect.arrayContaining(['backup-admin']), from: '2026-02-22T10:00:01.000Z', until: '2026-03-08T10:00:01.000Z',
    });
  });
  it.each([
    ['refuses', async () => { throw fail('TICKETS_UNAVAILABLE', 'ServiceNow refuses the credential (401)'); }, 'TICKETS_UNAVAILABLE: ServiceNow refuses the credential (401)'],
    ['breaks', async () => { throw new TypeError('secret detail'); }, 'UNEXPECTED: not foreseen'],
    ['hangs', () => new Promise<never>(() => undefined), 'TICKETS_UNAVAILABLE: did not answer in time'],
  ])('a ticket system that %s is named, and loses no alert', async (_name, changesFor, error) => {
    const documents = await make({ tickets: ticketsOf({ changesFor }), ticketPatienceMs: 50 }).findDocuments({ principal, alerts: [alertOf(1)] });
    expect(documents.unreadable).toEqual([{ source: 'tickets:servicenow', error }]);
    expect(documents.changes).toEqual([]);
  });
  it('folds the names in tickets and registers into people', async () => {
    const tickets = ticketsOf({ changesFor: async () => [{ id: 'C', state: 'approved', who: ['Grace@Example.com'], what: [], targets: [], from: '', until: '', source: 's' }] });
    const { people: found } = await make({ tickets }).findDocuments({ principal, alerts: [alertOf(1)] });
    expect(found).toMatchObject({ [principal.id]: 'ada', ada: 'ada', 'Grace@Example.com': 'grace' });
  });
});

describe('openHumanTask', () => {
  const task = { caseKey: CASE, key: 'mfa', title: 'Enable MFA', instructions: ['do it'] };
  it('opens one ticket and gives the same reference again', async () => {
    let opened = 0;
    const tickets = ticketsOf({ openTask: async () => ({ reference: `servicenow:INC${++opened}` }) });
    expect(await make({ tickets }).openHumanTask(task)).toEqual({ reference: 'servicenow:INC1' });
    expect(await make({ tickets }).openHumanTask(task)).toEqual({ reference: 'servicenow:INC1' });
  });
  it('keeps the task when the ticket system is away, and says so in the record', async () => {
    const tickets = ticketsOf({ openTask: async () => { throw fail('TICKETS_UNAVAILABLE', 'ServiceNow fails (500)'); } });
    const { reference } = await make({ tickets }).openHumanTask(task);
    expect(reference).toMatch(/^task:[0-9a-f]{12}$/);
    expect((await store.readChain(CASE))[0]).toMatchObject({ kind: 'error', text: expect.stringContaining('ServiceNow fails (500)') });
  });
  it('holds nothing up when the evidence store is away too', async () => {
    expect((await make({ store: createEvidenceStore(away(backend.objects)) }).openHumanTask(task)).reference).toMatch(/^task:/);
  });
});

describe('closeCase', () => {
  it('keeps report and indicators, seals, and can be repeated', async () => {
    const activities = make();
    await activities.record({ caseKey: CASE, entries: recordOf() });
    const closed = await activities.closeCase(closedCase());
    expect(await make({ store: createEvidenceStore(backend.again()) }).closeCase(closedCase())).toEqual(closed);
    const verification = await store.verify(CASE, closed.sealHash);
    expect(verification).toMatchObject({ ok: true, sealed: true, entries: closed.entries });
    const kept = await store.list(CASE);
    expect(kept.map((one) => `${one.kind} ${one.contentType}`).sort()).toEqual(['case-file application/json', 'iocs application/json', 'iocs application/json', 'iocs text/csv', 'report text/html', 'report text/markdown']);
    expect(Buffer.from(await store.read({ key: closed.reportKey })).toString()).toContain('<!doctype html>');
    const csv = kept.find((one) => one.contentType === 'text/csv')!;
    expect(Buffer.from(await store.read(csv)).toString()).toContain('203.0.113.7');
  });
  it('goes on where a store that went away left it', async () => {
    for (let failing = 1; failing <= 14; failing++) {
      const place = await folderBackend();
      let writes = 0;
      const flaky: ObjectStore = { ...place.objects, putIfAbsent: async (...put) => { if (++writes === failing) throw fail('EVIDENCE_UNAVAILABLE', 'away'); return place.objects.putIfAbsent(...put); } };
      const activities = make({ store: createEvidenceStore(flaky) });
      const closed = await activities.closeCase(closedCase()).catch(() => activities.closeCase(closedCase()));
      expect(await createEvidenceStore(place.objects).verify(CASE, closed.sealHash)).toMatchObject({ ok: true });
      await place.close();
    }
  });
  it('the sealed case gives a report with its seal', async () => {
    const activities = make();
    await activities.record({ caseKey: CASE, entries: recordOf() });
    const { sealHash } = await activities.closeCase(closedCase());
    const report = await loadReport(store, CASE, people);
    expect(report.evidence.seal?.hash).toBe(sealHash);
    expect(report).toMatchObject({ outcome: 'contained-and-recovered', verdict: { kind: 'critical' } });
  });
  it('writes no formula into the CSV', async () => {
    const input = closedCase();
    input.findings.push({ check: '1.3.4-functions', state: 'found', summary: '', error: null, facts: {}, evidence: [], artifacts: [{ ...input.findings[5]!.artifacts[0]!, kind: 'function', how: 'created', id: '=cmd|\' /C calc\'!A0', name: '@SUM(1)' }] });
    await make().closeCase(input);
    const csv = (await store.list(CASE)).find((one) => one.contentType === 'text/csv')!;
    const text = Buffer.from(await store.read(csv)).toString();
    expect(text).toContain("'=cmd");
    expect(text).not.toMatch(/(^|,)"?[=+@-]/m);
  });
  it('refuses a case key that is none', async () => {
    expect(await codeFrom(make().closeCase({ ...closedCase(), caseKey: '../../x' }))).toBe('INVALID_INPUT');
  });
});
