import { TestWorkflowEnvironment } from '@temporalio/testing';
import { createGrantPort, type Asked } from '../../approvals/grants';
import { grantsIdOf, MAX_GRANT_MS } from '../../playbook/jit/rules';
import { startTemporal, type RunningTemporal } from '../../sandbox/temporal';
import { searchAttributes } from '../../workflows/search-attributes';
import { signAs } from '../keys';
import { startWorkers, testConverter, until, voteOn, type Stage } from '../workflows/harness';
import { JitWorld } from './world';

/** The real server says when a history is to be handed over; told to say so early, each person's grants go through it many times. */
const SUGGEST_AFTER = 60;

let temporal: RunningTemporal;
let stage: Stage;
let stop: () => Promise<void>;
const world = new JitWorld();

beforeAll(async () => {
  temporal = await startTemporal({ namespace: 'default', searchAttributes: Object.values(searchAttributes), dynamicConfig: [`limit.historyCount.suggestContinueAsNew=${SUGGEST_AFTER}`], say: () => undefined });
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address: temporal.address, namespace: temporal.namespace, client: { dataConverter: testConverter } });
  stage = { env, client: env.client };
  stop = await startWorkers(stage, world);
}, 600_000);
afterAll(async () => {
  await stop?.();
  await temporal?.stop();
});

test('a person whose grants go on: the history is handed over again and again, and nothing is lost, asked twice or given twice', async () => {
  const port = createGrantPort(stage.client);
  const handle = () => stage.client.workflow.getHandle(grantsIdOf('dana'));
  const grantOf = async (id: string) => (await port.grantsOf('dana'))?.grants.find((grant) => grant.grant === id);
  const ok = (answer: Asked) => {
    if (!answer.ok) throw new Error(answer.message);
    return answer.grant.grant;
  };
  const ask = async (account: string) => {
    const asking = { request: account, role: 'admin', account, forMs: MAX_GRANT_MS, reason: 'deploy 4.2' };
    return ok(await port.request('dana', { ...asking, via: 'cli', signature: signAs({ act: 'jit-request', person: 'dana', ...asking }, Date.now()) }));
  };
  const yes = async (id: string) => voteOn(stage, await until(async () => (await grantOf(id))?.approval, 'it is asked'), { person: 'ben', decision: 'approve' });
  const is = (id: string, state: string) => until(async () => (await grantOf(id))?.state === state, `${id} is ${state}`, 60_000);
  const runId = async () => (await handle().describe()).runId;
  const handedOver = async (work: () => Promise<void>) => {
    const before = await runId();
    await until(async () => {
      await work();
      return (await runId()) !== before;
    }, 'it is handed over', 60_000);
  };

  const active = await ask('production');
  await yes(active);
  await is(active, 'active');
  const waiting = await ask('staging');
  await until(async () => (await grantOf(waiting))?.approval, 'it is asked');
  await handedOver(() => handle().signal('nothing that it knows'));
  expect(await grantOf(active)).toMatchObject({ state: 'active' });
  await yes(waiting);
  await is(waiting, 'active');

  // Returns that come by the dozen while it is handed over: each is looked at, none is lost.
  const { until: end } = (await grantOf(active))!;
  world.slowKeysMs = 50;
  const forged = signAs({ act: 'jit-return', person: 'dana', grant: active }, Date.now(), 'eve');
  await handedOver(async () => void ok(await port.giveBack('dana', { grant: active, by: 'dana', signature: forged })));
  expect(await grantOf(active)).toMatchObject({ state: 'active', until: end });
  for (const grant of [active, waiting]) ok(await port.giveBack('dana', { grant, by: 'dana', signature: signAs({ act: 'jit-return', person: 'dana', grant }, Date.now()) }));
  await handle().result();
  expect(world.open.size).toBe(0);
  expect(world.calls.map((call) => call.what)).toEqual(['give', 'give', 'end', 'end']);
  expect(new Set(world.shown.map((one) => one.request.id)).size).toBe(2);
}, 240_000);
