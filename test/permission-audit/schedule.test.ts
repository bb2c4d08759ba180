import { ScheduleNotFoundError, ScheduleOverlapPolicy, type Client, type ScheduleDescription, type ScheduleOptions, type ScheduleUpdateOptions } from '@temporalio/client';
import { createReviewPort } from '../../approvals/reviews';
import { queues } from '../../playbook/queues';

const order = { places: [{ provider: 'aws' as const, account: '111122223333' }, { provider: 'azure' as const, account: '11111111-2222-4333-8444-555555555555' }], requester: null };
const HOUR = 3_600_000;

/** Temporal's schedules, as far as the port uses them: the server for time skipping has none. */
function schedules(known: Partial<ScheduleDescription> | null, broken = false) {
  const done: { created: ScheduleOptions[]; updated: ScheduleUpdateOptions[]; deleted: string[] } = { created: [], updated: [], deleted: [] };
  const client = {
    schedule: {
      create: async (options: ScheduleOptions) => void done.created.push(options),
      getHandle: (id: string) => ({
        describe: async () => {
          if (broken) throw new Error('Temporal is away');
          if (!known) throw new ScheduleNotFoundError('no', id);
          return known;
        },
        update: async (change: (before: ScheduleDescription) => ScheduleUpdateOptions) => void done.updated.push(change(known as ScheduleDescription)),
        delete: async () => void done.deleted.push(id),
      }),
    },
  } as unknown as Client;
  return { port: createReviewPort(client), done };
}

const action = { type: 'startWorkflow', workflowType: 'permissionAudit', workflowId: 'permission-audit', taskQueue: queues.workflows, args: [order] };

test('made once, in nobody’s name; a sweep that is still under way is not joined by a second', async () => {
  const { port, done } = schedules(null);
  await port.schedule(order, 12 * HOUR);
  expect(done).toEqual({ created: [{ scheduleId: 'permission-audit', spec: { intervals: [{ every: 12 * HOUR }] }, action, policies: { overlap: ScheduleOverlapPolicy.SKIP } }], updated: [], deleted: [] });
});

test('there already: the new interval and places, and all else as an operator left it', async () => {
  const before = { policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: 5 * HOUR, pauseOnFailure: true }, state: { paused: true, note: 'during the migration' }, memo: {} } as unknown as ScheduleDescription;
  const { port, done } = schedules(before);
  await port.schedule(order, 24 * HOUR);
  expect(done.created).toEqual([]);
  expect(done.updated).toEqual([{ ...before, spec: { intervals: [{ every: 24 * HOUR }] }, action, policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 5 * HOUR, pauseOnFailure: true } }]);
});

test('no longer: deleted where it is, nothing where it is not', async () => {
  const [there, gone] = [schedules({}), schedules(null)];
  await there.port.schedule(order, null);
  await gone.port.schedule(order, null);
  expect([there.done.deleted, gone.done]).toEqual([['permission-audit'], { created: [], updated: [], deleted: [] }]);
});

test('Temporal that does not answer is not “no schedule”', async () => {
  const { port, done } = schedules(null, true);
  await expect(port.schedule(order, HOUR)).rejects.toThrow('Temporal is away');
  expect(done.created).toEqual([]);
});
