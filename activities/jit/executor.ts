import { digestOf } from '../../playbook/digest';
import type { Before, Entitlement, GrantOrder, Looked } from '../../playbook/jit/model';
import { MAX_GRANT_MS, minutes } from '../../playbook/jit/rules';
import { utf8ToBytes } from '@noble/hashes/utils';
import { canonicalJson } from '../../playbook/json';
import type { ProviderId } from '../../playbook/model/principal';
import { classified, type ApprovalProof } from '../actions';
import { fail, type Classifier } from '../boundary';
import type { JitProviderActivities } from '../contract-jit';
import type { EvidenceSink } from '../evidence/sink';

/** One way of giving access. Providers differ; what is promised does not. */
export interface GrantExecutor<Ctx> {
  kind: Entitlement['kind'];
  permissions: readonly string[];
  /** Reads who the person is there and whether the access is standing. Throws GRANT_REFUSED for a person it does not know, PROTECTED_PRINCIPAL. */
  look(ctx: Ctx, order: GrantOrder): Promise<Before>;
  /** The provider's own end first, wherever it has one, then the access: whoever dies in between leaves nothing open. */
  give(ctx: Ctx, order: GrantOrder, before: Before, until: string): Promise<Looked>;
  /** Sessions first, then the access, then both are read back. */
  end(ctx: Ctx, order: GrantOrder, before: Before, since: string): Promise<Looked>;
}

export interface GrantDeps<Ctx> {
  approvals: ApprovalProof;
  evidence: EvidenceSink;
  classify: Classifier;
  now(): Date;
  withContext<T>(input: { incident: string; caseKey: string }, use: (context: Ctx) => Promise<T>): Promise<T>;
}

/** A request that left on time may arrive a little late. */
const SLACK_MS = 60_000;

/** `<provider>.jit.look|give|end`: what is given is what was approved, for two hours at most, whatever the caller says. */
export function createGrantActivities<Ctx>(provider: ProviderId, executors: readonly GrantExecutor<Ctx>[], deps: GrantDeps<Ctx>): Record<string, (input: never) => Promise<unknown>> {
  const executorOf = ({ entitlement }: GrantOrder): GrantExecutor<Ctx> => {
    const found = executors.find((one) => one.kind === entitlement.kind);
    if (!found) throw fail('NOT_SUPPORTED', `no way to give ${entitlement.kind} on ${provider}`);
    return found;
  };
  const inside = <T>(caseKey: string, use: (context: Ctx) => Promise<T>): Promise<T> => deps.withContext({ incident: '', caseKey }, use);
  const activities: JitProviderActivities = {
    look: ({ caseKey, order }) => inside(caseKey, (ctx) => executorOf(order).look(ctx, order)),
    give: async ({ caseKey, order, approval, before, until }) => {
      await assertApproved(deps, order, approval, until);
      await deps.evidence.keep(caseKey, 'grant', utf8ToBytes(canonicalJson(order)), 'application/json');
      return inside(caseKey, (ctx) => executorOf(order).give(ctx, order, before, until));
    },
    end: ({ caseKey, order, before, since }) => inside(caseKey, (ctx) => executorOf(order).end(ctx, order, before, since)),
  };
  return Object.fromEntries(Object.entries(activities).map(([name, run]) => [`${provider}.jit.${name}`, classified(deps.classify, run as (input: never) => Promise<unknown>)]));
}

async function assertApproved<Ctx>(deps: GrantDeps<Ctx>, order: GrantOrder, approval: string, until: string): Promise<void> {
  const left = Date.parse(until) - deps.now().getTime();
  if (!(order.forMs <= MAX_GRANT_MS) || !(left <= MAX_GRANT_MS + SLACK_MS)) throw fail('GRANT_REFUSED', `a grant lasts ${minutes(MAX_GRANT_MS)} minutes at most`);
  if (left <= 0) throw fail('GRANT_REFUSED', 'the grant is over already');
  const found = await deps.approvals.outcomeOf(approval);
  if (!found || found.outcome !== 'approved' || found.digest !== digestOf(order)) throw fail('NOT_APPROVED', `${approval} did not approve this grant${found ? ` (${found.outcome})` : ''}`);
}
