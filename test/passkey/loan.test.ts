import { codeOf } from '../../activities/boundary';
import type { PersonalLoan } from '../../activities/contract';
import { Claims } from '../../approvals/passkey';
import { personalDigest, type PersonalRequest } from '../../playbook/break-glass-person';
import type { ApprovalResult } from '../../playbook/model/approval';
import { ClaimingPage } from '../../sandbox/passkey';
import { confirmLoan } from '../../workers/personal-loan';
import { requestOf } from '../../workers/personal-request';
import { vote } from '../approvals/fixtures';
import { APPROVAL, Office, PARTY, person, refusal, REQUEST } from './desk';

/** What is decided where the vault is, before anything is lent to a person: configuration, register and signatures, never what a workflow says. */
const request = (over: Partial<PersonalRequest> = {}): PersonalRequest =>
  ({ credential: 'people.root', what: 'root password', account: '111111111111', requester: 'ada', reason: 'close the support case', ttlMs: 1_800_000, bypass: null, ...over });

const BYPASS = { afterMs: 900_000, ttlMs: 600_000 };
const settings = (over: { bypass?: object | null; requesters?: string[] } = {}) => ({
  vault: { people: [{ name: 'root', what: 'root password', account: '111111111111', requesters: over.requesters ?? ['ada'] }] },
  approvals: { 'break-glass': { quorum: 1, approvers: ['role:manager'], backup: [], bypass: over.bypass ?? null } },
});

async function claimed(over: Partial<PersonalRequest> = {}): Promise<{ office: Office; loan: PersonalLoan; result: ApprovalResult }> {
  const office = new Office();
  office.claims.view = { ...office.claims.view, digest: personalDigest(request(over)) };
  const ada = await office.enrol('ada');
  const claims = new Claims(office.desk, office.claims);
  const { nonce, options } = await claims.question(REQUEST, new ClaimingPage().sealTo);
  await claims.claim(REQUEST, nonce, ada.authenticate(options));
  const digest = personalDigest(request(over));
  return {
    office, loan: { id: REQUEST, caseKey: REQUEST, approval: APPROVAL, request: request(over), claim: office.claims.claimed! },
    result: { id: APPROVAL, digest, outcome: 'approved', votes: [{ ...vote('mia', 'approve', { digest }), at: new Date(office.now).toISOString() }], decidedAt: new Date(office.now).toISOString() },
  };
}

const decide = (office: Office, loan: PersonalLoan, result: ApprovalResult | null, over: Parameters<typeof settings>[0] = {}, factors: Parameters<typeof confirmLoan>[0]['factors'] = null): Promise<string> =>
  confirmLoan({ config: { people: office.people, ...settings(over) } as never, party: PARTY, register: office.desk.register, factors, resultOf: () => Promise.resolve(result) })(loan)
    .then(({ ttlMs }) => `${ttlMs} ms`, (error: unknown) => codeOf(error) ?? String(error));

test('approved, and claimed by the passkey of the requester: lent for as long as was asked', async () => {
  const { office, loan, result } = await claimed();
  expect(await decide(office, loan, result)).toBe('1800000 ms');
});

test('forged in any part, nothing is lent', async () => {
  const { office, loan, result } = await claimed();
  await office.enrol('ben');
  const bent = (over: Partial<PersonalLoan['claim']>): PersonalLoan => ({ ...loan, claim: { ...loan.claim, ...over } });
  const cases: [string, PersonalLoan, ApprovalResult | null, Parameters<typeof settings>[0]?][] = [
    ['no approval', loan, null],
    ['denied', loan, { ...result, outcome: 'denied' }],
    ['expired without a bypass', loan, { ...result, outcome: 'expired' }],
    ['approved for something else', loan, { ...result, digest: 'f'.repeat(64) }],
    ['approved by the requester', loan, { ...result, votes: [{ ...vote('ada'), at: '' }] }],
    ['another credential', { ...loan, request: request({ credential: 'people.other' }) }, result],
    ['another account', { ...loan, request: request({ account: '222222222222' }) }, result],
    ['longer than confirmed', { ...loan, request: request({ ttlMs: 3_600_000 }) }, result],
    ['another page', bent({ sealTo: new ClaimingPage().sealTo }), result],
    ['another request', { ...loan, id: 'bgp-ffffffffffffffffffff' }, result],
    ['another nonce', bent({ nonce: 'nonce-0123456789abcdef' }), result],
    ['no signature', bent({ assertion: { id: 'x' } }), result],
    ['in the name of another', { ...bent({ person: 'ben' }), request: request({ requester: 'ben' }) }, result, { requesters: ['ada', 'ben'] }],
    ['not a requester', loan, result, { requesters: ['role:security'] }],
  ];
  for (const [what, one, found, over] of cases) expect([what, await decide(office, one, found, over)]).toEqual([what, 'NOT_APPROVED']);
  office.people = [person('ada', { active: false })];
  expect(await decide(office, loan, result)).toBe('NOT_APPROVED');
});

