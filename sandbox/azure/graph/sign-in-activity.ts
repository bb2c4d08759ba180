import type { ServicePrincipal, SignInActivity, User } from '@microsoft/microsoft-graph-types';
import type { SignInRecord } from '../login/record';
import { Fault, type Call } from '../protocol/types';
import type { Sim } from '../state/sim';
import { listAnswer } from './odata';
import type { Making } from './routes';

/** What the report had before the simulator began; by user or service principal id. */
export type SeenBefore = SignInActivity & { id: string };

const newer = (a: string | null | undefined, b: string | null | undefined): string | null => [a, b].filter((one): one is string => Boolean(one)).sort().pop() ?? null;

/** The activity as the records make it: attempts count for two of the three times, only successes for the last. Source: Graph, signInActivity. */
function activityOf(sim: Sim, id: string, records: readonly SignInRecord[], interactive: (one: SignInRecord) => boolean): SignInActivity | null {
  const before = sim.shelf<SeenBefore>('signInActivity').seen(id);
  const newest = (of: readonly SignInRecord[]): string | null => of.reduce<string | null>((last, one) => newer(last, one.createdDateTime), null);
  const seen = {
    lastSignInDateTime: newer(before?.lastSignInDateTime, newest(records.filter(interactive))),
    lastNonInteractiveSignInDateTime: newer(before?.lastNonInteractiveSignInDateTime, newest(records.filter((one) => !interactive(one)))),
    lastSuccessfulSignInDateTime: newer(before?.lastSuccessfulSignInDateTime, newest(records.filter((one) => one.status?.errorCode === 0))),
  };
  return Object.values(seen).some((one) => one !== null) ? { ...seen, lastSignInRequestId: null, lastNonInteractiveSignInRequestId: null, lastSuccessfulSignInRequestId: null } : null;
}

/** The user with `signInActivity` when it is selected; it wants its own permission, a licence, and the object id. */
export function withActivity(sim: Sim, call: Call, user: User | null): User | null {
  if (!user || !call.query.get('$select')?.includes('signInActivity')) return user;
  if (call.caller.kind === 'app' && !call.caller.roles.includes('AuditLog.Read.All')) throw new Fault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
  if (!sim.premium) throw new Fault(403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant', 'Neither tenant is B2C or tenant doesn\'t have premium license');
  if (call.params['id'] !== undefined && call.params['id'] !== user.id) throw new Fault(400, 'BadRequest', 'Get By Key only supports UserId and the key has to be a valid Guid');
  const activity = activityOf(sim, user.id!, sim.shelf<SignInRecord>('signIns').list().filter((one) => one.userId === user.id), (one) => one.category === 'SignInLogs');
  return activity ? { ...user, signInActivity: activity } : user;
}

/** Beta only. Source: Graph beta, servicePrincipalSignInActivity. */
export function signInActivityRoutes({ sim, router }: Making): void {
  router.add({
    surface: 'graph', method: 'GET', pattern: '/beta/reports/servicePrincipalSignInActivities', needs: ['AuditLog.Read.All', 'Directory.Read.All'],
    handle: (call) => {
      if (!sim.premium) throw new Fault(403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant', 'Neither tenant is B2C or tenant doesn\'t have premium license');
      const rows = sim.shelf<ServicePrincipal>('servicePrincipals').list().flatMap((one) => {
        const activity = activityOf(sim, one.id!, sim.shelf<SignInRecord>('signIns').list().filter((record) => record.servicePrincipalId === one.id), () => true);
        if (!activity) return [];
        const { lastSignInDateTime } = activity;
        const shown = { lastSignInDateTime, lastSignInRequestId: null };
        return [{ id: Buffer.from(one.appId!).toString('base64'), appId: one.appId, lastSignInActivity: shown, applicationAuthenticationClientSignInActivity: shown, applicationAuthenticationResourceSignInActivity: null, delegatedClientSignInActivity: null, delegatedResourceSignInActivity: null }];
      });
      return listAnswer(call, rows, { context: 'reports/servicePrincipalSignInActivities', filterable: ['appId'], sortable: [] });
    },
  });
}
