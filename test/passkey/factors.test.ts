import { codeOf } from '../../activities/boundary';
import type { ApprovalResult } from '../../playbook/model/approval';
import { checkFactors } from '../../workers/second-factor';
import { OTHER_DIGEST, vote } from '../approvals/fixtures';
import { APPROVAL, Office, PARTY, person } from './desk';

/** What is decided where the credential is lent: only signatures count, never what Temporal says of them. */
async function confirmed(): Promise<{ office: Office; result: ApprovalResult }> {
  const office = new Office();
  const mia = await office.enrol('mia');
  office.asked.click('mia');
  await office.confirmWith(mia);
  const { votes, confirmations, request } = office.asked.state;
  return { office, result: { id: APPROVAL, digest: request.digest, outcome: 'approved', votes, confirmations, decidedAt: new Date(office.now).toISOString() } };
}

const check = (office: Office, result: ApprovalResult, over: { quorum?: number; approvers?: string[]; people?: typeof office.people } = {}): Promise<string> => {
  const tier = { approvers: over.approvers ?? ['role:manager'], backup: [], quorum: over.quorum ?? 1 };
  const config = { people: over.people ?? office.people, approvals: { approve: tier, dual: tier, 'break-glass': tier } } as never;
  return checkFactors(config, PARTY, office.desk.register)(result).then(() => 'lent', (error: unknown) => codeOf(error) ?? String(error));
};

test('a confirmed yes lends the credential', async () => {
  const { office, result } = await confirmed();
  expect(await check(office, result)).toBe('lent');
});

test('a forged approval lends nothing: no passkey, a made-up one, one of another plan, another question, another person, moved on, or too few', async () => {
  const { office, result } = await confirmed();
  const [factor] = result.confirmations!;
  const bent = (over: object): ApprovalResult => ({ ...result, confirmations: [{ ...factor!, ...over }] });
  const forged: [string, ApprovalResult, Parameters<typeof check>[2]?][] = [
    ['none', { ...result, confirmations: [] }],
    ['absent', { ...result, confirmations: undefined }],
    ['rubbish', bent({ assertion: { id: 'x' } })],
    ['another plan', { ...bent({ digest: OTHER_DIGEST }), digest: OTHER_DIGEST, votes: [{ ...vote('mia', 'approve', { digest: OTHER_DIGEST }), at: factor!.at }] }],
    ['another question', { ...result, id: 'apr-ffffffffffffffffffff' }],
    ['another nonce', bent({ nonce: 'nonce-0123456789abcdef' })],
    ['a longer life', bent({ expires: new Date(office.now + 3_600_000).toISOString() })],
    ['answered after its end', bent({ at: new Date(office.now + 3_600_000).toISOString() })],
    ['in the name of another', { ...bent({ person: 'ben' }), votes: [{ ...vote('ben'), at: factor!.at }] }],
    ['without a vote', { ...result, votes: [] }],
    ['beside a no', { ...result, votes: [{ ...vote('mia', 'deny'), at: factor!.at }] }],
    ['twice the same person', { ...result, confirmations: [factor!, factor!] }, { quorum: 2 }],
    ['of somebody who may not decide', result, { approvers: ['ben'] }],
    ['of somebody who has left', result, { people: [person('mia', { active: false })] }],
  ];
  for (const [what, one, over] of forged) expect([what, await check(office, one, over)]).toEqual([what, 'NOT_APPROVED']);
});

test('a passkey revoked in between lends nothing', async () => {
  const { office, result } = await confirmed();
  const [passkey] = await office.desk.register.all(['mia']);
  await office.desk.register.revoke(passkey!.credentialId, 'admin', 'stolen');
  expect(await check(office, result)).toBe('NOT_APPROVED');
});
