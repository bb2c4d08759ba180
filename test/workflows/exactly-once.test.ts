import { defaultPayloadConverter } from '@temporalio/common';
import { processBody, type Pipeline } from '../../intake/pipeline';
import { SOURCES } from '../../intake/sources';
import { anyOf } from '../../intake/transports/any-of';
import { hubHandlers } from '../../intake/transports/event-hub';
import { graphRoute } from '../../intake/transports/graph';
import { settleOne, type Lent } from '../../intake/transports/pull';
import { s3Notices } from '../../intake/transports/s3-notices';
import { snsRoute } from '../../intake/transports/sns';
import { makeClientCertificate } from '../../sandbox/azure/protocol/tls';
import { createDelivery } from '../../workers/deliver';
import { bytesOf, example, intake, loud, TENANT } from '../intake/transports/harness';
import { CERT, signedBy, TOPIC } from '../intake/transports/signing';
import { closeStage, onStage, openStage, status, testConverter, until, type Stage } from './harness';
import { World } from './world';

let stage: Stage;
let identity: Awaited<ReturnType<typeof makeClientCertificate>>;
beforeAll(async () => void ([stage, identity] = await Promise.all([openStage(), makeClientCertificate('sns.amazonaws.com')])), 60_000);
afterAll(() => closeStage(stage));

type Intake = ReturnType<typeof intake>;
/** Brings alert `number` once by this way in; says whether it was acknowledged: the sender would then not come again. */
type Way = (made: Intake) => (number: number) => Promise<boolean>;

const post = async ({ app }: Intake, path: string, body: unknown): Promise<boolean> => {
  const { status: answer } = await app.request(path, { method: 'POST', headers: { authorization: 'Bearer k-all' }, body: new Uint8Array(bytesOf(body)) });
  if (answer !== 202 && answer !== 503) throw new Error(`answered ${answer}`);
  return answer === 202;
};

/** A message of a queue is acknowledged when it is removed, and comes again when it is given back. */
const queued = (transport: 'sqs' | 's3', handle: (made: Intake, number: number) => (body: Uint8Array) => Promise<Awaited<ReturnType<typeof processBody>>[]>): Way => (made) => async (number) => {
  let removed = false;
  const message: Lent = { id: `m-${number}`, body: bytesOf(transport === 'sqs' ? loud(number) : { Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'trail-logs' }, object: { key: `${number}.json` } } }] }), received: 1, handle: 'h' };
  const queue = { receive: () => Promise.resolve([message]), keepFor: () => Promise.resolve(), remove: () => Promise.resolve(void (removed = true)), deadLetters: () => Promise.resolve(null) };
  const { pipeline } = made.receiving;
  await settleOne({ id: 'q', transport, queue, handle: handle(made, number), visibilitySeconds: 30, log: pipeline.log, metrics: made.metrics, notice: pipeline.notice }, message);
  return removed;
};
const sender = { id: 'all', key: '', sources: [] };

const WAYS: [string, Way][] = [
  ['HTTP', (made) => (number) => post(made, '/alerts/cloudtrail', loud(number))],
  ['SNS', (made) => {
    snsRoute(made.app, { topics: [{ arn: TOPIC, sources: SOURCES }], fetchText: (url) => (url === CERT ? Promise.resolve(identity.certificate) : Promise.reject(new Error('no'))) }, made.receiving);
    return (number) => post(made, '/sns', signedBy(identity.privateKey, { Type: 'Notification', MessageId: `m-${number}`, TopicArn: TOPIC, Message: JSON.stringify(loud(number)), Timestamp: '2026-03-02T09:21:07.000Z' }));
  }],
  ['SQS', queued('sqs', (made) => async (body) => [await processBody(made.receiving.pipeline, anyOf('sqs', SOURCES), sender, body)])],
  ['S3', queued('s3', (made, number) => s3Notices({ buckets: ['trail-logs'], sources: SOURCES, fetch: () => Promise.resolve({ body: bytesOf({ Records: [loud(number)] }) }) }, made.receiving.pipeline, 's3'))],
  ['event hub', (made) => async (number) => {
    let checkpoint = false;
    const stopping = new AbortController();
    const handle = async (body: Uint8Array) => {
      const handling = await processBody(made.receiving.pipeline, anyOf('event-hub', SOURCES), sender, body);
      // A crash after the first try: the checkpoint stays, and the event comes again.
      stopping.abort();
      return handling;
    };
    await hubHandlers({ id: 'hub', handle, log: made.receiving.pipeline.log, metrics: made.metrics, signal: stopping.signal, waitMs: () => 1 }).processEvents([{ body: bytesOf(loud(number)), sequenceNumber: number }], { partitionId: '0', updateCheckpoint: () => Promise.resolve(void (checkpoint = true)) });
    return checkpoint;
  }],
  ['Graph', (made) => {
    const risk = (example('identity-protection-risk-detection') as { value: object[] }).value[0]!;
    graphRoute(made.app, { subscriptions: [{ id: 'risks', clientState: 'cs-0f7e6a5b4c3d', sources: SOURCES }], tenants: [TENANT], read: (_tenant, path) => Promise.resolve(bytesOf({ ...risk, id: path.split('/')[2] })) }, made.receiving);
    return (number) => post(made, '/graph', { value: [{ subscriptionId: '76222963-cc7b-42d2-882d-8aaa69cb2ba3', changeType: 'created', resource: `identityProtection/riskDetections/r-${number}`, clientState: 'cs-0f7e6a5b4c3d', tenantId: TENANT }] });
  }],
];

