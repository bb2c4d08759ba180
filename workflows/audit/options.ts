import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { AuditCaseActivities, AuditProviderActivities } from '../../activities/contract-audit';
import type { ProviderId } from '../../playbook/model/principal';
import { queues } from '../../playbook/queues';
import { risk } from '../options';

export const auditCase = (summary: string): AuditCaseActivities => proxyActivities<AuditCaseActivities>({ ...risk.read, taskQueue: queues.case, summary });

/** A report that IAM takes minutes for, and CloudTrail's two look-ups a second. */
const PATIENT: ActivityOptions = { startToCloseTimeout: '10m', scheduleToCloseTimeout: '2h', heartbeatTimeout: '30s', retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '5m' } };

/** On the cloud's own queue: `aws.audit.look`. */
export function auditProvider(provider: ProviderId, summary: string): AuditProviderActivities {
  const named = proxyActivities({ ...PATIENT, taskQueue: queues.cloud(provider), summary: summary.slice(0, 200) }) as unknown as Record<string, (input: unknown) => Promise<unknown>>;
  const call = <K extends keyof AuditProviderActivities>(name: K): AuditProviderActivities[K] => named[`${provider}.audit.${name}`] as unknown as AuditProviderActivities[K];
  return { list: call('list'), look: call('look'), plan: call('plan') };
}
