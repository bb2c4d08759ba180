import type { ServicePrincipal, SignIn, User } from '@microsoft/microsoft-graph-types';
import type { Call } from '../protocol/types';
import { newId, type Sim } from '../state/sim';
import type { SignInDetail } from './conditional-access';

/** `signIn` of v1.0 with what the exported record has besides (the beta names), for applications too. */
export interface SignInRecord extends SignIn {
  tenantId: string;
  userAgent?: string;
  authenticationRequirement?: string;
  authenticationProtocol?: string;
  sessionId?: string;
  servicePrincipalId?: string;
  servicePrincipalName?: string;
  servicePrincipalCredentialKeyId?: string;
  category: 'SignInLogs' | 'NonInteractiveUserSignInLogs' | 'ServicePrincipalSignInLogs';
}

export interface Occurred {
  user?: User;
  detail?: SignInDetail;
  principal?: ServicePrincipal;
  resource: string;
  errorCode: string | null;
  keyId?: string | null;
  session?: string;
}

/** Writes a sign-in, good or refused, as Entra logs it. */
export function recordSignIn(sim: Sim, call: Call, { user, detail, principal, resource, errorCode, keyId, session }: Occurred): void {
  const id = newId();
  const code = Number(/AADSTS(\d+)/.exec(errorCode ?? '')?.[1] ?? 0);
  const appName = sim.appNames.get(detail?.appId ?? '') ?? principal?.displayName ?? 'Azure CLI';
  const common = {
    id, createdDateTime: sim.iso(), correlationId: newId(), ipAddress: call.caller.ip, userAgent: call.caller.userAgent, tenantId: sim.tenantId, resourceDisplayName: resource.includes('graph') ? 'Microsoft Graph' : 'Windows Azure Service Management API',
    resourceId: '', status: { errorCode: code, failureReason: errorCode === null ? 'Other.' : errorCode, additionalDetails: null }, location: sim.locate(call.caller.ip), conditionalAccessStatus: 'notApplied', riskDetail: 'none', riskLevelDuringSignIn: 'none', riskState: 'none', appDisplayName: appName,
  } as const;
  const record: SignInRecord = principal
    ? { ...common, category: 'ServicePrincipalSignInLogs', appId: principal.appId ?? '', isInteractive: false, servicePrincipalId: principal.id, servicePrincipalName: principal.displayName ?? '', servicePrincipalCredentialKeyId: keyId ?? '', userId: '', userPrincipalName: '', userDisplayName: '' } as SignInRecord
    : {
        ...common, category: detail?.interactive ? 'SignInLogs' : 'NonInteractiveUserSignInLogs', appId: detail?.appId, isInteractive: detail?.interactive ?? false, userId: user?.id, userPrincipalName: user?.userPrincipalName?.toLowerCase(), userDisplayName: user?.displayName, clientAppUsed: 'Mobile Apps and Desktop clients',
        authenticationRequirement: detail?.mfa ? 'multiFactorAuthentication' : 'singleFactorAuthentication', authenticationProtocol: detail?.protocol, sessionId: session, deviceDetail: { deviceId: '', displayName: '', operatingSystem: 'Linux', browser: '', isCompliant: false, isManaged: false, trustType: '' }, appliedConditionalAccessPolicies: [],
      } as SignInRecord;
  sim.shelf<SignInRecord>('signIns').put(id, record);
  sim.emit('signIn', record);
}
