import { digestOf } from '../digest';
import type { AuditSettings, Claim, Judgement, Logged, Observation, Subject } from './model';

export const DAY_MS = 86_400_000;
/** Two records of one call may differ by so much: reports round, logs have the second. */
export const SAME_CALL_MS = 5 * 60_000;

/** `rev-` and 20 hex digits: one review a subject, whoever asks for it. */
export const reviewIdOf = ({ provider, account, kind, id }: Pick<Subject, 'provider' | 'account' | 'kind' | 'id'>): string =>
  `rev-${digestOf([provider, account, kind, id.toLowerCase()]).slice(0, 20)}`;

/**
 * Does the log show that this claim was only an attempt? Only when it has the very action around that time as denied; its successes count by themselves.
 * What the log does not know (data events, a late delivery) stays a use: it is safer to leave something alone than to take it.
 */
export function onlyDenied(claim: Claim, log: readonly Logged[]): boolean {
  return log.some((one) => one.denied && explains(one, claim) && Math.abs(Date.parse(one.at) - Date.parse(claim.at)) <= SAME_CALL_MS);
}

/** A claim about a whole identity or key (no service) is explained by any call at that time. */
function explains(logged: Logged, claim: Claim): boolean {
  const [what, about] = [logged.what.toLowerCase(), claim.what.toLowerCase()];
  return about === '' || (about.includes(':') && what === about);
}

/** Everything that counts as use, newest first: successes, and claims that the log does not show to be denied attempts. */
export function usesOf({ claims, log, used }: Pick<Observation, 'claims' | 'log' | 'used'>): Claim[] {
  const successes = log.filter((one) => !one.denied).map((one): Claim => ({ what: one.what, at: one.at, by: 'the log' }));
  return [...used, ...successes, ...claims.filter((claim) => !onlyDenied(claim, log))].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** Row audit.2: is it unused for the window? Everything doubtful is left alone, with the reason. */
export function judge(seen: Observation, settings: Pick<AuditSettings, 'windowMs' | 'unusedShare'>, now: number): Judgement {
  const [latest] = usesOf(seen);
  const lastUse = latest?.at ?? null;
  const as = (outcome: Judgement['outcome'], ...why: string[]): Judgement => ({ outcome, lastUse, why });
  const days = Math.round(settings.windowMs / DAY_MS);
  const span = days >= 1 ? `${days} days` : `${Math.round(settings.windowMs / 1000)} s`;
  if (seen.createdAt === null) return as('gone', 'it is not there any more');
  if (seen.exempt !== null) return as('exempt', seen.exempt);
  if (seen.failed.length > 0) return as('unreadable', ...seen.failed);
  const made = Date.parse(seen.createdAt);
  if (!(now - made >= settings.windowMs)) return as('young', `made ${seen.createdAt}: younger than ${span}`);
  if (latest && !(now - Date.parse(latest.at) >= settings.windowMs)) {
    const idle = idleServices(seen);
    const enough = seen.services && idle.length > 0 && idle.length >= seen.services.granted.length * settings.unusedShare;
    return enough
      ? as('over-permitted', `last used ${latest.at} (${latest.what || latest.by})`, `${idle.length} of ${seen.services!.granted.length} granted services unused for ${span}: ${idle.slice(0, 12).join(', ')}${idle.length > 12 ? ', …' : ''}`)
      : as('in-use', `last used ${latest.at} (${latest.what || latest.by})`, ...(seen.notes ?? []));
  }
  const attempts = seen.claims.filter((claim) => onlyDenied(claim, seen.log)).length;
  return as('unused', lastUse ? `last used ${lastUse}: unused for ${span}` : `no use is known, and it was made ${seen.createdAt}`, ...(attempts > 0 ? [`${attempts} denied attempts are not use`] : []));
}

const idleServices = ({ services }: Observation): string[] => (services ? services.granted.filter((one) => !services.used.includes(one)) : []);

/** What was tried since the quarantine began, denied or not: somebody may need it after all. */
export function triedSince(seen: Pick<Observation, 'claims' | 'log' | 'used'>, since: number): Claim[] {
  return [...seen.used, ...seen.claims, ...seen.log.map((one): Claim => ({ what: one.what, at: one.at, by: 'the log' }))].filter((one) => Date.parse(one.at) > since).sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** When “still needed” ends: the date that was named (its last moment, UTC) or the usual time, never later than the longest. */
export function neededUntil(named: string | undefined, settings: Pick<AuditSettings, 'neededMs' | 'neededAtMostMs'>, now: number): number {
  const date = named === undefined ? Number.NaN : Date.parse(`${named}T23:59:59.999Z`);
  return Math.min(date > now ? date : now + settings.neededMs, now + settings.neededAtMostMs);
}
