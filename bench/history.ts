import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

type Event = temporal.api.history.v1.IHistoryEvent;
const { EventType } = temporal.api.enums.v1;
const encode = (event: Event): number => temporal.api.history.v1.HistoryEvent.encode(event).finish().length;

export interface HistorySize {
  events: number;
  bytes: number;
  /** Events by type; those of an activity also by its name. */
  by: Record<string, number>;
}

/** A history up to and with the completion of the last of these actions: exact, as the server stores it. Null while one is missing. */
export async function upToContainment(client: Client, workflowId: string, actions: readonly string[]): Promise<HistorySize | null> {
  const { events = [] } = await client.workflow.getHandle(workflowId).fetchHistory();
  const all = events ?? [];
  const names = new Map(all.flatMap((event) => (event.activityTaskScheduledEventAttributes ? [[String(event.eventId), event.activityTaskScheduledEventAttributes.activityType?.name ?? '']] : [])));
  const nameOf = (event: Event): string | null => {
    const { activityTaskScheduledEventAttributes: scheduled, activityTaskStartedEventAttributes: started, activityTaskCompletedEventAttributes: completed } = event;
    if (scheduled) return scheduled.activityType?.name ?? '';
    const id = started?.scheduledEventId ?? completed?.scheduledEventId;
    return id === undefined || id === null ? null : (names.get(String(id)) ?? '');
  };
  const waited = new Set(actions.map((action) => `${action}.apply`));
  const end = all.findIndex((event) => {
    if (event.activityTaskCompletedEventAttributes) waited.delete(nameOf(event) ?? '');
    return waited.size === 0;
  });
  if (end < 0) return null;
  const size: HistorySize = { events: 0, bytes: 0, by: {} };
  for (const event of all.slice(0, end + 1)) {
    const type = EventType[event.eventType ?? 0]!.replace('EVENT_TYPE_', '').toLowerCase();
    const activity = nameOf(event);
    const key = activity === null ? type : `${activity} (${type})`;
    size.events += 1;
    size.bytes += encode(event);
    size.by[key] = (size.by[key] ?? 0) + 1;
  }
  return size;
}

/** What some histories have more (+) or less (-) than others on average, by kind of event. */
export function difference(more: readonly HistorySize[], less: readonly HistorySize[]): Record<string, number> {
  const mean = (sizes: readonly HistorySize[], key: string): number => sizes.reduce((sum, size) => sum + (size.by[key] ?? 0), 0) / sizes.length;
  const keys = [...new Set([...more, ...less].flatMap((size) => Object.keys(size.by)))].sort();
  return Object.fromEntries(keys.map((key) => [key, Math.round((mean(more, key) - mean(less, key)) * 10) / 10] as const).filter(([, by]) => by !== 0));
}
