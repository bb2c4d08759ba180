import { setTimeout as pause } from 'node:timers/promises';
import { createDelivery } from '../workers/deliver';
import { startProgram, type Child } from './child';
import type { BenchCloud, Victim } from './cloud';
import { difference, upToContainment, type HistorySize } from './history';
import type { BenchHouse } from './house';
import { atMost, measure, type Part } from './result';
import { ratios, rotated, summarise } from './stats';
import { BARE_QUEUE, type Applied } from './worker';

const ARMS = ['script', 'script again', 'script, parallel', 'bare workflow', 'Tourniquet'] as const;
type Arm = (typeof ARMS)[number];
const WARM_UP = 2;
const CONTAINED_MS = 60_000;

interface Run {
  lockedOutMs: number;
  containedMs: number;
  cpuMs: number;
  history: HistorySize | null;
}

/** One stolen identity, contained by each arm in turn; every run has a fresh victim, and the attacker's own call proves it at the end. */
export async function benchContainment<V extends Victim>(house: BenchHouse, cloud: BenchCloud<V>, rounds: number, say: (line: string) => void): Promise<Part> {
  const { configFile, env } = house;
  const script = startProgram(require.resolve('./script'), [configFile, cloud.id], env);
  const worker = startProgram(require.resolve('./worker'), [configFile, cloud.id], env);
  const runs = new Map<Arm, Run[]>(ARMS.map((arm) => [arm, []]));
  try {
    await Promise.all([script.ask('ready'), worker.ask('ready')]);
    for (let round = -WARM_UP; round < rounds; round += 1) {
      for (const arm of rotated(ARMS, round + WARM_UP)) {
        const victim = await cloud.makeVictim(`victim-${round + WARM_UP}-${ARMS.indexOf(arm)}`);
        await idle(worker);
        const run = arm === 'bare workflow' || arm === 'Tourniquet' ? await durable(house, cloud, worker, arm, victim) : await plain(cloud, script, arm, victim);
        await cloud.assertLockedOut(victim);
        if (round >= 0) runs.get(arm)!.push(run);
      }
      say(round < 0 ? `containment (${cloud.id}): warming up (${round + WARM_UP + 1} of ${WARM_UP})` : `containment (${cloud.id}): round ${round + 1} of ${rounds}`);
    }
  } finally {
    cloud.close();
    await Promise.all([script.stop(), worker.stop()]);
  }
  return report(cloud.title, runs);
}

async function plain<V extends Victim>(cloud: BenchCloud<V>, script: Child, arm: Arm, victim: V): Promise<Run> {
  const gone = cloud.denied(victim);
  const from = performance.now();
  const [lockedOutAt, { cpu, applied }] = await Promise.all([gone, script.ask<{ cpu: number; applied: string[] }>(arm === 'script, parallel' ? 'parallel' : 'serial', victim)]);
  same(cloud, applied);
  return { lockedOutMs: lockedOutAt - from, containedMs: performance.now() - from, cpuMs: cpu, history: null };
}

async function durable<V extends Victim>({ client }: BenchHouse, cloud: BenchCloud<V>, worker: Child, arm: Arm, victim: V): Promise<Run> {
  const { incident, principal, alert } = victim;
  const before = await worker.ask<number>('cpu');
  const gone = cloud.denied(victim);
  const from = performance.now();
  const done = contained(cloud.actions, worker, incident);
  const workflowId = arm === 'Tourniquet' ? incident : `bare-${incident}`;
  if (arm === 'Tourniquet') await createDelivery(client)(incident, principal, alert);
  else await client.workflow.start('bare', { taskQueue: BARE_QUEUE, workflowId, args: [{ incident, principal, alerts: [alert] }] });
  const [lockedOutAt, { cpu, at, applied }] = await Promise.all([gone, done]);
  same(cloud, applied);
  const history = await untilThere(() => upToContainment(client, workflowId, cloud.actions));
  // The rest of an incident (investigation, watch) is not what is measured.
  if (arm === 'Tourniquet') await client.workflow.getHandle(workflowId).terminate('bench');
  return { lockedOutMs: lockedOutAt - from, containedMs: at - from, cpuMs: cpu - before, history };
}