/** Delivers to Temporal itself; `lost` never reaches it, `unanswered` does, and the answer is lost on the way back. */
function faulty(faults: ('lost' | 'unanswered' | null)[]): { deliver: Pipeline['deliver']; incidents: Set<string> } {
  const real = createDelivery(stage.client);
  const incidents = new Set<string>();
  return { incidents, deliver: async (incident, principal, alert) => {
    const fault = faults.shift();
    if (fault === 'lost') throw new Error('no Temporal');
    incidents.add(incident);
    await real(incident, principal, alert);
    if (fault === 'unanswered') throw new Error('the answer was lost');
  } };
}

/** How often Temporal has taken each alert of an incident’s present run. */
async function takenBy(incident: string): Promise<string[]> {
  const { events } = await stage.client.workflow.getHandle(incident).fetchHistory();
  const payloads = (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.input?.payloads ?? []);
  const plain = await testConverter.payloadCodecs[0]!.decode(payloads);
  return plain.flatMap((one) => defaultPayloadConverter.fromPayload<{ alerts: { id: string }[] }>(one).alerts.map(({ id }) => id));
}

test.each(WAYS)('%s: out of order, twice, lost, and cut off between accept and acknowledge: one incident, each alert once, nothing acknowledged that Temporal does not have', async (_name, way) => {
  const worlds = [new World('aws'), new World('azure')] as const;
  for (const world of worlds) world.plans = { containment: [{ action: 'x.deny-user', row: '2.1.1' }] };
  await onStage(stage, worlds, async () => {
    const { deliver, incidents } = faulty(['lost', 'unanswered', null, 'unanswered', 'lost']);
    // SNS's certificate is of today.
    const bring = way(intake({ deliver, now: () => new Date().toISOString() }));
    const acknowledged = new Set<number>();
    const tries: number[] = [];
    for (const number of [2, 1, 2, 3, 1, 3]) {
      for (let again = 1; ; again += 1) {
        tries.push(number);
        if (await bring(number)) break;
        if (again > 10) throw new Error('never acknowledged');
      }
      acknowledged.add(number);
      expect(incidents.size).toBe(1);
      // Temporal buffers what comes while a workflow task is under way: it is in the history when that ends.
      await until(async () => new Set(await takenBy([...incidents][0]!)).size >= acknowledged.size, `what was acknowledged (${[...acknowledged].join()}) is in the history`);
    }
    // Four of the tries were not acknowledged, so that they came again.
    expect(tries).toHaveLength(6 + 4);
    const handle = stage.client.workflow.getHandle([...incidents][0]!);
    const seen = await until(async () => { const now = await status(handle as never).catch(() => null); return now?.times.contained ? now : null; }, 'contained');
    expect(seen.joined).toBe(3);
    expect(worlds.flatMap(({ calls }) => calls).filter((call) => ['openIncident', 'x.deny-user.apply'].includes(call)).sort()).toEqual(['openIncident', 'x.deny-user.apply']);
    await handle.terminate();
  });
}, 60_000);
