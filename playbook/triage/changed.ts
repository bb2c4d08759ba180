import type { Alert } from '../model/alert';
import { itemsOf, requestOf, serviceOf, textOf } from './reading';

/** Whose rights an alert says were changed. */
export interface ChangedIdentity {
  account: string;
  /** Name (AWS) or object id (Entra) in lower case; null: a group, a policy or a role was changed, and so perhaps anybody’s rights. */
  subject: string | null;
  /** ISO 8601. */
  at: string;
}

const lastPart = (text: string): string => text.slice(text.lastIndexOf('/') + 1).toLowerCase();

/** The identities whose rights the alert changed; none for a read, a failed call, and whatever is not about identities. */
export function changedIdentities(alert: Alert): ChangedIdentity[] {
  if (alert.outcome !== 'success' || alert.dryRun) return [];
  const of = (subject: string | null): ChangedIdentity => ({ account: alert.account, subject, at: alert.time });
  if (alert.source === 'cloudtrail' && serviceOf(alert) === 'iam' && alert.facts['readOnly'] !== true) {
    const request = requestOf(alert);
    const named = textOf(request['userName']) || textOf(request['roleName']) || (alert.target && ['user', 'role'].includes(alert.target.kind) ? alert.target.id : '');
    return [of(named === '' ? null : lastPart(named))];
  }
  if (alert.source === 'entra-audit') {
    const people = itemsOf(alert.facts['targets']).filter((one) => /^(user|serviceprincipal)$/i.test(textOf(one['type']))).map((one) => textOf(one['id']).toLowerCase());
    return people.length === 0 ? [of(null)] : people.map(of);
  }
  // Azure’s own roles: who was given one stands in the request, which the log may leave out.
  return alert.source === 'azure-activity' && /^microsoft\.authorization\//i.test(alert.event) ? [of(null)] : [];
}
