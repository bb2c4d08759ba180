import type { WorkflowHandle } from '@temporalio/client';
import type { incident } from '../../../workflows';
import { status, type Stage } from '../harness';

const LOOK_MS = 50;

/**
 * Runs an incident to its end and skips time only in its watch, while nothing is under way. `result()` of the time-skipping server skips beside running activities too: one that takes real
 * time, as a cloud’s do, then times out there, is tried again, and the server’s clock stays locked for good.
 */
export async function playOut(stage: Stage, handle: WorkflowHandle<typeof incident>): ReturnType<typeof handle.result> {
  let seen = -1;
  for (;;) {
    const { status: now, raw, historyLength } = await handle.describe();
    if (now.name !== 'RUNNING') return handle.result();
    const idle = historyLength === seen && !raw.pendingActivities?.length && !raw.pendingWorkflowTask && (await status(handle)).phase === 'watch';
    seen = historyLength;
    const wait = idle ? (await nextTimer(handle)) - (await stage.env.currentTimeMs()) : 0;
    if (wait > 0) await stage.env.sleep(wait);
    else await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** When the first of its open timers ends (ms); 0 when it has none. */
async function nextTimer(handle: WorkflowHandle): Promise<number> {
  const timers = new Map<string, number>();
  for (const { timerStartedEventAttributes: started, timerFiredEventAttributes: fired, timerCanceledEventAttributes: cancelled, eventTime } of (await handle.fetchHistory()).events ?? []) {
    if (started) timers.set(started.timerId!, ms(eventTime) + ms(started.startToFireTimeout));
    else timers.delete((fired ?? cancelled)?.timerId ?? '');
  }
  return timers.size > 0 ? Math.min(...timers.values()) : 0;
}

const ms = (time: { seconds?: unknown; nanos?: number | null } | null | undefined): number => Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
