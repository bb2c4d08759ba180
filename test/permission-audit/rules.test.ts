import fc from 'fast-check';
import { approversOf } from '../../playbook/approvers';
import type { Person } from '../../playbook/model/people';
import type { Claim, Logged, Observation } from '../../playbook/permission-audit/model';
import { ownerOf } from '../../playbook/permission-audit/owner';
import { DAY_MS as DAY, judge, neededUntil, reviewIdOf, triedSince, usesOf } from '../../playbook/permission-audit/rules';
import { openApproval, checkVote } from '../../approvals/policy';

const now = Date.parse('2026-06-01T00:00:00Z');
const ago = (days: number): string => new Date(now - days * DAY).toISOString();
const rules = { windowMs: 90 * DAY, unusedShare: 0.5 };
const seen = (over: Partial<Observation> = {}): Observation => ({ createdAt: ago(400), exempt: null, tags: {}, claims: [], log: [], used: [], services: null, failed: [], ...over });
const claim = (what: string, days: number): Claim => ({ what, at: ago(days), by: 'service-last-accessed' });
const logged = (what: string, days: number, denied: boolean): Logged => ({ what, at: ago(days), denied });

test.each<[string, Partial<Observation>, string]>([
  ['never used', {}, 'unused'],
  ['gone', { createdAt: null }, 'gone'],
  ['protected', { exempt: 'on the list' }, 'exempt'],
  ['something could not be read', { failed: ['report: ACCESS_DENIED'] }, 'unreadable'],
  ['made 89 days ago', { createdAt: ago(89) }, 'young'],
  ['made exactly 90 days ago', { createdAt: ago(90) }, 'unused'],
  ['an unreadable age', { createdAt: 'soon' }, 'young'],
  ['used 89 days ago', { claims: [claim('ec2:RunInstances', 89)] }, 'in-use'],
  ['used exactly 90 days ago', { claims: [claim('ec2:RunInstances', 90)] }, 'unused'],
  ['an unreadable time of use', { used: [{ what: '', at: 'soon', by: 'x' }] }, 'in-use'],
  ['only denied, says the log', { claims: [claim('ec2:RunInstances', 3), claim('', 3)], log: [logged('ec2:RunInstances', 3, true)] }, 'unused'],
  ['denied now, allowed before', { claims: [claim('ec2:RunInstances', 3)], log: [logged('ec2:RunInstances', 3, true), logged('ec2:RunInstances', 40, false)] }, 'in-use'],
  ['another action was denied', { claims: [claim('ec2:RunInstances', 3)], log: [logged('ec2:StopInstances', 3, true)] }, 'in-use'],
  ['denied at another time', { claims: [claim('ec2:RunInstances', 3)], log: [logged('ec2:RunInstances', 4, true)] }, 'in-use'],
  ['a service without its action, though something there was denied', { claims: [claim('s3', 3)], log: [logged('s3:ListBuckets', 3, true)] }, 'in-use'],
  ['the log alone has it, the report is late', { log: [logged('ec2:RunInstances', 0.01, false)] }, 'in-use'],
  ['half of what is granted is idle', { used: [claim('', 1)], services: { granted: ['a', 'b'], used: ['a'] } }, 'over-permitted'],
  ['less than half is idle', { used: [claim('', 1)], services: { granted: ['a', 'b', 'c'], used: ['a', 'b'] } }, 'in-use'],
  ['unused counts before over-permitted', { services: { granted: ['a', 'b'], used: [] } }, 'unused'],
])('%s: %s', (_what, over, outcome) => expect(judge(seen(over), rules, now).outcome).toBe(outcome));

const anyLog = fc.array(fc.record({ what: fc.constantFrom('ec2:A', 'ec2:B', 's3:C'), days: fc.integer({ min: 0, max: 200 }), denied: fc.boolean() }).map(({ what, days, denied }) => logged(what, days, denied)), { maxLength: 8 });
const anyClaims = fc.array(fc.record({ what: fc.constantFrom('', 'ec2', 'ec2:A', 'ec2:B', 's3:C'), days: fc.integer({ min: 0, max: 200 }) }).map(({ what, days }) => claim(what, days)), { maxLength: 6 });

