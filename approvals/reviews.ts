import { ScheduleNotFoundError, ScheduleOverlapPolicy, WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy, WorkflowNotFoundError, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ProviderId } from '../playbook/model/principal';
import type { ReviewView, Subject } from '../playbook/permission-audit/model';
import { reviewIdOf } from '../playbook/permission-audit/rules';
import { queues } from '../playbook/queues';
import type { Signature } from '../playbook/signed-request';

export interface AuditOrder {
  places: { provider: ProviderId; account: string }[];
  requester: string | null;
  signature?: Signature;
}

/** The way from an edge to the permission audit. The edge has authenticated the person. */
export interface ReviewPort {
  /** Starts the review of one subject; one that runs (asked, in quarantine, needed until …) stays as it is. */
  start(input: { subject: Subject; requester: string | null; finding: string | null }): Promise<{ review: string; started: boolean }>;
  /** Looks at whole accounts, once; returns the workflow's id. */
  audit(order: AuditOrder): Promise<string>;
  /** And again every so often; the one schedule of the installation. `everyMs` null: no more. */
  schedule(order: AuditOrder, everyMs: number | null): Promise<void>;
  undo(review: string, undo: { by: string; reason: string; signature: Signature }): Promise<{ ok: true; review: ReviewView } | { ok: false; message: string }>;
  /** Every review that runs. */
  all(): Promise<ReviewView[]>;
}

const AUDIT = 'permission-audit';
const REFUSALS: readonly string[] = ['INVALID_INPUT', 'APPROVAL_CLOSED', 'VOTER_NOT_ALLOWED'];

export function createReviewPort(client: Client): ReviewPort {
  return {
    async start(input) {
      const review = reviewIdOf(input.subject);
      try {
        await client.workflow.start('permissionReview', { taskQueue: queues.workflows, workflowId: review, workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE, args: [input], staticSummary: `Permission audit of ${input.subject.kind} ${input.subject.name}`.slice(0, 200) });
        return { review, started: true };
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return { review, started: false };
        throw error;
      }
    },
    async audit(order) {
      const workflowId = `${AUDIT}-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}`;
      await client.workflow.start('permissionAudit', { taskQueue: queues.workflows, workflowId, args: [order], staticSummary: 'Permission audit of every account' });
      return workflowId;
    },
    async schedule(order, everyMs) {
      const handle = client.schedule.getHandle(AUDIT);
      const known = await handle.describe().then(() => true, (error: unknown) => {
        if (error instanceof ScheduleNotFoundError) return false;
        throw error;
      });
      if (everyMs === null) return void (known && (await handle.delete()));
      const spec = { intervals: [{ every: everyMs }] };
      const action = { type: 'startWorkflow' as const, workflowType: 'permissionAudit', workflowId: AUDIT, taskQueue: queues.workflows, args: [order] };
      const policies = { overlap: ScheduleOverlapPolicy.SKIP };
      if (known) await handle.update((before) => ({ ...before, spec, action, policies: { ...before.policies, ...policies } }));
      else await client.schedule.create({ scheduleId: AUDIT, spec, action, policies });
    },
    async undo(review, undo) {
      try {
        return { ok: true, review: await client.workflow.getHandle(review).executeUpdate<ReviewView, [typeof undo]>('undo', { args: [undo] }) };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return { ok: false, message: 'no such review is open' };
        if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure && REFUSALS.includes(error.cause.type ?? '')) return { ok: false, message: error.cause.message };
        throw error;
      }
    },
    async all() {
      const views: ReviewView[] = [];
      for await (const one of client.workflow.list({ query: "WorkflowType = 'permissionReview' AND ExecutionStatus = 'Running'" })) views.push(await client.workflow.getHandle(one.workflowId).query<ReviewView>('review'));
      return views;
    },
  };
}