test('where a second factor is asked for, the managers’ passkeys are verified too', async () => {
  const { office, loan, result } = await claimed();
  const seen: string[] = [];
  const factors = (found: ApprovalResult): Promise<void> => { seen.push(found.id); return Promise.reject(new Error('none')); };
  expect(await decide(office, { ...loan, approval: 'apr-1' }, result, {}, factors)).toBe('Error: none');
  expect(seen).toEqual(['apr-1']);
});

test('a bypass holds only when nobody answered, the configuration has one, the request said so, and the person may; and for its shorter time', async () => {
  const { office, loan, result } = await claimed({ bypass: BYPASS });
  const expired = { ...result, outcome: 'expired' as const, votes: [] };
  const bypass = { who: ['ada'], after: 900_000, lease: 600_000 };
  expect(await decide(office, loan, expired, { bypass })).toBe('600000 ms');
  expect(await decide(office, loan, expired)).toBe('NOT_APPROVED');
  expect(await decide(office, loan, expired, { bypass: { ...bypass, who: ['role:ciso'] } })).toBe('NOT_APPROVED');
  expect(await decide(office, loan, { ...expired, outcome: 'denied' }, { bypass })).toBe('NOT_APPROVED');
  const unsaid = await claimed();
  expect(await decide(unsaid.office, unsaid.loan, { ...unsaid.result, outcome: 'expired' }, { bypass })).toBe('NOT_APPROVED');
});

describe('the page', () => {
  test('another person’s passkey, one that is not approved yet, a second time, a page without a key', async () => {
    const office = new Office();
    const [ada, ben] = [await office.enrol('ada'), await office.enrol('ben')];
    const claims = new Claims(office.desk, office.claims);
    const { sealTo } = new ClaimingPage();
    const wrong = await claims.question(REQUEST, sealTo);
    expect(await refusal(claims.claim(REQUEST, wrong.nonce, ben.authenticate(wrong.options)))).toMatch(/Only the person who asked/);
    expect(await refusal(claims.question(REQUEST, 'short'))).toMatch(/too old/);
    expect(await refusal(claims.question('bgp-../../x', sealTo))).toMatch(/no such request/);
    office.claims.view.status = 'asked';
    expect(await refusal(claims.question(REQUEST, sealTo))).toMatch(/not approved yet/);
    office.claims.view.status = 'ready';
    const right = await claims.question(REQUEST, sealTo);
    await claims.claim(REQUEST, right.nonce, ada.authenticate(right.options));
    expect(await refusal(claims.question(REQUEST, sealTo))).toMatch(/claimed already/);
  });
});

describe('asking', () => {
  const ask = (over: Partial<Parameters<typeof requestOf>[1]> = {}, config: Parameters<typeof settings>[0] = {}): string => {
    const made = requestOf({ people: [person('ada')], console: { url: 'https://tourniquet.example.com' }, passkeys: { backedUp: 'refuse' }, ...settings(config) } as never, { person: 'ada', credential: 'root', reason: 'close the case', ttlMs: 1_800_000, bypass: false, ...over });
    return 'refused' in made ? made.refused : made.request.credential;
  };
  test.each<[string, RegExp, Parameters<typeof ask>[0], Parameters<typeof settings>[0]]>([
    ['as configured', /^people\.root$/, {}, {}],
    ['an unknown credential', /no credential of that name/, { credential: 'other' }, {}],
    ['a person who may not', /not among the requesters/, { person: 'eve' }, {}],
    ['no reason', /--reason/, { reason: ' ' }, {}],
    ['too long', /--for/, { ttlMs: 3_600_001 }, {}],
    ['too short', /--for/, { ttlMs: 9_999 }, {}],
    ['a bypass that is not configured', /bypass does not allow/, { bypass: true }, {}],
    ['a bypass of another', /bypass does not allow/, { bypass: true }, { bypass: { who: ['ben'], after: 1, lease: 1 } }],
    ['a bypass that is', /^people\.root$/, { bypass: true }, { bypass: { who: ['ada'], after: 1, lease: 1 } }],
  ])('%s', (_name, words, over, config) => expect(ask(over, config)).toMatch(words));
});
