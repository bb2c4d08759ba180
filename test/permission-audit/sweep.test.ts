import { createReviewPort } from '../../approvals/reviews';
import type { AuditProgress, Subject } from '../../playbook/permission-audit/model';
import { openStage, startWorkers, type Stage } from '../workflows/harness';
import { AuditWorld, forgotten } from './world';

jest.setTimeout(420_000);

const PAGES = 20;
const PAGE = 100;
/** More than the workflow's own 4,000, by what one page adds. */
const MOST_EVENTS = 6_000;

let stage: Stage;
let stop: () => Promise<void>;
afterEach(() => stop());

test('two thousand principals: page by page, each looked at once, and no history grows without end', async () => {
  stage = await openStage();
  const world = new AuditWorld();
  world.subjects = Array.from({ length: PAGES }, (_, page) => Array.from({ length: PAGE }, (_one, at): Subject => ({ ...forgotten, id: `${forgotten.id}-${page}-${at}`, name: `role-${page}-${at}` })));
  // One in a hundred is unused: the others work.
  const idle = (name: string): boolean => name.endsWith('-7');
  const look = world.providerActivities.bind(world);
  world.providerActivities = () => {
    const activities = look() as Record<string, (input: { subject: Subject; now: string }) => Promise<object>>;
    const seen = activities['aws.audit.look']!;
    return { ...activities, 'aws.audit.look': async (input: { subject: Subject; now: string }) => ({ ...(await seen(input)), used: idle(input.subject.name) ? [] : [{ what: '', at: input.now, by: 'the log' }] }) };
  };
  stop = await startWorkers(stage, world);
  const audit = await createReviewPort(stage.client).audit({ places: [{ provider: 'aws', account: forgotten.account }], requester: null });
  const first = await stage.client.workflow.getHandle(audit).describe();
  const progress = (await stage.client.workflow.getHandle(audit).result()) as AuditProgress;
  expect(progress).toMatchObject({ looked: PAGES * PAGE, outcomes: { 'in-use': PAGES * (PAGE - 1), unused: PAGES }, failed: [], done: true });
  expect(new Set(world.looked).size).toBe(PAGES * PAGE);
  expect(world.looked).toHaveLength(PAGES * PAGE);
  expect([...world.started].sort()).toEqual(world.subjects.flat().map(({ name }) => name).filter(idle).sort());
  const runs: number[] = [];
  for (let run: string | undefined = first.runId; run; ) {
    const { events } = await stage.client.workflow.getHandle(audit, run).fetchHistory();
    runs.push(events!.length);
    run = events!.at(-1)!.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  expect(runs.length).toBeGreaterThan(1);
  expect(Math.max(...runs)).toBeLessThan(MOST_EVENTS);
});
