/** Forked: the same calls of the cloud without Temporal and without a record: look up, plan, deny, then everything else of the row side by side, each verified. */
import type { EvidenceSink } from '../activities/evidence/sink';
import type { Plan } from '../playbook/model/plan';
import type { ProviderId } from '../playbook/model/principal';
import { waves } from '../playbook/plan';
import { loadConfig } from '../workers/config/load';
import { callsOf } from './calls';
import { answering, cpuMs } from './child';
import type { Victim } from './cloud';

const nowhere: EvidenceSink = {
  keep: () => Promise.resolve({ key: '', sha256: '', bytes: 0 }),
  read: () => Promise.reject(new Error('a script keeps nothing')),
  record: () => Promise.resolve(),
};

const [configFile, cloud] = process.argv.slice(2) as [string, ProviderId];
const config = loadConfig(configFile);

/** Returns the CPU milliseconds that it took, and what was applied. */
function containing(serial: boolean): (victim: Victim) => Promise<{ cpu: number; applied: string[] }> {
  const calls = callsOf(cloud, config, { evidence: nowhere, approvals: { outcomeOf: () => Promise.resolve(null) }, serial });
  const call = (name: string, input: object): Promise<unknown> => calls[name]!(input as never);
  return async ({ principal, alert, incident }) => {
    const before = cpuMs();
    const alerts = [alert];
    const caseKey = `${incident}.1`;
    await call(`${cloud}.lookUp`, { principal, alerts });
    const plan = (await call(`${cloud}.plan`, { incident, caseKey, principal, alerts, phase: 'containment', findings: [] })) as Plan;
    const steps = plan.steps.filter((step) => step.needed && step.tier === 'automatic');
    for (const wave of waves(steps)) {
      await Promise.all(wave.map((step) => call(`${step.action}.apply`, { incident, caseKey, step, digest: plan.digest, plan: plan.kept, approval: null, lease: null })));
    }
    return { cpu: cpuMs() - before, applied: steps.map((step) => step.action) };
  };
}

answering({ ready: () => true, parallel: containing(false), serial: containing(true) });