test('whatever was read: never proposed while exempt, young or unreadable; a success in the window is always use; a denial alone never is', () => {
  fc.assert(fc.property(anyLog, anyClaims, fc.integer({ min: 0, max: 400 }), fc.boolean(), fc.boolean(), (log, claims, age, exempt, failed) => {
    const of = seen({ log, claims, createdAt: ago(age), exempt: exempt ? 'x' : null, failed: failed ? ['x'] : [] });
    const { outcome } = judge(of, rules, now);
    if (exempt || failed || age < 90) expect(['unused', 'over-permitted']).not.toContain(outcome);
    if (log.some((one) => !one.denied && now - Date.parse(one.at) < rules.windowMs)) expect(outcome).not.toBe('unused');
    const onlyDenials = seen({ log: log.map((one) => ({ ...one, denied: true })) });
    expect(usesOf(onlyDenials)).toEqual([]);
    expect(judge(onlyDenials, rules, now).outcome).toBe('unused');
  }), { numRuns: 2_000 });
});

test('a claim that the log knows nothing of stays a use: unused is never a guess', () => {
  fc.assert(fc.property(anyClaims, (claims) => expect(usesOf(seen({ claims }))).toHaveLength(claims.length)));
});

test('in quarantine even a denied attempt is heard', () => {
  expect(triedSince(seen({ log: [logged('s3:C', 1, true), logged('s3:C', 5, true)], claims: [claim('ec2', 2)] }), now - 3 * DAY).map((one) => one.what)).toEqual(['s3:C', 'ec2']);
});

test.each<[string | undefined, number]>([[undefined, 90], ['2026-05-01', 90], ['nonsense', 90], ['2099-01-01', 365]])('needed until %s: %d days', (named, days) => {
  expect(neededUntil(named, { neededMs: 90 * DAY, neededAtMostMs: 365 * DAY }, now)).toBe(now + days * DAY);
});
test('the named day counts to its end', () => expect(new Date(neededUntil('2026-07-01', { neededMs: DAY, neededAtMostMs: 365 * DAY }, now)).toISOString()).toBe('2026-07-01T23:59:59.999Z'));

test('one review a subject, however it is spelt, and nothing readable in its id', () => {
  const of = { provider: 'aws' as const, account: '1', kind: 'role' as const };
  expect(reviewIdOf({ ...of, id: 'arn:X' })).toBe(reviewIdOf({ ...of, id: 'ARN:x' }));
  expect(reviewIdOf({ ...of, id: 'arn:X' })).toMatch(/^rev-[0-9a-f]{20}$/);
});

