import type { EventData } from '@azure/arm-monitor';
import type { DirectoryAudit, SignIn } from '@microsoft/microsoft-graph-types';
import type { AzureContext } from '../context';
import { literal } from '../graph';
import type { Reader } from './check';
import { fromAudit, fromSignIn, joinedOperations, type LogRecord } from './record';

/** The Activity Log keeps 90 days (Azure Monitor); sign-ins and audits 30 days with a licence, 7 without (Entra: “data retention”). */
export const ACTIVITY_DAYS = 90;
/** Beyond so many the log of one subscription is not read to its end. */
const MAX_ACTIVITIES = 20_000;

/** Who is asked about: object ids, and for applications the application id, which is what the audit can be filtered by. */
export interface Asked {
  kind: 'user' | 'service-principal';
  id: string;
  appId: string | null;
}

export interface Logs {
  records: LogRecord[];
  truncated: string[];
}

/** Interactive sign-ins of people; what programs do in their name, and sign-ins of applications, only beta would tell. */
export async function signInsOf(ctx: AzureContext, reader: Reader, tenant: string, user: string, from: Date): Promise<LogRecord[]> {
  const filter = `createdDateTime ge ${seconds(from)} and userId eq ${literal(user)}`;
  const found = await reader.read(`${tenant} sign-in log`, () => ctx.access.graph(tenant).list<SignIn>('/auditLogs/signIns', { filter }));
  return (found ?? []).map((one) => fromSignIn(tenant, one));
}

/** Directory changes by one identity. */
export async function auditsBy(ctx: AzureContext, reader: Reader, tenant: string, { kind, id, appId }: Asked, from: Date): Promise<LogRecord[]> {
  if (kind !== 'user' && !appId) return [];
  const by = kind === 'user' ? `initiatedBy/user/id eq ${literal(id)}` : `initiatedBy/app/appId eq ${literal(appId!)}`;
  const found = await reader.read(`${tenant} directory audit`, () => ctx.access.graph(tenant).list<DirectoryAudit>('/auditLogs/directoryAudits', { filter: `activityDateTime ge ${seconds(from)} and ${by}` }));
  const records = (found ?? []).map((one) => fromAudit(tenant, one));
  // Asked by its application id, a record may leave the object id out.
  return kind === 'user' ? records : records.map((one) => (one.actor.kind === 'service-principal' && one.actor.id === '' ? { ...one, actor: { ...one.actor, id } } : one));
}

/** Every administrative operation in the window, whoever made it: the API filters by time and resource only (Activity Logs list: “$filter”). */
export async function activities(ctx: AzureContext, reader: Reader, tenant: string, subscription: string, from: Date, to: Date): Promise<Logs> {
  const filter = `eventTimestamp ge '${from.toISOString()}' and eventTimestamp le '${to.toISOString()}'`;
  const truncated: string[] = [];
  const events: EventData[] = [];
  await reader.read(`subscription ${subscription} Activity Log`, async () => {
    for await (const event of ctx.access.arm(tenant, subscription).monitor.activityLogs.list(filter)) {
      events.push(event);
      if (events.length < MAX_ACTIVITIES) continue;
      truncated.push(`subscription ${subscription}: the newest ${MAX_ACTIVITIES} operations, back to ${event.eventTimestamp?.toISOString() ?? 'unknown'}`);
      break;
    }
  });
  return { records: joinedOperations(events, tenant), truncated };
}

/** Graph compares to the second. */
const seconds = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z');
