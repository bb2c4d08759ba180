import type { Alert } from '../../model/alert';
import { fact, fires, objectOf, quiet, textOf, type Outcome } from '../reading';

/** `ConsoleLogin` of anybody but root. Source: CloudTrail user guide, console sign-in events. */
export function consoleLogin(alert: Alert): Outcome {
  const more = objectOf(alert.facts['additional']);
  const mfaUsed = textOf(more['MFAUsed']).toLowerCase();
  const userType = fact(alert, 'userType');
  if (alert.outcome === 'failure') {
    // Sign-in asks for the second factor only after the password was right.
    if (mfaUsed === 'yes') return fires('second-factor-refused', 'the password was right and the second factor was not', { risk: 'high' });
    return quiet('login-failed', 'a sign-in failed; nobody got in');
  }
  if (textOf(more['SamlProviderArn'])) return quiet('federated-login', 'the sign-in came through the account’s identity provider');
  if (alert.principal?.kind === 'identity-center-user') return quiet('sso-login', 'the sign-in came through Identity Center');
  if (userType === 'IAMUser') {
    if (mfaUsed === 'no') return fires('login-without-mfa', 'an IAM user signed in with a password alone');
    if (mfaUsed === 'yes' && !textOf(more['MFAIdentifier'])) return fires('password-login', 'an IAM user signed in past the identity provider, and the record does not name the second factor’s device');
    return quiet('login-with-mfa', mfaUsed === 'yes' ? 'an IAM user signed in with a named second factor' : 'the record says nothing about a second factor');
  }
  if (userType === 'FederatedUser') return fires('console-from-keys', 'a console session was made from a long-term key');
  if (userType === 'AssumedRole' && mfaUsed === 'no' && alert.session?.mfa !== 'yes') return fires('console-from-role-keys', 'a console session was made from a role’s API credentials, without a second factor');
  return quiet('login', 'nothing about the sign-in stands out');
}
