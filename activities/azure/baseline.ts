import type { DirectoryAudit, SignIn, User } from '@microsoft/microsoft-graph-types';
import type { Alert } from '../../playbook/model/alert';
import type { Principal } from '../../playbook/model/principal';
import { compare, pastOf, type Baseline, type Sighting, type Traits } from '../../playbook/triage/baseline';
import { fact, objectOf, textOf } from '../../playbook/triage/reading';
import { codeOf, toFailure } from '../boundary';
import { cacheOf } from '../context-cache';
import { placeOf, told } from '../traits';
import { noAnswer, within } from '../within';
import type { AzureContext } from './context';
import { classifyAzure } from './errors';
import { at, literal } from './graph';
import { fromAudit, fromSignIn, type LogRecord } from './investigate/record';

export const baselinePermissions = ['AuditLog.Read.All', 'Directory.Read.All', 'User.Read.All'] as const;

/** Sign-ins and audits are kept for 30 days with a licence, 7 without (Entra: “data retention”). */
const KEPT_MS = 30 * 86_400_000;
/** The newest of each log; a busy person has some hundred a week. */
const ENOUGH = 2_000;
const PATIENCE_MS = 40_000;

/** A person’s own past from the sign-in log and the directory audit, and what of the alerts is new. Never throws: why it says nothing is in the answer. */
export async function baseline(ctx: Pick<AzureContext, 'access'>, { principal, alerts }: { principal: Principal; alerts: Alert[] }): Promise<Baseline> {
  const compared = alerts.filter((alert) => alert.provider === 'azure').map((alert) => ({ id: alert.id, time: alert.time, traits: traitsOfAlert(alert) }));
  const window = pastOf(compared.map(({ time }) => time).sort()[0] ?? new Date().toISOString(), KEPT_MS);
  const says = (silent: string): Baseline => ({ ...compare(principal.name, { ...window, sampled: false }, [], compared), silent });
  if (principal.kind !== 'user' && principal.kind !== 'guest') return says('Graph v1.0 lists the sign-ins of people only');
  try {
    const { past, sampled } = await within(cacheOf(ctx.access).get({ kind: 'past', account: principal.account, subject: principal.id, more: window.until.toISOString() }, () => pastOfPerson(ctx, principal, window)), PATIENCE_MS, noAnswer(PATIENCE_MS));
    return compare(principal.name, { ...window, sampled }, past, compared);
  } catch (error) {
    return says(`its logs could not be read (${codeOf(toFailure(error, classifyAzure)) ?? 'UNEXPECTED'})`);
  }
}

async function pastOfPerson(ctx: Pick<AzureContext, 'access'>, { account, id }: Principal, { from, until }: { from: Date; until: Date }): Promise<{ past: Sighting[]; sampled: boolean }> {
  const graph = ctx.access.graph(account);
  // The logs are asked by object id; an alert may name the person by UPN.
  const user = /^[0-9a-f-]{36}$/i.test(id) ? id : ((await graph.get<User>(at`/users/${id}`, { select: 'id' })).id ?? id);
  const between = (time: string): string => `${time} ge ${seconds(from)} and ${time} lt ${seconds(until)}`;
  const [signIns, audits] = await Promise.all([
    graph.list<SignIn>('/auditLogs/signIns', { filter: `${between('createdDateTime')} and userId eq ${literal(user)}`, enough: ENOUGH }),
    graph.list<DirectoryAudit>('/auditLogs/directoryAudits', { filter: `${between('activityDateTime')} and initiatedBy/user/id eq ${literal(user)}`, enough: ENOUGH }),
  ]);
  return { past: [...signIns.map((one) => fromSignIn(account, one)), ...audits.map((one) => fromAudit(account, one))].flatMap(sightingOf), sampled: signIns.length >= ENOUGH || audits.length >= ENOUGH };
}

/** A refused sign-in proves nothing about who tried. Only sign-ins tell program and application. */
export function sightingOf({ log, succeeded, time, ip, raw }: LogRecord): Sighting[] {
  const { clientAppUsed, appDisplayName } = log === 'sign-in' ? objectOf(raw) : {};
  return succeeded ? [{ time, traits: { ...placeOf(ip), ...told({ agent: textOf(clientAppUsed), service: textOf(appDisplayName) }) } }] : [];
}

/** Only a sign-in tells program and application in the same words as the log of sign-ins. */
export function traitsOfAlert(alert: Alert): Traits {
  const place = placeOf(alert.sourceIp);
  return alert.source === 'entra-signin' ? { ...place, ...told({ agent: fact(alert, 'clientApp'), service: alert.service }) } : place;
}

/** Graph compares to the second. */
const seconds = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z');
