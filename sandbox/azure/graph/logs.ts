import type { Alert } from '@microsoft/microsoft-graph-types';
import { noContent, type Json } from '../protocol/types';
import type { SignInRecord } from '../login/record';
import type { AuditRecord } from './audit';
import { collection } from './collection';
import { itemAnswer, listAnswer, notFound, type ListRules } from './odata';
import { graph, type Making } from './routes';

const READ = ['AuditLog.Read.All'];
const signInRules: ListRules = {
  context: 'auditLogs/signIns', maxPage: 1000, defaultPage: 1000, sortable: ['createdDateTime'], onSelect: ['category', 'tenantId'],
  filterable: ['id', 'appDisplayName', 'appId', 'createdDateTime', 'correlationId', 'ipAddress', 'userDisplayName', 'userId', 'userPrincipalName', 'status/errorCode', 'location/city', 'location/countryOrRegion', 'riskState', 'riskLevelDuringSignIn', 'resourceDisplayName', 'resourceId', 'conditionalAccessStatus', 'isInteractive', 'clientAppUsed', 'signInEventTypes', 'servicePrincipalId', 'servicePrincipalName'],
};
const auditRules: ListRules = { context: 'auditLogs/directoryAudits', maxPage: 1000, defaultPage: 1000, sortable: ['activityDateTime'], onSelect: ['tenantId'], filterable: ['id', 'activityDateTime', 'activityDisplayName', 'category', 'correlationId', 'loggedByService', 'result', 'initiatedBy', 'targetResources', 'operationType'] };
/** What the v1.0 signIn has not: beta only. Source: Graph signIn resource, v1.0 and beta. */
const betaOnly = ['userAgent', 'authenticationRequirement', 'authenticationProtocol', 'sessionId', 'servicePrincipalId', 'servicePrincipalName', 'servicePrincipalCredentialKeyId'];
const eventTypes: Record<SignInRecord['category'], string> = { SignInLogs: 'interactiveUser', NonInteractiveUserSignInLogs: 'nonInteractiveUser', ServicePrincipalSignInLogs: 'servicePrincipal' };

/** Sign-ins, directory audits, risky users, alerts: fed by the calls that were really made. */
export function logRoutes(making: Making): void {
  const { sim } = making;
  const newest = <T>(items: T[], at: (item: T) => string): T[] => [...items].sort((a, b) => at(b).localeCompare(at(a)));
  const signIns = (): SignInRecord[] => newest(sim.shelf<SignInRecord>('signIns').list(), (one) => one.createdDateTime ?? '');
  // v1.0 lists what people did interactively; the rest only beta has.
  const v1 = (one: SignInRecord): Json => Object.fromEntries(Object.entries(one).filter(([name]) => !betaOnly.includes(name)));
  graph(making, 'GET', '/auditLogs/signIns', READ, (call) => listAnswer(call, signIns().filter((one) => one.category === 'SignInLogs').map(v1), signInRules));
  graph(making, 'GET', '/auditLogs/signIns/:id', READ, (call) => itemAnswer(call, sim.shelf<SignInRecord>('signIns').seen(call.params['id']!) && v1(sim.shelf<SignInRecord>('signIns').seen(call.params['id']!)!), signInRules, call.params['id']!));
  making.router.add({
    surface: 'graph', method: 'GET', pattern: '/beta/auditLogs/signIns', needs: READ,
    handle: (call) => {
      const typed = (call.query.get('$filter') ?? '').includes('signInEventTypes');
      return listAnswer(call, signIns().map((one) => ({ ...one, signInEventTypes: [eventTypes[one.category]] })).filter((one) => typed || one.category === 'SignInLogs'), signInRules);
    },
  });
  const audits = sim.shelf<AuditRecord>('directoryAudits');
  graph(making, 'GET', '/auditLogs/directoryAudits', READ, (call) => listAnswer(call, newest(audits.list(), (one) => one.activityDateTime ?? ''), auditRules));
  graph(making, 'GET', '/auditLogs/directoryAudits/:id', READ, (call) => itemAnswer(call, audits.seen(call.params['id']!), auditRules, call.params['id']!));

  collection(making, { path: '/security/alerts_v2', shelf: 'alerts', read: ['SecurityAlert.Read.All', 'SecurityAlert.ReadWrite.All'], rules: { context: 'security/alerts_v2', filterable: ['id', 'severity', 'status', 'serviceSource', 'createdDateTime', 'lastUpdateDateTime', 'assignedTo', 'classification', 'determination'], maxPage: 2000 } });
  const risky = sim.shelf<Alert & Json>('riskyUsers');
  collection(making, { path: '/identityProtection/riskyUsers', shelf: 'riskyUsers', read: ['IdentityRiskyUser.Read.All', 'IdentityRiskyUser.ReadWrite.All'], rules: { context: 'identityProtection/riskyUsers', filterable: ['id', 'riskLevel', 'riskState', 'userPrincipalName', 'riskLastUpdatedDateTime'], maxPage: 500 } });
  for (const [name, riskLevel, riskState] of [['confirmCompromised', 'high', 'confirmedCompromised'], ['dismiss', 'none', 'dismissed']] as const) {
    graph(making, 'POST', `/identityProtection/riskyUsers/${name}`, ['IdentityRiskyUser.ReadWrite.All'], (call) => {
      for (const id of (call.body['userIds'] as string[]) ?? []) {
        const user = sim.shelf('users').get(id);
        if (!user) throw notFound(id);
        risky.put(id, { id, isDeleted: false, isProcessing: false, riskLevel, riskState, riskDetail: 'adminConfirmedUserCompromised', riskLastUpdatedDateTime: sim.iso(), userDisplayName: user['displayName'], userPrincipalName: user['userPrincipalName'] } as never);
      }
      return noContent;
    });
  }
}