describe('who is asked', () => {
  const person = (id: string, over: Partial<Person> = {}): Person => ({ id, name: id, email: `${id}@example.com`, slack: null, identities: [], roles: [], active: true, ...over });
  const people = [person('olga', { manager: 'mia' }), person('mia', { manager: 'cleo' }), person('cleo'), person('gone', { active: false, manager: 'mia' }), person('dana', { identities: ['arn:aws:iam::1:user/dana'], manager: 'mia' }), person('round', { active: false, manager: 'about' }), person('about', { active: false, manager: 'round' })];
  const config = { tags: ['Owner', 'team-owner'], register: [{ subject: '*/batch-*', owner: 'cleo' }] };
  const of = (id = 'arn:aws:iam::1:role/x') => ({ id, name: id.split('/').pop()! });
  const ask = (tags: Record<string, string>, id?: string, requester: string | null = null) => ownerOf(of(id), tags, people, config, requester);

  test.each<[string, Record<string, string>, string | undefined, string | null, string | null]>([
    ['the tag, by id', { owner: 'olga' }, undefined, null, 'olga'],
    ['the tag, by address, whatever its case', { owner: 'OLGA@example.com ' }, undefined, null, 'olga'],
    ['the first tag that names somebody', { owner: 'team blue', 'team-owner': 'cleo' }, undefined, null, 'cleo'],
    ['the register, when no tag does', {}, 'arn:aws:iam::1:role/batch-7', null, 'cleo'],
    ['the tag before the register', { owner: 'olga' }, 'arn:aws:iam::1:role/batch-7', null, 'olga'],
    ['the manager of somebody who has left', { owner: 'gone' }, undefined, null, 'mia'],
    ['the manager of whose identity it is', {}, 'arn:aws:iam::1:user/dana', null, 'mia'],
    ['never oneself about one’s own identity', { owner: 'dana' }, 'arn:aws:iam::1:user/dana', null, 'mia'],
    ['never who asked for the audit', { owner: 'olga' }, undefined, 'olga', 'mia'],
    ['nobody for a name that is nobody’s', { owner: 'mallory' }, undefined, null, null],
    ['nobody for an empty tag', { owner: ' ' }, undefined, null, null],
    ['nobody where managers go round in a circle', { owner: 'round' }, undefined, null, null],
    ['nobody where nothing is known', {}, undefined, null, null],
  ])('%s', (_what, tags, id, requester, owner) => expect(ask(tags, id, requester).owner).toBe(owner));

  test('whom the cloud names comes after tags and register, by any of their names; strangers and who has left do not answer', () => {
    const by = (owners: string[][], tags = {}, id?: string) => ownerOf(of(id), tags, people, config, null, owners.map((names) => ({ names, because: 'owner in Entra' })));
    expect(by([['0-0', 'stranger@elsewhere.example'], ['1-1', 'olga@example.com']])).toMatchObject({ owner: 'olga', backup: ['mia'], because: 'owner in Entra' });
    expect(by([['cleo']], { owner: 'olga' }).owner).toBe('olga');
    expect(by([['olga']], {}, 'arn:aws:iam::1:role/batch-7').owner).toBe('cleo');
    expect(by([['gone']])).toMatchObject({ owner: 'mia', because: 'owner in Entra: manager of gone' });
    expect(by([['dana']], {}, 'arn:aws:iam::1:user/dana').owner).toBe('mia');
    expect(by([['nobody']]).owner).toBeNull();
  });
  test('a name that two people bear is nobody’s', () => {
    const twice = [...people, person('olga2', { email: 'olga@example.com' })];
    expect(ownerOf(of(), { owner: 'olga@example.com' }, twice, config, null).owner).toBeNull();
  });
  test('the owner’s manager stands in, and whose identity it is is barred', () => {
    expect(ask({ owner: 'olga' })).toMatchObject({ backup: ['mia'], because: 'tag Owner', recused: [] });
    expect(ask({ owner: 'olga' }, 'arn:aws:iam::1:user/dana')).toMatchObject({ owner: 'olga', recused: ['dana'] });
  });
  test('a question to named people is theirs alone, still active, never the requester’s nor the recused’s', () => {
    const sets = { approve: { approvers: ['cleo'], backup: ['cleo'] }, dual: { approvers: [], backup: [] }, 'break-glass': { approvers: [], backup: [] } };
    const request = { tier: 'approve' as const, requester: 'mia', recused: ['dana'], deciders: { people: ['olga', 'gone', 'dana'], backup: ['mia', 'cleo'] } };
    expect(approversOf(people, sets, request, false).map((one) => one.id)).toEqual(['olga']);
    expect(approversOf(people, sets, request, true).map((one) => one.id)).toEqual(['olga', 'cleo']);
  });
});

test('a date belongs to a no, to a question that takes one, and lies ahead', () => {
  const request = { id: 'apr-0', incident: null, tier: 'approve' as const, title: '', changes: [], because: [], ifNobodyAnswers: '', onTimeout: 'stay-undone' as const, digest: 'd', requester: null, recused: [], quorum: 1, deadlineMs: DAY, remindEveryMs: 0, backupAfterMs: DAY };
  const state = (words?: { approve: string; deny: string; date?: string }) => ({ ...openApproval({ ...request, ...(words && { words }) }, now), approvers: ['olga'] });
  const vote = (decision: 'approve' | 'deny', until: string) => ({ person: 'olga', decision, digest: 'd', reason: 'seen', until, via: 'slack' as const, voteId: 'v' });
  const dated = state({ approve: 'a', deny: 'd', date: 'until' });
  expect(checkVote(dated, vote('deny', '2026-07-01'), now)).toBeNull();
  for (const [of, one] of [[dated, vote('approve', '2026-07-01')], [dated, vote('deny', '2026-05-01')], [dated, vote('deny', '1.7.2026')], [dated, vote('deny', '2026-13-01')], [state({ approve: 'a', deny: 'd' }), vote('deny', '2026-07-01')], [state(), vote('deny', '2026-07-01')]] as const) {
    expect(checkVote(of, one, now)).toMatchObject({ code: 'INVALID_INPUT' });
  }
});
