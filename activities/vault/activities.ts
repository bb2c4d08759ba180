import { heartbeat } from '@temporalio/activity';
import { fail, toFailure } from '../boundary';
import type { BreakGlassActivities, PersonalLoan } from '../contract';
import type { VaultClient } from './client';
import { Kv } from './kv';
import { PEOPLE } from './lock';
import { checkout, reclaim, returnLease } from './leases';
import { deliver, settle } from './people';
import type { RotatableCredential } from './provider';
import { rotate } from './rotation';

export interface VaultDeps {
  vault: VaultClient;
  /** KV v2 mount of the emergency credentials; `break-glass` by default. */
  mount?: string;
  /** The provider's side of a credential in an account, e.g. `awsAccessKey` with the account's endpoint. */
  providerFor(credential: string, account: string): RotatableCredential;
  /** Asks Temporal itself whether this approval said yes to this digest for this incident; throws NOT_APPROVED. */
  confirmApproval(input: { approval: string; digest: string; incident: string }): Promise<void>;
  /** Whether this person may have it now: the approval (or the bypass) and their own passkey over this request and page; throws NOT_APPROVED. Says for how long. Left out where nothing is lent to people. */
  confirmLoan?(loan: PersonalLoan): Promise<{ ttlMs: number }>;
  /** How long a key may take to work or to die before ROTATION_UNPROVEN; 60 s by default. Keep it below the activity's startToClose. */
  boundMs?: number;
  /** The running activity's heartbeat by default. */
  beat?: (detail: string) => void;
}

/** The activities of task queue `tourniquet-break-glass` that speak to the vault. No secret leaves them, in a result or in a failure. */
export function createVaultActivities(deps: VaultDeps): BreakGlassActivities {
  const kv = new Kv(deps.vault, deps.mount ?? 'break-glass');
  const beat = deps.beat ?? ((detail: string) => heartbeat(detail));
  const once = <I, O>(work: (input: I) => Promise<O>) => async (input: I): Promise<O> => {
    try {
      return await work(input);
    } catch (error) {
      throw toFailure(error, () => null);
    }
  };
  return {
    checkOut: once(async (input) => {
      if (input.credential.startsWith(PEOPLE)) throw fail('NOT_APPROVED', 'this credential is lent to people only');
      await deps.confirmApproval({ approval: input.approval, digest: input.digest, incident: input.incident });
      return checkout(kv, { credential: input.credential, account: input.account, incident: input.incident, holder: input.holder, approval: input.approval, ttlSeconds: input.ttlMs / 1000 });
    }),
    returnCredential: once(({ lease }) => returnLease(kv, lease)),
    rotateCredential: once(({ lease }) => rotate({
      kv, provider: deps.providerFor(lease.credential, lease.account),
      patience: { boundMs: deps.boundMs ?? 60_000, onLook: () => beat('looking') },
      onStep: beat,
    }, lease)),
    checkOutForPerson: once(async (loan) => {
      const { ttlMs } = await mayHave(deps, loan);
      const { id, approval, request } = loan;
      return checkout(kv, { credential: request.credential, account: request.account, incident: id, holder: request.requester, approval, ttlSeconds: ttlMs / 1000 });
    }),
    deliverToPerson: once(async ({ lease, ...loan }) => {
      await mayHave(deps, loan);
      return deliver(kv, loan.id, lease, loan.claim);
    }),
    settleForPerson: once(({ lease, provenAt }) => settle(kv, lease, provenAt)),
    reclaimCredential: once(({ credential, by }) => reclaim(kv, credential, by)),
  };
}

function mayHave(deps: VaultDeps, loan: PersonalLoan): Promise<{ ttlMs: number }> {
  if (!deps.confirmLoan || !loan.request.credential.startsWith(PEOPLE)) throw fail('NOT_APPROVED', 'this credential is not lent to people');
  return deps.confirmLoan(loan);
}
