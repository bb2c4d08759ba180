import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { incidentIdOf, type Principal, type ProviderId } from '../../playbook/model/principal';
import type { Alert } from '../../playbook/model/alert';
import type { Vote } from '../../playbook/model/approval';
import { queues } from '../../playbook/queues';
import { testServerPath } from '../../sandbox/temporal';
import { EncryptionCodec } from '../../workers/codec';
import { alertsSignal, statusQuery } from '../../workflows/messages';
import { approvalStateQuery, decideUpdate } from '../../workflows/approval-messages';
import { incident } from '../../workflows';
import { searchAttributeTypes } from '../../workflows/search-attributes';
import { unhurried } from './unhurried';
import type { World } from './world';

const failureConverterPath = require.resolve('../../workers/failure-converter');
const dataConverter = { failureConverterPath, payloadCodecs: [new EncryptionCodec([{ id: 'test', key: Buffer.alloc(32, 7) }])] };

let bundle: Promise<WorkflowBundle> | null = null;
export const testConverter = dataConverter;
export const workflowBundle = (): Promise<WorkflowBundle> =>
  (bundle ??= bundleWorkflowCode({ workflowsPath: require.resolve('../../workflows'), failureConverterPath, logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } }));

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR', forward: {} } } });

export interface Stage {
  env: TestWorkflowEnvironment;
  client: Client;
}

/** The time-skipping server: 72 hours pass in milliseconds. */
export async function openStage(): Promise<Stage> {
  const path = await testServerPath();
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } }, client: { dataConverter } } as Parameters<typeof TestWorkflowEnvironment.createTimeSkipping>[0]);
  await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: Object.fromEntries(Object.keys(searchAttributeTypes).map((name) => [name, 2])) });
  return { env, client: env.client };
}

/** Runs `play` with a worker for every queue, all answered by the world; a second world answers for a second cloud only. */
export async function onStage<T>(stage: Stage, of: World | readonly [World, World], play: () => Promise<T>, options: { maxCachedWorkflows?: number } = {}): Promise<T> {
  const worlds = 'provider' in of ? [of] : of;
  const world = worlds[0]!;
  const base = { connection: stage.env.nativeConnection, dataConverter, ...unhurried };
  const workers = await Promise.all([
    Worker.create({ ...base, taskQueue: queues.workflows, workflowBundle: await workflowBundle(), ...options }),
    Worker.create({ ...base, taskQueue: queues.case, activities: world.caseActivities() }),
    ...worlds.map((one) => Worker.create({ ...base, taskQueue: queues.cloud(one.provider), activities: one.providerActivities() })),
    Worker.create({ ...base, taskQueue: queues.breakGlass, activities: world.breakGlassActivities() }),
  ]);
  const running = workers.map((worker) => worker.run());
  try {
    return await play();
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  }
}

export async function raise(stage: Stage, principal: Principal, alerts: Alert[]): Promise<WorkflowHandle<typeof incident>> {
  const id = incidentIdOf(principal);
  return stage.client.workflow.signalWithStart(incident, {
    taskQueue: queues.workflows, workflowId: id, args: [{ incident: id, principal }], signal: alertsSignal, signalArgs: [{ principal, alerts }],
  });
}

/** Waits on a condition in real time; the workflow's own time is skipped by the server. */
export async function until<T>(look: () => Promise<T | null | undefined | false> | T | null | undefined | false, what: string, ms = 20_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Answers every question that appears, as the given people, until stopped. */
export function answerAll(stage: Stage, world: World, decide: (tier: string, title: string) => { people: string[]; decision: Vote['decision'] } | null): { stop(): Promise<void> } {
  let stopped = false;
  const answered = new Set<string>();
  const loop = (async () => {
    while (!stopped) {
      for (const { request } of [...world.shown]) {
        if (answered.has(request.id)) continue;
        answered.add(request.id);
        const answer = decide(request.tier, request.title);
        if (!answer) continue;
        const handle = stage.client.workflow.getHandle(request.id);
        await until(async () => (await handle.query(approvalStateQuery)).approvers.length > 0, 'approvers looked up');
        for (const name of answer.people) {
          const voteId = `${request.id}/${name}`;
          await handle.executeUpdate(decideUpdate, { updateId: voteId, args: [{ person: name, decision: answer.decision, digest: request.digest, reason: 'seen', via: 'console', voteId }] }).catch(() => undefined);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return { stop: async () => { stopped = true; await loop; } };
}

/** One worker a queue, with a world that answers for people and for the cloud; resolves with what ends them and the stage. */
export async function startWorkers(stage: Stage, world: { caseActivities(): object; providerActivities(): object }, provider: ProviderId = 'aws'): Promise<() => Promise<void>> {
  const base = { connection: stage.env.nativeConnection, dataConverter: testConverter };
  const workers = await Promise.all([
    Worker.create({ ...base, taskQueue: queues.workflows, workflowBundle: await workflowBundle() }),
    Worker.create({ ...base, taskQueue: queues.case, activities: world.caseActivities() }),
    Worker.create({ ...base, taskQueue: queues.cloud(provider), activities: world.providerActivities() }),
  ]);
  const running = workers.map((worker) => worker.run());
  return async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
    await closeStage(stage);
  };
}

/** A vote on the plan as it is asked, once the directory has said who may cast it. */
export async function voteOn(stage: Stage, approval: string, vote: Pick<Vote, 'person' | 'decision'> & Partial<Vote>): Promise<void> {
  const question = stage.client.workflow.getHandle(approval);
  await until(async () => (await question.query(approvalStateQuery).catch(() => null))?.approvers.length, 'approvers are known');
  const { digest } = await question.query(approvalStateQuery);
  await question.executeUpdate(decideUpdate, { args: [{ digest, reason: 'seen', via: 'slack', voteId: `${approval}/${vote.person}`, ...vote }] });
}

export const status = (handle: WorkflowHandle<typeof incident>) => handle.query(statusQuery);

/** Kills nothing that it did not start. */
export const closeStage = (stage: Stage): Promise<void> => stage.env.teardown();


export const HISTORIES = join(__dirname, '..', 'histories');

/** With RECORD_HISTORIES set, keeps a history for the replay suite: named after what it pins. */
export async function recordHistory(stage: Stage, name: string, workflowId: string): Promise<void> {
  if (!process.env['RECORD_HISTORIES']) return;
  mkdirSync(HISTORIES, { recursive: true });
  const history = await stage.client.workflow.getHandle(workflowId).fetchHistory();
  writeFileSync(join(HISTORIES, `${name}.history`), `${Buffer.from(temporal.api.history.v1.History.encode(history).finish()).toString('base64')}\n`);
}
