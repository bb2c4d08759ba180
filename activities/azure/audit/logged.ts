import type { DirectoryAudit } from '@microsoft/microsoft-graph-types';
import type { Logged } from '../../../playbook/permission-audit/model';
import type { AzureAccess } from '../clients';
import type { AzureContext } from '../context';
import { literal } from '../graph';
import { createReader, each, type Reader } from '../investigate/check';
import { activities, auditsBy, type Asked } from '../investigate/logs';
import type { LogRecord } from '../investigate/record';

/** Entra keeps its audit for 30 days with a licence, 7 without (Entra: “data retention”). */
const AUDIT_MS = 30 * 86_400_000;
/** One reading of the Activity Log serves every subject that is looked at meanwhile. */
const KEPT_MS = 10 * 60_000;

interface Window { from: Date; to: Date }
interface ActivityLog { by: Map<string, Logged[]>; failed: string[] }

const kept = new WeakMap<AzureAccess['config'], Map<string, { at: number; log: Promise<ActivityLog> }>>();

const failures = (reader: Reader): string[] => reader.failed.map(({ where, error }) => `${where}: ${error}`);
const logged = ({ event, time, succeeded }: LogRecord): Logged => ({ what: event, at: time, denied: !succeeded });

/** Newest success and newest failure of each operation: what decides, and no more. */
export function briefly(records: readonly Logged[]): Logged[] {
  const newest = new Map<string, Logged>();
  for (const one of records) {
    const key = `${one.what} ${one.denied}`;
    const known = newest.get(key);
    if (!known || known.at < one.at) newest.set(key, one);
  }
  return [...newest.values()];
}

/** The writes of the window in every configured subscription, by who made them. What is cut off is older; the sign-in report does not depend on it. */
function activityLog(ctx: AzureContext, tenant: string, { from, to }: Window): Promise<ActivityLog> {
  const tenants = kept.get(ctx.access.config) ?? new Map<string, { at: number; log: Promise<ActivityLog> }>();
  kept.set(ctx.access.config, tenants);
  const known = tenants.get(tenant);
  if (known && to.getTime() - known.at < KEPT_MS && to.getTime() >= known.at) return known.log;
  const log = readActivityLog(ctx, tenant, from, to);
  tenants.set(tenant, { at: to.getTime(), log });
  log.then(({ failed }) => failed.length > 0 && tenants.delete(tenant), () => tenants.delete(tenant));
  return log;
}

async function readActivityLog(ctx: AzureContext, tenant: string, from: Date, to: Date): Promise<ActivityLog> {
  const reader = createReader();
  const logs = await each(ctx.access.subscriptions(tenant), 4, (subscription) => activities(ctx, reader, tenant, subscription, from, to));
  const by = new Map<string, Logged[]>();
  for (const record of logs.flatMap((one) => one.records)) by.set(record.actor.id, [...(by.get(record.actor.id) ?? []), logged(record)]);
  return { by: new Map([...by].map(([id, all]) => [id, briefly(all)])), failed: failures(reader) };
}

/** What the identity did: changes in the directory, and writes in Azure. Failed calls come as denied. What could not be read is in `failed`. */
export async function doneBy(ctx: AzureContext, tenant: string, asked: Asked, window: Window): Promise<{ log: Logged[]; failed: string[] }> {
  const reader = createReader();
  const from = new Date(Math.max(window.from.getTime(), window.to.getTime() - AUDIT_MS));
  const [changes, writes] = await Promise.all([auditsBy(ctx, reader, tenant, asked, from), activityLog(ctx, tenant, window)]);
  return { log: [...briefly(changes.map(logged)), ...(writes.by.get(asked.id.toLowerCase()) ?? [])], failed: [...failures(reader), ...writes.failed] };
}

/** When somebody was last given a role, as far back as the audit goes; null: not in that time. */
export async function lastGiven(ctx: AzureContext, tenant: string, id: string, to: Date): Promise<string | null> {
  const from = new Date(to.getTime() - AUDIT_MS).toISOString().replace(/\.\d+Z$/, 'Z');
  const audits = await ctx.access.graph(tenant).list<DirectoryAudit>('/auditLogs/directoryAudits', { filter: `activityDateTime ge ${from} and category eq 'RoleManagement' and targetResources/any(t:t/id eq ${literal(id)})` });
  return audits.filter((one) => one.result === 'success' && /^Add /.test(one.activityDisplayName ?? '')).map((one) => one.activityDateTime ?? '').sort().pop() ?? null;
}
