import type { Artifact, Finding } from '../../playbook/model/finding';
import { reachOf } from '../../playbook/net';
import type { Watched } from '../contract';
import type { AwsCase, AwsContext } from './context';
import { identityCenterName, isIdentityCenterRole } from './investigate/attribution';
import { createLooker } from './investigate/looker';
import { HISTORY_MS, type LookupOptions } from './investigate/lookup-events';
import { actorOf, text, type Actor, type TrailRecord } from './investigate/record';
import { stolenKeys } from './recover/propose';

/** CloudTrail shows an event up to 15 minutes after it happened, on average 5 (CloudTrail User Guide). */
const DELIVERY_MS = 15 * 60_000;
const MAX_PAGES = 20;
const MAX_MOVES = 200;

export const watchPermissions = ['cloudtrail:LookupEvents'] as const;

/** Who and what is watched. */
interface Watchlist {
  keys: ReadonlySet<string>;
  /** ARNs in lower case; all that they do is a move. */
  made: ReadonlySet<string>;
  /** Names to look up. */
  names: string[];
  addresses: ReadonlySet<string>;
  principal: string;
  /** Role sessions of the alerts, by name. */
  sessions: ReadonlySet<string>;
  /** ISO. */
  firstAlert: string;
}

/**
 * Row 4.7: what the principal, the attacker's keys, users and roles, and the attacker's addresses did since. A move is `blocked` when AWS refused it.
 * The principal itself may live on: with a credential from after the first alert and from another address it is at work, not moving.
 * `until` is where the next look starts: the newest half of the time since the last look, 15 minutes at most, is left to the next one, when its events have
 * arrived; so each event is told once and late ones are not missed. `error` says what could not be seen. Errors: none of its own; one region that fails does not hide the others.
 */
export async function watch(ctx: AwsContext, aCase: AwsCase, findings: readonly Finding[], since: string, options: LookupOptions = {}): Promise<Watched> {
  const artifacts = findings.flatMap((finding) => finding.artifacts);
  const list = watchlist(aCase, artifacts);
  const now = ctx.now().getTime();
  // Whole seconds, as CloudTrail's own times are: an event is told in the second in which it happened.
  const second = (time: number): Date => new Date(Math.floor(time / 1000) * 1000);
  const from = second(Math.max(Date.parse(since), Date.parse(list.firstAlert), now - HISTORY_MS));
  const to = second(now - Math.min(DELIVERY_MS, (now - from.getTime()) / 2));
  // A clock that is behind `since` has nothing to look at, and never sets it back.
  if (to <= from) return { until: since, moves: [], error: null };
  const looker = createLooker(ctx.access, options);
  const configured = new Set(ctx.access.config.accounts.map((account) => account.id));
  const accounts = [...new Set([...(identityCenterName(aCase.principal) === null ? [aCase.principal.account] : configured), ...aCase.alerts.map((alert) => alert.account), ...artifacts.filter(attackers).map((one) => one.account)])].filter((id) => configured.has(id));
  const questions = accounts.flatMap((account) => [
    ...[...list.keys].map((value) => ({ account, key: 'AccessKeyId' as const, value })),
    ...list.names.map((value) => ({ account, key: 'Username' as const, value })),
    ...(aCase.principal.kind === 'role' ? [{ account, key: 'ResourceName' as const, value: aCase.principal.name }] : []),
    // History cannot be asked by address: what changed something is read through, and the address compared.
    ...(list.addresses.size > 0 ? [{ account, key: 'ReadOnly' as const, value: 'false' }] : []),
  ]);
  const found = (await Promise.all(questions.map((question) => looker.ask({ ...question, from, to, maxPages: MAX_PAGES })))).flat();
  const ours = new Set(ctx.access.config.accounts.map((account) => account.roleArn.toLowerCase()));
  // LookupEvents takes both ends in, to the second: the upper one belongs to the next look.
  const inside = found.filter((record) => Date.parse(record.eventTime) >= from.getTime() && Date.parse(record.eventTime) < to.getTime());
  // Newest first as they come; within a second the order of arrival is all there is.
  const records = [...new Map(inside.map((record) => [record.eventID, record])).values()].reverse().sort((a, b) => Date.parse(a.eventTime) - Date.parse(b.eventTime));
  const moved = records.filter((record) => isMove(record, list, ours));
  const unseen = [...looker.failed.map(({ where, error }) => `${where}: ${error}`), ...looker.truncated, ...(looker.unreadable > 0 ? [`${looker.unreadable} events could not be read`] : [])];
  if (moved.length > MAX_MOVES) unseen.push(`${moved.length} moves, the newest ${MAX_MOVES} are shown`);
  return { until: to.toISOString(), moves: moved.slice(-MAX_MOVES).map(moveOf), error: unseen.length > 0 ? unseen.join('; ') : null };
}

