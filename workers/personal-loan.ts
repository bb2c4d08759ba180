import { PasskeyRefused, verifyAssertion, type Register, type RelyingParty } from '../approvals/passkey';
import { fail } from '../activities/boundary';
import type { PersonalLoan } from '../activities/contract';
import { PEOPLE } from '../activities/vault';
import { personalDigest } from '../playbook/break-glass-person';
import type { Person } from '../playbook/model/people';
import type { ApprovalResult } from '../playbook/model/approval';
import type { Config } from './config/schema';
import { relyingParty } from './config/passkeys';
import { passkeyRegister } from './passkeys';
import { configuredFactors, type CheckFactors } from './second-factor';

export interface LoanDeps {
  config: Pick<Config, 'people' | 'vault' | 'approvals'>;
  party: RelyingParty;
  register: Pick<Register, 'find'>;
  factors: CheckFactors | null;
  resultOf(approval: string): Promise<ApprovalResult | null>;
}

/**
 * Whether this person may have this credential, decided where the vault is and from the configuration, the register and signatures alone: the credential is one for people,
 * the person one of its requesters, their own passkey signed this very request and page, and the managers said yes to it (or a configured bypass holds). Throws NOT_APPROVED.
 */
export function confirmLoan(deps: LoanDeps) {
  return async ({ id, approval, request, claim }: PersonalLoan): Promise<{ ttlMs: number }> => {
    const no = (why: string): Error => fail('NOT_APPROVED', `${id}: ${why}`);
    const { config } = deps;
    const entry = config.vault?.people.find((one) => `${PEOPLE}${one.name}` === request.credential && one.account === request.account);
    if (!entry) throw no(`${request.credential} of account ${request.account} is not lent to people`);
    if (!isAmong(config.people, entry.requesters, request.requester)) throw no(`${request.requester} is not among its requesters`);
    const digest = personalDigest(request);
    if (claim.person !== request.requester || claim.digest !== digest) throw no('the claim is of another person or request');
    const { passkey } = await verifyAssertion(deps.register, deps.party, { purpose: 'claim', subject: id, digest, nonce: claim.nonce, expires: claim.expires, sealTo: claim.sealTo }, claim.assertion)
      .catch((error: unknown) => { throw error instanceof PasskeyRefused ? no(`the claim does not hold (${error.message})`) : error; });
    if (passkey.person !== request.requester) throw no('the claim is by another person’s passkey');

    const found = await deps.resultOf(approval);
    if (!found || found.digest !== digest) throw no(`${approval} did not ask about this request`);
    if (found.outcome === 'approved') {
      if (found.votes.some((vote) => vote.person === request.requester)) throw no('nobody approves their own request');
      await deps.factors?.({ ...found, id: approval });
      return { ttlMs: request.ttlMs };
    }
    const { bypass } = config.approvals['break-glass'];
    if (found.outcome !== 'expired' || !bypass || !request.bypass) throw no(`${approval} did not approve it (${found.outcome})`);
    if (!isAmong(config.people, bypass.who, request.requester)) throw no(`${request.requester} may not bypass an approval`);
    return { ttlMs: Math.min(request.ttlMs, bypass.lease) };
  };
}

/** Active, and named by id or role. */
export function isAmong(people: readonly Person[], rules: readonly string[], id: string): boolean {
  const person = people.find((one) => one.id === id);
  return person?.active === true && rules.some((rule) => (rule.startsWith('role:') ? person.roles.includes(rule.slice('role:'.length)) : rule === id));
}

/** As configured; undefined where nothing is lent to people. */
export function configuredLoan(config: Config, resultOf: LoanDeps['resultOf']): ReturnType<typeof confirmLoan> | undefined {
  const party = relyingParty(config);
  if (!party || !config.vault?.people.length) return undefined;
  return confirmLoan({ config, party, register: passkeyRegister(config), factors: configuredFactors(config), resultOf });
}
