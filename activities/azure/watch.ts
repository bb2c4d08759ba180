import type { Finding } from '../../playbook/model/finding';
import { reachOf } from '../../playbook/net';
import type { Watched } from '../contract';
import { each } from '../check';
import type { AzureCase, AzureContext } from './context';
import { trailPermissions, createReader } from './investigate/check';
import { activities, auditsBy, signInsOf, type Asked } from './investigate/logs';
import { directoryKind } from './look-up';
import type { LogRecord } from './investigate/record';
import { identityOf, seedsOf } from './investigate/trail';

/** What the logs take at most, most of the time: the newest part is left to the next look. Source: Azure Monitor and Entra, log latency. */
const DELIVERY_MS = 20 * 60_000;
const MAX_MOVES = 200;
const MAX_WATCHED = 40;

export const watchPermissions: readonly string[] = [...trailPermissions, 'Application.Read.All'];

/**
 * Row 4.7: what the principal, the identities that the attacker made, and the attacker's addresses did since. A move is `blocked` when Entra or Azure refused it. The principal itself
 * may live on: from another address it is at work, not moving. `until` is where the next look starts: the newest half of the time since the last look, 20 minutes at most, is left to
 * it, when its records have arrived. `error` says what could not be seen. Errors: none of its own.
 */
export async function watch(ctx: AzureContext, aCase: AzureCase, findings: readonly Finding[], since: string): Promise<Watched> {
  const tenant = ctx.access.config.tenants.find((one) => one.id === aCase.principal.account);
  if (!tenant) return { until: since, moves: [], error: `tenant ${aCase.principal.account} is not configured` };
  const now = ctx.now().getTime();
  const seeds = seedsOf(aCase, ctx.now());
  // Graph compares to the second.
  const second = (time: number): Date => new Date(Math.floor(time / 1000) * 1000);
  const from = second(Math.max(Date.parse(since), Date.parse(seeds.firstAlert)));
  const to = second(now - Math.min(DELIVERY_MS, (now - from.getTime()) / 2));
  if (to <= from) return { until: since, moves: [], error: null };
  const reader = createReader();
  const made = new Set(findings.flatMap((finding) => finding.artifacts).filter((one) => one.attribution === 'attacker' && one.how === 'created' && (one.kind === 'user' || one.kind === 'service-principal')).map((one) => one.id.toLowerCase()));
  const hostile = new Set(seeds.addresses.filter((ip) => reachOf(ip) === 'public'));
  const asked: Asked[] = await each([aCase.principal.id.toLowerCase(), ...made].slice(0, MAX_WATCHED), 4, (id, index) => (index === 0 && directoryKind(aCase.principal) === 'user' ? Promise.resolve({ kind: 'user' as const, id, appId: null }) : identityOf(ctx, reader, tenant.id, id)));
  const [directory, subscriptions] = await Promise.all([
    each(asked, 4, async (one) => [...(one.kind === 'user' ? await signInsOf(ctx, reader, tenant.id, one.id, from) : []), ...(await auditsBy(ctx, reader, tenant.id, one, from))]),
    each(tenant.subscriptions, 3, (one) => activities(ctx, reader, tenant.id, one.id, from, to)),
  ]);
  const ids = new Set([...made, ...asked.slice(1).map((one) => one.id)]);
  const isMove = ({ actor, ip }: LogRecord): boolean => ids.has(actor.id) || (ip !== null && hostile.has(ip));
  const all = [...directory.flat(), ...subscriptions.flatMap((one) => one.records)].filter((one) => Date.parse(one.time) >= from.getTime() && Date.parse(one.time) < to.getTime());
  const moved = [...new Map(all.filter(isMove).map((one) => [`${one.log}/${one.id}`, one])).values()].sort((a, b) => (a.time < b.time ? -1 : 1));
  const unseen = [...reader.failed.map(({ where, error }) => `${where}: ${error}`), ...subscriptions.flatMap((one) => one.truncated), ...(made.size + 1 > MAX_WATCHED ? [`${made.size + 1 - MAX_WATCHED} identities are not watched`] : []), ...(moved.length > MAX_MOVES ? [`${moved.length} moves, the newest ${MAX_MOVES} are shown`] : [])];
  return { until: to.toISOString(), moves: moved.slice(-MAX_MOVES).map(moveOf), error: unseen.length > 0 ? [...new Set(unseen)].join('; ') : null };
}

const moveOf = (record: LogRecord): Watched['moves'][number] => ({
  time: record.time, event: record.event, by: record.actor.name || record.actor.id, blocked: !record.succeeded,
  text: `${record.actor.name || record.actor.id}: ${record.event}${record.ip ? ` from ${record.ip}` : ''}${record.resource ? ` on ${record.resource.slice(0, 200)}` : ''}${record.succeeded ? '' : ' (refused)'}`,
});
