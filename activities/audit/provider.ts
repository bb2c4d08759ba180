import { utf8ToBytes } from '@noble/hashes/utils';
import type { Proposal } from '../../playbook/model/plan';
import type { ProviderId } from '../../playbook/model/principal';
import type { Observation, Subject } from '../../playbook/permission-audit/model';
import { makePlan, planText } from '../../playbook/plan';
import type { Action } from '../action';
import { classified, planProposals } from '../actions';
import type { Classifier } from '../boundary';
import type { AuditProviderActivities } from '../contract-audit';
import type { EvidenceSink } from '../evidence/sink';

/** A cloud, as the audit sees it. Its actions are the provider's own, by the same guards as every other. */
export interface AuditProvider<Ctx> {
  id: ProviderId;
  actions: readonly Action<Ctx>[];
  /** What listing and looking read; the actions declare their own. */
  permissions: readonly string[];
  list(ctx: Ctx, input: Parameters<AuditProviderActivities['list']>[0]): ReturnType<AuditProviderActivities['list']>;
  look(ctx: Ctx, subject: Subject, window: { from: Date; to: Date }): Promise<Observation>;
  /** Reversible first. */
  propose(subject: Subject, kind: 'removal' | 'narrowing', windowMs: number, because: string): Proposal[];
  classify: Classifier;
}

export interface AuditDeps<Ctx> {
  evidence: EvidenceSink;
  withContext<T>(input: { incident: string; caseKey: string }, use: (context: Ctx) => Promise<T>): Promise<T>;
}

/** `<provider>.audit.list|look|plan`. */
export function createAuditActivities<Ctx>(provider: AuditProvider<Ctx>, deps: AuditDeps<Ctx>): Record<string, (input: never) => Promise<unknown>> {
  const inside = <T>(incident: string, caseKey: string, use: (context: Ctx) => Promise<T>): Promise<T> => deps.withContext({ incident, caseKey }, use);
  const activities: AuditProviderActivities = {
    list: (input) => inside('', '', (ctx) => provider.list(ctx, input)),
    look: ({ caseKey, subject, windowMs, now }) => inside('', caseKey, (ctx) => provider.look(ctx, subject, { from: new Date(Date.parse(now) - windowMs), to: new Date(now) })),
    plan: ({ review, caseKey, subject, kind, windowMs, because }) => inside(review, caseKey, async (ctx) => {
      const { steps, refused } = await planProposals(provider.actions, ctx, provider.propose(subject, kind, windowMs, because), provider.classify);
      const plan = makePlan(review, 'permission-audit', steps, refused);
      const kept = await deps.evidence.keep(caseKey, 'plan', utf8ToBytes(planText(review, 'permission-audit', steps)), 'application/json');
      return { ...plan, kept };
    }),
  };
  return Object.fromEntries(Object.entries(activities).map(([name, run]) => [`${provider.id}.audit.${name}`, classified(provider.classify, run as (input: never) => Promise<unknown>)]));
}
