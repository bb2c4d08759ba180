import type { Alert } from '../../model/alert';
import { brief, callOf, fact, fires, quiet, type Outcome } from '../reading';

/** Steps before a sign-in, or done by AWS for itself; no use of root’s power. */
const NO_USE = new Set(['CheckMfa', 'CredentialVerification', 'CredentialChallenge', 'ExternalIdPDirectoryLogin', 'UserAuthentication', 'CreateServiceLinkedRole', 'RenewRole']);
/** A root sign-in may fail for anybody who knows the e-mail address; these are steps to own the account. */
const TAKES_OVER = new Set(['PasswordRecoveryCompleted', 'PasswordUpdated', 'EmailUpdated', 'MfaDeviceDeleted']);

/** Row 1.1.1: what root did. Source: CloudTrail user guide, root user events; IAM user guide, tasks that need root. */
export function rootActivity(alert: Alert): Outcome {
  const call = callOf(alert);
  if (NO_USE.has(call)) return quiet('root-not-used', `${brief(call)} is no use of root’s power`);
  if (call === 'ConsoleLogin') {
    if (alert.outcome === 'failure') return fires('root-login-failed', 'somebody tried to sign in as root and failed', { risk: 'high' });
    return fires('root-login', `root signed in to the console${alert.session?.mfa === 'yes' ? '' : ' without a second factor on record'}`);
  }
  const invokedBy = fact(alert, 'invokedBy');
  // `signin.amazonaws.com` is the console in root's own hands.
  if (invokedBy.endsWith('.amazonaws.com') && invokedBy !== 'signin.amazonaws.com') return quiet('root-by-service', `${brief(invokedBy)} acted for root`);
  const longTermKey = alert.session?.accessKeyId?.startsWith('AKIA') ?? false;
  if (alert.facts['readOnly'] === true || /^(Get|List|Describe|Head|Lookup)[A-Z]/.test(call)) {
    return longTermKey ? fires('root-key-used', 'a long-term access key of root is in use', { risk: alert.outcome === 'failure' ? 'high' : 'critical' }) : quiet('root-looks', 'the console reads on behalf of a root session whose sign-in is its own alert');
  }
  if (alert.outcome === 'failure' && !TAKES_OVER.has(call)) return fires('root-attempt', `root tried ${brief(call)} and was refused`, { risk: 'high' });
  return fires('root-used', `root did ${brief(call)}`);
}
