import type { Alert } from '../model/alert';
import type { Subject } from './model';

/** An IAM role's or user's ARN and nothing else: the text comes from outside. */
const IDENTITY = /^arn:aws[a-z-]{0,20}:iam::(\d{12}):(role|user)\/(?:[\w+=,.@-]{1,64}\/){0,8}([\w+=,.@-]{1,64})$/;

/**
 * The role or user that an active finding of unused access names, or null. A finding only starts a look: what is unused is judged anew.
 * Source: IAM User Guide, Access Analyzer, unused access findings.
 */
export function unusedAccessOf(alert: Alert): Subject | null {
  const { facts } = alert;
  const unused = /unused/i.test(String(facts['findingType'] ?? '')) || /unused/i.test(alert.event);
  if (alert.source !== 'access-analyzer' || !unused || facts['status'] !== 'ACTIVE' || facts['deleted'] === true) return null;
  const found = IDENTITY.exec(String(facts['resource'] ?? ''));
  if (!found || found[1] !== alert.account) return null;
  return { provider: 'aws', account: found[1], kind: found[2] as 'role' | 'user', id: found[0], name: found[3]! };
}
