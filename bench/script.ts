/** Forked: the same AWS calls without Temporal and without a record: look up, plan, deny, then keys and password, each verified. */
import { awsProvider } from '../activities/aws';
import { createAwsAccess, type AwsAccess } from '../activities/aws/clients';
import type { EvidenceSink } from '../activities/evidence/sink';
import { createProviderActivities } from '../activities/provider';
import type { Plan } from '../playbook/model/plan';
import { waves } from '../playbook/plan';
import { loadConfig } from '../workers/config/load';
import { awsConfig } from '../workers/config/settings';
import { answering, cpuMs } from './child';
import { oneAtATime } from './one-at-a-time';
import type { Victim } from './victim';

const nowhere: EvidenceSink = {
  keep: () => Promise.resolve({ key: '', sha256: '', bytes: 0 }),
  read: () => Promise.reject(new Error('a script keeps nothing')),
  record: () => Promise.resolve(),
};

type Call = (input: unknown) => Promise<unknown>;

function callsOf(access: AwsAccess): Record<string, Call> {
  const now = (): Date => new Date();
  return createProviderActivities(awsProvider, {
    evidence: nowhere, approvals: { outcomeOf: () => Promise.resolve(null) }, now,
    withContext: ({ incident, caseKey }, use) => use({ access, incident, caseKey, evidence: nowhere, now, vault: null }),
  }) as Record<string, Call>;
}

/** Returns the CPU milliseconds that it took, and what was applied. */
async function contain(calls: Record<string, Call>, { principal, alert, incident }: Victim): Promise<{ cpu: number; applied: string[] }> {
  const before = cpuMs();
  const alerts = [alert];
  const caseKey = `${incident}.1`;
  await calls['aws.lookUp']!({ principal, alerts });
  const plan = (await calls['aws.plan']!({ incident, caseKey, principal, alerts, phase: 'containment', findings: [] })) as Plan;
  const steps = plan.steps.filter((step) => step.needed && step.tier === 'automatic');
  for (const wave of waves(steps)) {
    await Promise.all(wave.map((step) => calls[`${step.action}.apply`]!({ incident, caseKey, step, digest: plan.digest, plan: plan.kept, approval: null, lease: null })));
  }
  return { cpu: cpuMs() - before, applied: steps.map((step) => step.action) };
}

const config = awsConfig(loadConfig(process.argv[2]!))!;
const side = callsOf(createAwsAccess(config, undefined));
const single = callsOf(oneAtATime(createAwsAccess(config, undefined)));
answering({ ready: () => true, parallel: (victim: Victim) => contain(side, victim), serial: (victim: Victim) => contain(single, victim) });
