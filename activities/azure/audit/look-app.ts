import type { AppRoleAssignment, ServicePrincipal, SignIn, SignInActivity, User } from '@microsoft/microsoft-graph-types';
import type { Observation, Subject } from '../../../playbook/permission-audit/model';
import type { AzureContext } from '../context';
import { at, literal } from '../graph';
import { exemptApp, readApp, tagsOf, type AuditedApp } from './exempt';
import { doneBy } from './logged';
import { attempting, latest, nothingSeen, usedIn, type Window } from './observing';

const UNKNOWN_PARTS = 'which of its permissions were used is not known: the Activity Log keeps 90 days and no reads, and no log tells which permission allowed a call; so no narrower ones are proposed';
/** Interactive sign-ins are listed for 30 days. */
const SIGN_INS_MS = 30 * 86_400_000;

/** The beta report of the sign-ins of applications, as far as it is read. Source: Graph beta, servicePrincipalSignInActivity. */
interface Activity { appId?: string; lastSignInActivity?: SignInActivity | null }

/** An application of the tenant’s own, by its service principal. */
export async function lookAtApp(ctx: AzureContext, subject: Subject, window: Window): Promise<Observation> {
  const { account } = subject;
  const seen = nothingSeen();
  const app = await readApp(ctx, account, subject.id);
  if (!app) return seen;
  const attempt = attempting(seen);
  seen.notes = [UNKNOWN_PARTS];
  seen.createdAt = app.application?.createdDateTime ?? null;
  seen.tags = tagsOf(app);
  seen.exempt = exemptApp(ctx, app);
  // It is there; since when does not matter.
  if (seen.exempt) return { ...seen, createdAt: seen.createdAt ?? new Date(0).toISOString() };
  if (app.principal.accountEnabled === false) seen.exempt = `${subject.name} is disabled already`;
  await attempt('owners and permissions', async () => {
    seen.owners = await ownersOf(ctx, account, app);
    const given = await ctx.access.graph(account).list<AppRoleAssignment>(at`/servicePrincipals/${subject.id}/appRoleAssignments`);
    seen.createdAt = latest(seen.createdAt, ...given.map((one) => one.createdDateTime));
  });
  if (seen.failed.length > 0 || Date.parse(seen.createdAt ?? '') > window.from.getTime()) return seen;
  const { appId } = app.principal;
  const reported = ctx.access.config.betaReports?.includes('servicePrincipalSignInActivities') === true;
  await attempt('sign-ins to it and by it (AuditLog.Read.All, Entra ID P1)', async () => void seen.used.push(...(reported ? await byReport(ctx, account, appId!) : await bySignInLog(ctx, account, appId!, window))));
  if (usedIn(seen, window)) return seen;
  const { log, failed } = await doneBy(ctx, account, { kind: 'service-principal', id: subject.id, appId: appId ?? null }, window);
  seen.log.push(...log);
  if (usedIn(seen, window)) return seen;
  seen.failed.push(...failed);
  if (!reported) seen.failed.push('when it last signed in is unknown: Graph v1.0 does not tell of applications (azure.betaReports: servicePrincipalSignInActivities does)');
  return seen;
}

/** Whichever way it took part: as a client or as what was signed in to. The report may count attempts; they count as use. */
async function byReport(ctx: AzureContext, tenant: string, appId: string): Promise<Observation['used']> {
  const rows = await ctx.access.graph(tenant).list<Activity>('/reports/servicePrincipalSignInActivities', { filter: `appId eq ${literal(appId)}`, beta: true });
  return rows.filter((one) => one.appId?.toLowerCase() === appId.toLowerCase()).flatMap(({ lastSignInActivity: activity }) => {
    const last = latest(activity?.lastSignInDateTime, activity?.lastNonInteractiveSignInDateTime, activity?.lastSuccessfulSignInDateTime);
    return last ? [{ what: '', at: last, by: 'service-principal-report' }] : [];
  });
}

/** People who signed in with it: a sign of use where there is one, and no proof where there is none. */
async function bySignInLog(ctx: AzureContext, tenant: string, appId: string, { from, to }: Window): Promise<Observation['used']> {
  const since = new Date(Math.max(from.getTime(), to.getTime() - SIGN_INS_MS)).toISOString().replace(/\.\d+Z$/, 'Z');
  const { items } = await ctx.access.graph(tenant).page<SignIn>('/auditLogs/signIns', { filter: `createdDateTime ge ${since} and appId eq ${literal(appId)} and status/errorCode eq 0`, top: 1 }, null);
  return items.flatMap((one) => (one.createdDateTime ? [{ what: '', at: one.createdDateTime, by: 'sign-in' }] : []));
}

/** The owners that are people, of the application first. */
async function ownersOf(ctx: AzureContext, tenant: string, { principal, application }: AuditedApp): Promise<NonNullable<Observation['owners']>> {
  const graph = ctx.access.graph(tenant);
  type Owner = (User | ServicePrincipal) & { '@odata.type'?: string; userPrincipalName?: string | null };
  const lists = await Promise.all([...(application ? [at`/applications/${application.id ?? ''}/owners`] : []), at`/servicePrincipals/${principal.id ?? ''}/owners`].map((path) => graph.list<Owner>(path)));
  return lists.flat().filter((one) => one.userPrincipalName).map((one) => ({ names: [one.id, one.userPrincipalName].filter((name): name is string => Boolean(name)), because: 'owner in Entra' }));
}
