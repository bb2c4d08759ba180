import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { JitCaseActivities, JitProviderActivities } from '../../activities/contract-jit';
import { providerOf } from '../../playbook/jit/rules';
import type { Entitlement } from '../../playbook/jit/model';
import { queues } from '../../playbook/queues';

/** An end that is not done in this time pages, and is then tried again. */
export const ENDING: ActivityOptions = { startToCloseTimeout: '3m', scheduleToCloseTimeout: '5m', heartbeatTimeout: '30s', retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '20s' } };

export const jitCase = (summary: string, base: ActivityOptions): JitCaseActivities => proxyActivities<JitCaseActivities>({ ...base, taskQueue: queues.case, summary });

/** On the queue of the entitlement's cloud: `aws.jit.give`. */
export function jitProvider(entitlement: Entitlement, base: ActivityOptions, summary: string): JitProviderActivities {
  const provider = providerOf(entitlement);
  const named = proxyActivities({ ...base, taskQueue: queues.cloud(provider), summary: summary.slice(0, 200) }) as unknown as Record<string, (input: unknown) => Promise<unknown>>;
  const call = <K extends keyof JitProviderActivities>(name: K): JitProviderActivities[K] => named[`${provider}.jit.${name}`] as unknown as JitProviderActivities[K];
  return { look: call('look'), give: call('give'), end: call('end') };
}
