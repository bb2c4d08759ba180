import { WithStartWorkflowOperation, WorkflowIdConflictPolicy, WorkflowIdReusePolicy, WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { AccessRequest, ExtendRequest, GrantsView, GrantView, ReturnRequest } from '../playbook/jit/model';
import { grantsIdOf } from '../playbook/jit/rules';
import { queues } from '../playbook/queues';

/** What came of it: in Temporal, or refused by the workflow's rules. Everything else is thrown. */
export type Asked = { ok: true; grant: GrantView } | { ok: false; message: string };

/** The way from an edge (Slack, CLI) to a person's grants. The edge has authenticated the person; nothing else it says is trusted. */
export interface GrantPort {
  request(person: string, request: AccessRequest): Promise<Asked>;
  extend(person: string, extension: ExtendRequest, updateId: string): Promise<Asked>;
  giveBack(person: string, request: ReturnRequest): Promise<Asked>;
  /** The person's grants; null when none is open. */
  grantsOf(person: string): Promise<GrantsView | null>;
  /** Everybody's. */
  all(): Promise<GrantsView[]>;
  block(person: string, incident: string): Promise<void>;
}

const REFUSALS: readonly string[] = ['GRANT_REFUSED', 'INVALID_INPUT'];

/** Grants as Updates of their workflow: resolves only when Temporal holds it. `timeoutMs` bounds each call. */
export function createGrantPort(client: Client, timeoutMs = 10_000): GrantPort {
  const inTime = <T>(work: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + timeoutMs, work);
  const start = (person: string) => ({
    taskQueue: queues.workflows, workflowId: grantsIdOf(person), workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE, workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    args: [{ person }] as [{ person: string }], staticSummary: `Just-in-time access of ${person}`,
  });
  const handle = (person: string) => client.workflow.getHandle(grantsIdOf(person));

  return {
    request: (person, request) => asked(() => inTime(() => client.workflow.executeUpdateWithStart<(input: { person: string }) => Promise<void>, GrantView, [AccessRequest]>('request', {
      args: [request], updateId: request.request, startWorkflowOperation: new WithStartWorkflowOperation('jitAccess', { ...start(person), workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING }),
    }))),
    extend: (person, extension, updateId) => asked(() => inTime(() => handle(person).executeUpdate<GrantView, [ExtendRequest]>('extend', { args: [extension], updateId }))),
    giveBack: (person, request) => asked(() => inTime(() => handle(person).executeUpdate<GrantView, [ReturnRequest]>('return', { args: [request] }))),
    grantsOf: (person) => inTime(() => handle(person).query<GrantsView>('grants')).catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }),
    async all() {
      const views: GrantsView[] = [];
      for await (const one of client.workflow.list({ query: "WorkflowType = 'jitAccess' AND ExecutionStatus = 'Running'" })) views.push(await inTime(() => client.workflow.getHandle(one.workflowId).query<GrantsView>('grants')));
      return views;
    },
    block: async (person, incident) => {
      await inTime(() => client.workflow.signalWithStart('jitAccess', { ...start(person), signal: 'block', signalArgs: [{ incident }] }));
    },
  };
}

async function asked(work: () => Promise<GrantView>): Promise<Asked> {
  try {
    return { ok: true, grant: await work() };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { ok: false, message: 'no grant of that person is open' };
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && REFUSALS.includes(error.cause.type ?? '')) return { ok: false, message: error.cause.message };
    throw error;
  }
}
