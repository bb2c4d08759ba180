import fc from 'fast-check';
import type { AccessRequest, Entitlement, Grant } from '../../playbook/jit/model';
import { checkAccessRequest, checkExtension, checkReturn, checkTerms, grantsIdOf, inheritedBefore, lastEnd, MAX_GRANT_MS, MIN_GRANT_MS, MOST_OPEN, sharing } from '../../playbook/jit/rules';

const entitlement: Entitlement = { kind: 'aws-identity-center', account: '111122223333', permissionSetArn: 'arn:aws:sso:::permissionSet/a/b' };
const request = (over: Partial<AccessRequest> = {}): AccessRequest => ({ request: 'r1', role: 'admin', account: 'production', forMs: MAX_GRANT_MS, reason: 'deploy', via: 'cli', ...over });
const grant = (over: Partial<Grant> = {}): Grant => ({
  id: 'gr-1', request: request(), askedAt: 0, state: 'active', approval: 'apr-1', approvers: ['ben'], grantedAt: 1_000, until: 1_000 + 60 * 60_000, before: { present: false, principal: 'u' }, extension: null, ending: null, endedAt: null, note: '',
  terms: { identities: [], accountName: 'production', entitlement, tier: 'approve', maxMs: MAX_GRANT_MS, approvals: {} as never, consoleUrl: null }, ...over,
});

test.each<[string, Partial<AccessRequest>]>([
  ['longer than two hours', { forMs: MAX_GRANT_MS + 1 }], ['too short', { forMs: MIN_GRANT_MS - 1 }], ['not a number', { forMs: Number.NaN }], ['endless', { forMs: Infinity }], ['a fraction', { forMs: MIN_GRANT_MS + 0.5 }],
  ['text for a length', { forMs: '7200000' as never }], ['no reason', { reason: ' ' }], ['a novel', { reason: 'x'.repeat(501) }], ['no role', { role: '' }], ['no account', { account: undefined as never }], ['an unknown edge', { via: 'mail' as never }],
])('refused: %s', (_name, over) => {
  expect(checkAccessRequest([], request(over))).not.toBeNull();
});

test('two hours are fine, and the same click twice is no second request', () => {
  expect(checkAccessRequest([], request())).toBeNull();
  const full = Array.from({ length: MOST_OPEN }, (_, index) => grant({ id: `gr-${index}`, request: request({ request: `r${index}` }) }));
  expect(checkAccessRequest(full, request({ request: 'another' }))?.code).toBe('GRANT_REFUSED');
  expect(checkAccessRequest(full, request({ request: 'r3' }))).toBeNull();
});

test('the role’s own limit holds, and never reaches beyond two hours', () => {
  expect(checkTerms(request({ forMs: 31 * 60_000 }), { maxMs: 30 * 60_000 })?.message).toMatch(/30 minutes at most/);
  expect(checkTerms(request({ forMs: MAX_GRANT_MS + 1 }), { maxMs: 10 * MAX_GRANT_MS })?.message).toMatch(/120 minutes at most/);
});

test('whatever is asked for, in whatever order, no grant lives longer than two hours from where it began', () => {
  fc.assert(fc.property(fc.integer({ min: MIN_GRANT_MS, max: MAX_GRANT_MS }), fc.array(fc.record({ forMs: fc.oneof(fc.integer({ min: -1, max: 3 * MAX_GRANT_MS }), fc.double()), at: fc.integer({ min: 0, max: 3 * MAX_GRANT_MS }) })), (first, wishes) => {
    const one = grant({ grantedAt: 0, until: first });
    for (const { forMs, at } of wishes.sort((a, b) => a.at - b.at)) {
      if (checkExtension(one, 'dana', 'dana', forMs, 'more', at) === null) one.until = one.grantedAt! + forMs;
      expect(one.until! - one.grantedAt!).toBeLessThanOrEqual(MAX_GRANT_MS);
      if (at >= one.until!) expect(checkExtension(one, 'dana', 'dana', MAX_GRANT_MS, 'more', at)).not.toBeNull();
    }
  }));
});

test.each<[string, Parameters<typeof checkExtension>]>([
  ['somebody else’s', [grant(), 'ben', 'dana', MAX_GRANT_MS, 'more', 2_000]], ['none', [undefined, 'dana', 'dana', MAX_GRANT_MS, 'more', 2_000]], ['one that waits', [grant({ state: 'waiting' }), 'dana', 'dana', MAX_GRANT_MS, 'more', 2_000]],
  ['one that is over', [grant(), 'dana', 'dana', MAX_GRANT_MS, 'more', 1_000 + 60 * 60_000]], ['one that ends', [grant({ ending: { why: 'returned', by: 'dana', at: 1 } }), 'dana', 'dana', MAX_GRANT_MS, 'more', 2_000]],
  ['to an earlier end', [grant(), 'dana', 'dana', MIN_GRANT_MS, 'more', 2_000]], ['without a reason', [grant(), 'dana', 'dana', MAX_GRANT_MS, '', 2_000]],
  ['twice at once', [grant({ extension: { id: 'x', forMs: 1, reason: '', approval: null, at: 0 } }), 'dana', 'dana', MAX_GRANT_MS, 'more', 2_000]],
])('no extension: %s', (_name, args) => {
  expect(checkExtension(...args)).not.toBeNull();
});

test('its person, and who approved it, can end it; nobody else', () => {
  expect(checkReturn(grant(), 'dana', 'dana')).toBeNull();
  expect(checkReturn(grant(), 'ben', 'dana')).toBeNull();
  expect(checkReturn(grant(), 'eve', 'dana')).not.toBeNull();
  expect(checkReturn(grant({ state: 'ended' }), 'dana', 'dana')).not.toBeNull();
});

test('overlapping grants share what they open, and nothing else', () => {
  const first = grant({ id: 'gr-1' });
  const second = grant({ id: 'gr-2', until: 9_000_000 });
  const elsewhere = grant({ id: 'gr-3', terms: { ...grant().terms!, entitlement: { ...entitlement, account: '999988887777' } as Entitlement } });
  const waiting = grant({ id: 'gr-4', state: 'waiting', before: null });
  expect(sharing([first, second, elsewhere, waiting], first).map((one) => one.id)).toEqual(['gr-2']);
  expect(lastEnd([first, second])).toBe(9_000_000);
});

test('what a grant that is still ending left behind is ours, not something that was there before', () => {
  const ending = grant({ id: 'gr-1', state: 'ending' });
  expect(inheritedBefore([ending, grant({ id: 'gr-2', before: null })], grant({ id: 'gr-2', before: null }))).toEqual({ present: false, principal: 'u' });
  expect(inheritedBefore([grant({ id: 'gr-1', state: 'ended' })], grant({ id: 'gr-2' }))).toBeNull();
});

test('ids show nobody', () => {
  expect(grantsIdOf('dana')).toMatch(/^jit-[0-9a-f]{20}$/);
  expect(grantsIdOf('dana')).not.toBe(grantsIdOf('ben'));
});
