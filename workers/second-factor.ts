import { PasskeyRefused, verifyAssertion, type Register, type RelyingParty } from '../approvals/passkey';
import { fail } from '../activities/boundary';
import { approversOf } from '../playbook/approvers';
import type { ApprovalResult } from '../playbook/model/approval';
import type { Config } from './config/schema';
import { relyingParty, secondFactorRequired } from './config/passkeys';
import { passkeyRegister } from './passkeys';

export type CheckFactors = (result: ApprovalResult) => Promise<void>;

/**
 * Verifies an approval's passkeys again, where the credential is lent: each signature over this approval and this plan, by keys of the register, of people who may
 * decide in this tier. So a yes that only stands in Temporal lends nothing, whoever wrote it there. Throws NOT_APPROVED.
 */
export function checkFactors(config: Pick<Config, 'people' | 'approvals'>, party: RelyingParty, register: Pick<Register, 'find'>): CheckFactors {
  const { quorum, approvers, backup } = config.approvals['break-glass'];
  const sets = { approve: { approvers: [], backup: [] }, dual: { approvers: [], backup: [] }, 'break-glass': { approvers, backup } };
  return async ({ id, digest, votes, confirmations = [] }) => {
    const may = new Set(approversOf(config.people, sets, { tier: 'break-glass', requester: null, recused: [] }, true).map((one) => one.id));
    const proven = new Set<string>();
    for (const { person, nonce, expires, at, assertion } of confirmations) {
      const voted = votes.some((vote) => vote.person === person && vote.decision === 'approve' && vote.digest === digest);
      if (!voted || !may.has(person) || Date.parse(at) > Date.parse(expires)) continue;
      const { passkey } = await verifyAssertion(register, party, { purpose: 'confirm', subject: id, digest, nonce, expires }, assertion).catch((error: unknown) => {
        if (error instanceof PasskeyRefused) throw fail('NOT_APPROVED', `${id}: the second factor of ${person} does not hold (${error.message})`);
        throw error;
      });
      if (passkey.person !== person) throw fail('NOT_APPROVED', `${id}: the second factor of ${person} is of another person`);
      proven.add(person);
    }
    if (proven.size < quorum) throw fail('NOT_APPROVED', `${id}: ${proven.size} of ${quorum} approvers proved themselves with a passkey`);
  };
}

/** As configured; null where break-glass needs no second factor. */
export function configuredFactors(config: Config): CheckFactors | null {
  const party = relyingParty(config);
  return secondFactorRequired(config) && party ? checkFactors(config, party, passkeyRegister(config)) : null;
}