const attackers = (artifact: Artifact): boolean => artifact.attribution === 'attacker';

function watchlist(aCase: AwsCase, artifacts: readonly Artifact[]): Watchlist {
  const { principal, alerts, elsewhere } = aCase;
  const made = artifacts.filter((one) => attackers(one) && one.how === 'created' && (one.kind === 'user' || one.kind === 'role'));
  const sessions = [...alerts.flatMap((alert) => alert.session?.name ?? []), ...(identityCenterName(principal) !== null ? [principal.name] : [])];
  const own = principal.kind === 'user' ? [principal.name] : principal.kind === 'root' ? ['root'] : [];
  // An address within a private network says nothing about who it is.
  const addresses = [...alerts.flatMap((alert) => [alert.sourceIp ?? '', ...alert.addresses]), ...(elsewhere?.addresses ?? [])].filter((ip) => reachOf(ip) === 'public');
  return {
    keys: new Set(stolenKeys(aCase, artifacts)), made: new Set(made.map((one) => one.id.toLowerCase())),
    names: [...new Set([...own, ...sessions, ...made.filter((one) => one.kind === 'user').map((one) => one.name)])], addresses: new Set(addresses),
    principal: principal.id.toLowerCase(), sessions: new Set(sessions), firstAlert: [...alerts.map((alert) => alert.time), ...(elsewhere ? [elsewhere.firstAlert] : [])].sort()[0] ?? new Date(0).toISOString(),
  };
}

function isMove(record: TrailRecord, list: Watchlist, ours: ReadonlySet<string>): boolean {
  const actor = actorOf(record);
  if (actor.role !== null && ours.has(actor.role)) return false;
  if (actor.key !== null && list.keys.has(actor.key)) return true;
  if (list.addresses.has(record.sourceIPAddress)) return true;
  if ((actor.user !== null && list.made.has(actor.user)) || (actor.role !== null && list.made.has(actor.role))) return true;
  if (!isPrincipal(actor, list)) return false;
  if (actor.role !== null) return actor.session !== null && list.sessions.has(actor.session);
  // A long-term key that nobody stole is new (or rotated); a sign-in or session counts by when it began.
  if (actor.key?.startsWith('AKIA')) return false;
  return Date.parse(record.identity.issuedAt ?? record.eventTime) <= Date.parse(list.firstAlert);
}

const isPrincipal = (actor: Actor, { principal }: Watchlist): boolean =>
  actor.user === principal || actor.role === principal || (principal.includes(':sso:') && actor.role !== null && isIdentityCenterRole(actor.role)) || (actor.root !== null && principal === `arn:aws:iam::${actor.root}:root`);

/** Refused by AWS, not merely failed: an error such as NoSuchEntity means that the credential works. */
function isBlocked(record: TrailRecord): boolean {
  if (/AccessDenied|Unauthorized|NotAuthorized|AuthFailure|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch|UnrecognizedClient|OptInRequired/i.test(record.errorCode ?? '')) return true;
  return record.eventName === 'ConsoleLogin' && text(record.response, 'ConsoleLogin') === 'Failure';
}

function moveOf(record: TrailRecord): Watched['moves'][number] {
  const by = record.identity.arn ?? record.identity.accessKeyId ?? record.identity.principalId ?? record.identity.type;
  const blocked = isBlocked(record);
  return { time: record.eventTime, event: record.eventName, by, blocked, text: `${by} ${blocked ? 'was refused' : 'did'} ${record.eventName} (${record.eventSource}) in ${record.awsRegion} from ${record.sourceIPAddress}` };
}
