import { condition, defineUpdate, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { CaseActivities, ActionInput } from '../activities/contract';
import type { ProviderActivities } from '../activities/contract';
import type { Alert } from '../playbook/model/alert';
import type { StepOutcome } from '../playbook/model/plan';
import type { Principal } from '../playbook/model/principal';
import { waves } from '../playbook/plan';
import { queues } from '../playbook/queues';

const options = { startToCloseTimeout: '60s', retry: { initialInterval: '500ms' } } as const;
const onCase = proxyActivities<CaseActivities>({ ...options, taskQueue: queues.case });

/** The least that is durable: the same activities in the same waves as the incident's containment, and nothing else. */
export async function bare(input: { incident: string; principal: Principal; alerts: Alert[] }): Promise<number> {
  const { incident, principal, alerts } = input;
  const { provider } = principal;
  const onCloud = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>({ ...options, taskQueue: queues.cloud(provider) });
  const [{ caseKey }] = await Promise.all([
    onCase.openIncident({ incident, runId: workflowInfo().firstExecutionRunId, principal, alerts }),
    onCloud[`${provider}.lookUp`]!({ principal, alerts }),
  ]);
  const plan = (await onCloud[`${provider}.plan`]!({ incident, caseKey, principal, alerts, phase: 'containment', findings: [] })) as Awaited<ReturnType<ProviderActivities['plan']>>;
  const steps = plan.steps.filter((step) => step.needed && step.tier === 'automatic');
  for (const wave of waves(steps)) {
    await Promise.all(wave.map((step) => {
      const action: ActionInput = { incident, caseKey, step, digest: plan.digest, plan: plan.kept, approval: null, lease: null };
      return onCloud[`${step.action}.apply`]!(action) as Promise<StepOutcome>;
    }));
  }
  return steps.length;
}

/** The least that takes an update: it is kept, and the workflow ends. */
export async function bareUpdate(): Promise<unknown> {
  let said: unknown = null;
  setHandler(defineUpdate<unknown, [unknown]>('decide'), (vote) => (said = vote));
  await condition(() => said !== null);
  return said;
}
