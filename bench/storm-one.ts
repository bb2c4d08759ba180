import { setTimeout as pause } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { hostile } from '../sandbox/aws/attacker';
import { awsCloud } from './aws';
import { startProgram } from './child';
import { findingFor } from './findings';
import type { BenchHouse } from './house';
import { rate, receiving } from './intake';
import { measure, type Part } from './result';
import { summarise } from './stats';

const ALERTS = 25_000;
const CONCURRENCY = 64;
const JOINED_MS = 15 * 60_000;

interface Run {
  runId: string;
  events: number;
  bytes: number;
  signals: number;
}

/**
 * 25,000 different alerts on one principal through the receiver, while its incident is worked off: one incident, and it must still contain.
 * Before it the same incident from one alert, so that the price of the storm shows.
 */
export async function benchStormOne(house: BenchHouse, say: (line: string) => void): Promise<Part> {
  const { client, configFile, env } = house;
  const { account } = house.world.production;
  const cloud = awsCloud(house);
  const worker = startProgram(require.resolve('./worker'), [configFile, cloud.id], env);
  const send = receiving(house);
  /** From the first alert on its way to the deny of the victim (ms); and how the sending went on. */
  const play = async (name: string, alerts: number) => {
    const victim = await cloud.makeVictim(name);
    const bodies = Array.from({ length: alerts }, (_, serial) => findingFor(account, name, serial, victim.actor.keys.accessKeyId, hostile.sourceIp));
    let sent = 0;
    let sentBefore = 0;
    const gone = cloud.denied(victim).then((at) => {
      sentBefore = sent;
      return at;
    });
    const from = performance.now();
    const [lockedOutAt, perSecond] = await Promise.all([gone, rate(bodies, async (body) => {
      await send(body);
      sent += 1;
      if (sent % 5_000 === 0) say(`storm on one: ${sent} of ${alerts} alerts are with Temporal`);
    }, CONCURRENCY)]);
    await cloud.assertLockedOut(victim);
    return { incident: victim.incident, lockedOutMs: lockedOutAt - from, perSecond, sentBefore };
  };
  const end = (incident: string): Promise<unknown> => client.workflow.getHandle(incident).terminate('bench');
  try {
    await worker.ask('ready');
    await end((await play('one-warming-up', 1)).incident);
    const calm = await play('one-calm', 1);
    await end(calm.incident);
    const others = new Set((await listed(client)).map(({ workflowId }) => workflowId));
    const storm = await play('one-storm', ALERTS);
    await untilJoined(client, storm.incident, say);
    const runs = await runsOf(client, storm.incident);
    await end(storm.incident);
    const ofStorm = (await listed(client)).filter(({ workflowId }) => !others.has(workflowId));
    const incidents = new Set(ofStorm.map(({ workflowId }) => workflowId)).size;
    // A run that none of the others handed over to would be an incident of its own under the same id.
    const strangers = ofStorm.filter(({ runId }) => !runs.some((run) => run.runId === runId));
    if (incidents !== 1 || strangers.length > 0) throw new Error(`the storm on one principal came to ${incidents} incidents and ${strangers.length} runs that nothing handed over to`);
    return {
      title: `Storm on one: ${ALERTS} alerts of one principal, ${CONCURRENCY} at a time, its incident worked off meanwhile`,
      rows: [
        measure('incidents', 'exactly', summarise([incidents])), measure('locked out: one alert', 'ms', summarise([calm.lockedOutMs])), measure('locked out: the storm', 'ms', summarise([storm.lockedOutMs])),
        measure('receiver', 'alerts/s', summarise([storm.perSecond])), measure('signal events, all runs', 'events', summarise([runs.reduce((sum, run) => sum + run.signals, 0)])),
        measure('history of a run', 'events', summarise(runs.map((run) => run.events))), measure('history of a run', 'bytes', summarise(runs.map((run) => run.bytes))),
      ],
      notes: [`locked out when ${storm.sentBefore} of ${ALERTS} alerts were with Temporal; all ${ALERTS} joined, over ${runs.length} runs`],
      details: { calm, storm, runs },
    };
  } finally {
    cloud.close();
    await worker.stop();
  }
}

async function untilJoined(client: Client, incident: string, say: (line: string) => void): Promise<void> {
  for (const late = Date.now() + JOINED_MS; ; await pause(1_000)) {
    const joined = await client.workflow.getHandle(incident).query<{ joined: number }>('status').then((status) => status.joined, () => 0);
    if (joined === ALERTS) return;
    say(`storm on one: ${joined} of ${ALERTS} alerts joined`);
    if (joined > ALERTS || Date.now() > late) throw new Error(`${joined} alerts joined the incident, expected ${ALERTS}`);
  }
}

/** Every run of an incident, from the last back to the first. */
async function runsOf(client: Client, incident: string): Promise<Run[]> {
  const runs: Run[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const handle: WorkflowHandle = client.workflow.getHandle(incident, next || undefined);
    const [{ events }, { runId, historySize }] = await Promise.all([handle.fetchHistory(), handle.describe()]);
    runs.push({ runId, events: events?.length ?? 0, bytes: historySize ?? 0, signals: (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length });
    next = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || null;
  }
  return runs;
}

async function listed(client: Client): Promise<{ workflowId: string; runId: string }[]> {
  const found: { workflowId: string; runId: string }[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: "WorkflowType = 'incident'", pageSize: 1000 })) found.push({ workflowId, runId });
  return found;
}
