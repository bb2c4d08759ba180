import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { HISTORIES, testConverter, workflowBundle } from '../workflows/harness';

/** Every committed history must replay on today’s code: a change that breaks running incidents is seen here first (`patched()` is the way out). */
const files = readdirSync(HISTORIES).filter((file) => file.endsWith('.history'));

/** The protobuf `History`, base64. */
const read = (file: string) => temporal.api.history.v1.History.decode(Buffer.from(readFileSync(join(HISTORIES, file), 'utf8'), 'base64'));

test('there are histories to replay', () => expect(files.length).toBeGreaterThanOrEqual(4));

test.each(files)('%s replays', async (file) => {
  const history = read(file);
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle(), dataConverter: testConverter }, history, file);
}, 60_000);

test('a history that does not fit is noticed', async () => {
  const file = files.find((one) => one.startsWith('incident-to-the-end'))!;
  const history = read(file);
  const scheduled = history.events!.find((event) => event.activityTaskScheduledEventAttributes)!;
  scheduled.activityTaskScheduledEventAttributes!.activityType!.name = 'somethingElse';
  await expect(Worker.runReplayHistory({ workflowBundle: await workflowBundle(), dataConverter: testConverter }, history, file)).rejects.toThrow(DeterminismViolationError);
}, 60_000);