/** When the last of the actions was applied and verified, and the worker's CPU then. */
function contained(actions: readonly string[], worker: Child, incident: string): Promise<{ cpu: number; at: number; applied: string[] }> {
  return new Promise((resolve, reject) => {
    const applied: string[] = [];
    const late = setTimeout(() => reject(new Error(`not contained within ${CONTAINED_MS / 1000} s (applied: ${applied.join(', ') || 'nothing'})`)), CONTAINED_MS);
    const stop = worker.onEvent((event) => {
      const one = event as Applied;
      if (one.incident !== incident) return;
      applied.push(one.action);
      if (!actions.every((action) => applied.includes(action))) return;
      clearTimeout(late);
      stop();
      resolve({ cpu: one.cpu, at: performance.now(), applied });
    });
  });
}

/** Every arm must have done the same. */
function same({ actions }: Pick<BenchCloud, 'actions'>, applied: readonly string[]): void {
  if ([...applied].sort().join() !== [...actions].sort().join()) throw new Error(`an arm applied ${applied.join(', ')}, expected ${actions.join(', ')}`);
}

async function untilThere<T>(look: () => Promise<T | null>): Promise<T> {
  for (let tries = 0; tries < 200; tries += 1) {
    const seen = await look();
    if (seen !== null) return seen;
    await pause(25);
  }
  throw new Error('the history never got there');
}

/** Waits until the worker process rests, so that one run's aftermath is not the next one's cost. */
async function idle(worker: Child): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const before = await worker.ask<number>('cpu');
    await pause(200);
    if ((await worker.ask<number>('cpu')) - before < 10) return;
  }
  throw new Error('the worker process never came to rest');
}

function report(title: string, runs: Map<Arm, Run[]>): Part {
  const of = (arm: Arm, value: (run: Run) => number): number[] => runs.get(arm)!.map(value);
  const locked = (arm: Arm): number[] => of(arm, (run) => run.lockedOutMs);
  const cpu = (arm: Arm): number[] => of(arm, (run) => run.cpuMs);
  const events = (arm: Arm): number[] => of(arm, (run) => run.history!.events);
  const bytes = (arm: Arm): number[] => of(arm, (run) => run.history!.bytes);
  const histories = (arm: Arm): HistorySize[] => runs.get(arm)!.map((run) => run.history!);
  const extra = difference(histories('Tourniquet'), histories('bare workflow'));
  return {
    title,
    rows: [
      ...ARMS.map((arm) => measure(`locked out: ${arm}`, 'ms', summarise(locked(arm)))),
      ...ARMS.map((arm) => measure(`contained and verified: ${arm}`, 'ms', summarise(of(arm, (run) => run.containedMs)))),
      ...ARMS.map((arm) => measure(`CPU: ${arm}`, 'ms', summarise(cpu(arm)))),
      ...(['bare workflow', 'Tourniquet'] as const).flatMap((arm) => [measure(`history: ${arm}`, 'events', summarise(events(arm))), measure(`history: ${arm}`, 'bytes', summarise(bytes(arm)))]),
      measure('A/A: script again / script, locked out', '×', ratios(locked('script again'), locked('script'))),
      measure('A/A: script again / script, CPU', '×', ratios(cpu('script again'), cpu('script'))),
      atMost('locked out: Tourniquet / script', 1, ratios(locked('Tourniquet'), locked('script'))),
      measure('locked out: Tourniquet / script, parallel', '×', ratios(locked('Tourniquet'), locked('script, parallel'))),
      measure('locked out: Tourniquet / bare workflow', '×', ratios(locked('Tourniquet'), locked('bare workflow'))),
      atMost('CPU: Tourniquet / bare workflow', 1.25, ratios(cpu('Tourniquet'), cpu('bare workflow'))),
      atMost('events: Tourniquet / bare workflow', 1.15, ratios(events('Tourniquet'), events('bare workflow'))),
      measure('bytes: Tourniquet / bare workflow', '×', ratios(bytes('Tourniquet'), bytes('bare workflow'))),
    ],
    notes: [`more (+) or fewer (-) events than the bare workflow, on average: ${Object.entries(extra).map(([kind, by]) => `${by > 0 ? '+' : ''}${by} ${kind}`).join(', ') || 'none'}`],
    details: { runs: Object.fromEntries(runs), extraEvents: extra },
  };
}
