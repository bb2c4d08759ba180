import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { BreakGlassActivities, CaseActivities, ProviderActivities, ActionInput } from '../activities/contract';
import type { StepOutcome } from '../playbook/model/plan';
import type { ProviderId } from '../playbook/model/principal';
import { queues } from '../playbook/queues';

/** One retry policy per risk class. */
export const risk = {
  read: { startToCloseTimeout: '60s', scheduleToCloseTimeout: '10m', retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' } },
  contain: { startToCloseTimeout: '60s', scheduleToCloseTimeout: '30m', heartbeatTimeout: '20s', retry: { initialInterval: '500ms', backoffCoefficient: 1.5, maximumInterval: '5s' } },
  destroy: { startToCloseTimeout: '10m', scheduleToCloseTimeout: '2h', heartbeatTimeout: '20s', retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '1m' } },
  /** Never gives up: an unreturned credential is worse than a long wait. */
  compensate: { startToCloseTimeout: '5m', heartbeatTimeout: '30s', retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } },
  notify: { startToCloseTimeout: '30s', scheduleToCloseTimeout: '30m', retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } },
  record: { startToCloseTimeout: '60s', scheduleToCloseTimeout: '24h', retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' } },
} as const satisfies Record<string, ActivityOptions>;

/** `summary` is what people read in the Temporal UI; it is encrypted like any payload. */
const options = (base: ActivityOptions, taskQueue: string, summary?: string): ActivityOptions => ({ ...base, taskQueue, summary });

export const caseActivities = (summary?: string, base: ActivityOptions = risk.record): CaseActivities =>
  proxyActivities<CaseActivities>(options(base, queues.case, summary));

/** The provider's own activities, called by name (`aws.plan`): a new provider touches no workflow. */
export function providerActivities(provider: ProviderId, base: ActivityOptions, summary?: string): ProviderActivities {
  const named = proxyActivities(options(base, queues.cloud(provider), summary)) as unknown as Record<string, (input: unknown) => Promise<unknown>>;
  const call = <K extends keyof ProviderActivities>(name: string): ProviderActivities[K] => named[`${provider}.${name}`] as unknown as ProviderActivities[K];
  return {
    lookUp: call<'lookUp'>('lookUp'),
    baseline: call<'baseline'>('baseline'),
    plan: call<'plan'>('plan'),
    verifyAll: call<'verifyAll'>('verifyAll'),
    watch: call<'watch'>('watch'),
    check: (input) => call<'check'>(`check.${input.check}`)(input),
  };
}

/** One action on the queue that it belongs to: the provider's, or the vault's when it acts under a lease or keeps a new key. */
export function actionActivity(op: 'apply' | 'verify' | 'undo', input: ActionInput): Promise<StepOutcome> {
  const { step, lease } = input;
  const queue = lease || step.queue === 'break-glass' ? queues.breakGlass : queues.cloud(step.target.provider);
  const verb = op === 'apply' ? '' : op === 'verify' ? 'Verify: ' : 'Undo: ';
  const acts: Record<string, (input: ActionInput) => Promise<StepOutcome>> = proxyActivities(
    options(op === 'verify' ? risk.read : step.tier === 'dual' ? risk.destroy : risk.contain, queue, `${step.row} ${verb}${step.title}: ${step.target.name}`.slice(0, 200)),
  );
  return acts[`${step.action}.${op}`]!(input);
}

export const breakGlassActivities = (base: ActivityOptions, summary: string): BreakGlassActivities =>
  proxyActivities<BreakGlassActivities>(options(base, queues.breakGlass, summary));
