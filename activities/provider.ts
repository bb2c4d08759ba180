import type { ApprovalProof } from './actions';
import { classified, createActionActivities, planProposals, verifySteps } from './actions';
import type { Action } from './action';
import type { Classifier } from './boundary';
import type { CaseContext, ActionInput, ProviderActivities } from './contract';
import type { EvidenceSink } from './evidence/sink';
import { utf8ToBytes } from '@noble/hashes/utils';
import type { CheckId, Finding } from '../playbook/model/finding';
import type { Phase, Plan, Proposal } from '../playbook/model/plan';
import type { ProviderId } from '../playbook/model/principal';
import { makePlan, planText } from '../playbook/plan';

/** One check of the investigation (1.2, 1.3, 2.2). */
export interface Check<Ctx> {
  id: CheckId;
  permissions: readonly string[];
  run(context: Ctx, input: CaseContext): Promise<Finding>;
}

/** Which actions a phase wants, and what only a person can judge. */
export type Propose<Ctx> = (context: Ctx, input: CaseContext, findings: Finding[]) => Promise<{ proposals: Proposal[]; left: string[] }>;

/** A cloud: a folder of actions and an investigator. Adding one touches no workflow. */
export interface Provider<Ctx> {
  id: ProviderId;
  actions: readonly Action<Ctx>[];
  checks: readonly Check<Ctx>[];
  propose: Record<Phase, Propose<Ctx>>;
  lookUp(context: Ctx, input: Parameters<ProviderActivities['lookUp']>[0]): ReturnType<ProviderActivities['lookUp']>;
  baseline(context: Ctx, input: Parameters<ProviderActivities['baseline']>[0]): ReturnType<ProviderActivities['baseline']>;
  watch(context: Ctx, input: Parameters<ProviderActivities['watch']>[0]): ReturnType<ProviderActivities['watch']>;
  classify: Classifier;
}

export interface ProviderDeps<Ctx> {
  evidence: EvidenceSink;
  approvals: ApprovalProof;
  now(): Date;
  withContext<T>(input: Pick<ActionInput, 'incident' | 'caseKey' | 'lease'>, use: (context: Ctx) => Promise<T>): Promise<T>;
}

type Named = Record<string, (input: never) => Promise<unknown>>;

/** Everything that runs on `tourniquet-<provider>`, by activity type. */
export function createProviderActivities<Ctx>(provider: Provider<Ctx>, deps: ProviderDeps<Ctx>): Named {
  const { id, actions, checks, classify } = provider;
  const inCase = <T>(input: { incident: string; caseKey: string }, use: (context: Ctx) => Promise<T>): Promise<T> => deps.withContext({ ...input, lease: null }, use);
  const activities: Named = {
    [`${id}.lookUp`]: classified(classify, (input: Parameters<ProviderActivities['lookUp']>[0]) => inCase({ incident: '', caseKey: '' }, (context) => provider.lookUp(context, input))),
    [`${id}.baseline`]: classified(classify, (input: Parameters<ProviderActivities['baseline']>[0]) => inCase({ incident: '', caseKey: '' }, (context) => provider.baseline(context, input))),
    [`${id}.plan`]: classified(classify, (input: Parameters<ProviderActivities['plan']>[0]) => inCase(input, (context) => planFor(provider, deps, context, input))),
    [`${id}.verifyAll`]: classified(classify, (input: Parameters<ProviderActivities['verifyAll']>[0]) =>
      inCase(input, (context) => verifySteps({ actions, classify, now: deps.now }, context, input.steps))),
    [`${id}.watch`]: classified(classify, (input: Parameters<ProviderActivities['watch']>[0]) => inCase(input, (context) => provider.watch(context, input))),
  };
  for (const check of checks) {
    activities[`${id}.check.${check.id}`] = classified(classify, (input: Parameters<ProviderActivities['check']>[0]) => inCase(input, (context) => check.run(context, input)));
  }
  return { ...activities, ...createActions(provider, deps) };
}

/** The actions alone: what the break-glass worker runs too, under a lease. */
export function createActions<Ctx>(provider: Provider<Ctx>, deps: ProviderDeps<Ctx>): Named {
  return createActionActivities({ ...deps, actions: provider.actions, classify: provider.classify });
}

async function planFor<Ctx>(provider: Provider<Ctx>, deps: ProviderDeps<Ctx>, context: Ctx, input: Parameters<ProviderActivities['plan']>[0]): Promise<Plan> {
  const { phase, findings, incident, caseKey } = input;
  const { proposals, left } = await provider.propose[phase](context, input, findings);
  const { steps, refused } = await planProposals(provider.actions, context, proposals, provider.classify);
  const plan = makePlan(incident, phase, steps, refused, left);
  if (input.keep === false) return plan;
  // Kept under its own digest, so that what was approved can be compared byte for byte; containment does not wait for a store that is away.
  const kept = await deps.evidence.keep(caseKey, 'plan', utf8ToBytes(planText(incident, phase, steps)), 'application/json').catch((error: unknown) => {
    if (phase === 'containment') return null;
    throw error;
  });
  return { ...plan, kept };
}
