import { digestOf } from '../digest';

export type ProviderId = 'aws' | 'azure';

export const cloudName = (provider: ProviderId): string => (provider === 'aws' ? 'AWS' : 'Azure');

export type PrincipalKind =
  | 'root'
  | 'user'
  | 'role'
  | 'identity-center-user'
  | 'federated-user'
  | 'service'
  | 'guest'
  | 'service-principal'
  | 'managed-identity'
  | 'unknown';

/** The identity that acted. A role session's principal is its role (or its Identity Center user); the session itself is in `Alert.session`. */
export interface Principal {
  provider: ProviderId;
  /** AWS account id (12 digits) or Azure tenant id. */
  account: string;
  kind: PrincipalKind;
  /** Stable vendor id: the IAM ARN without the session part, `arn:aws:iam::<account>:root`, or the Entra object id. */
  id: string;
  /** What people call it: user name, role name, UPN. Hostile text: escape before showing. */
  name: string;
}

/** `inc-` and 20 hex digits: opaque, deterministic, the same for every alert on one principal. Never shows an ARN or e-mail. */
export function incidentIdOf(principal: Pick<Principal, 'provider' | 'account' | 'id'>): string {
  return `inc-${digestOf([principal.provider, principal.account, principal.id.toLowerCase()]).slice(0, 20)}`;
}
