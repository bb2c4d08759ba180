import { trustsInside, trustsOutside } from '../../policy-analysis';
import { grantOf, managedGrantOf, type Grant } from '../../policy-grants';
import type { Alert } from '../../model/alert';
import type { Kin } from '../../risk/types';
import { brief, callOf, fact, fires, isFalse, objectOf, ownOrganization, quiet, requestEmpty, requestOf, responseOf, targetUserOf, textOf, type Outcome } from '../reading';

/** AWS puts these on a user whose key it found in public. Source: AWS Trust & Safety, AWSCompromisedKeyQuarantine managed policies. */
const QUARANTINE = /AWSCompromisedKeyQuarantine/i;
const GUARD = /quarantine|deny|boundary|guardrail|restrict|tourniquet/i;
const ADMIN_NAME = /admin|poweruser|fullaccess|full-access|organizationaccountaccess|superuser|break-?glass|(^|[^a-z])root([^a-z]|$)/i;

const unseen = (what: string): Outcome =>
  quiet('nothing-written', `the record names no ${what}: nothing that could have changed`);

const GRANT_RISK: Record<Exclude<Grant['level'], 'none' | 'read'>, 'critical' | 'high' | 'medium'> = { admin: 'critical', escalation: 'high', write: 'medium' };

function byGrant(grant: Grant, of: string): Outcome {
  if (grant.level === 'none') return quiet('grants-nothing', `${of} grants nothing: ${brief(grant.because)}`);
  if (grant.level === 'read') return quiet('grants-reading', `${of} grants no more than reading: ${brief(grant.because)}`);
  return fires(grant.level === 'admin' ? 'grants-admin' : grant.level === 'escalation' ? 'grants-escalation' : 'grants-more', `${of} ${brief(grant.because)}`, { risk: GRANT_RISK[grant.level] });
}

export function identityPolicy(alert: Alert): Outcome {
  const request = requestOf(alert);
  const name = brief(textOf(request['policyName']), 64);
  if (QUARANTINE.test(name)) return quarantined(name);
  const document = request['policyDocument'];
  if (document === undefined || document === null || document === '') return unseen('policy document');
  const grant = grantOf(document);
  return grant ? byGrant(grant, `inline policy ${name}`) : fires('policy-unreadable', `inline policy ${name} cannot be read as a policy document`);
}

const quarantined = (name: string): Outcome =>
  fires('key-quarantined-by-aws', `AWS put ${name} on the user: it found one of the user’s keys in public`, { event: 'threat-finding', type: 'finding', risk: 'high' });

export function attachedPolicy(alert: Alert): Outcome {
  const request = requestOf(alert);
  const arn = textOf(request['policyArn']) || textOf(request['managedPolicyArn']);
  if (!arn) return unseen('policy');
  if (QUARANTINE.test(arn)) return quarantined(brief(arn.slice(arn.lastIndexOf('/') + 1), 64));
  const grant = managedGrantOf(arn);
  return grant ? byGrant(grant, 'the policy') : fires('customer-policy', `${brief(arn, 160)} is the account’s own policy: what it grants is not in the event`);
}

export function managedPolicyWritten(alert: Alert, kin: Kin): Outcome {
  const request = requestOf(alert);
  const document = request['policyDocument'];
  if (document === undefined || document === null || document === '') return unseen('policy document');
  const grant = grantOf(document);
  if (!grant) return fires('policy-unreadable', 'the policy cannot be read as a policy document');
  const outcome = byGrant(grant, 'the policy');
  // A policy that nothing is attached to, or a version that is not the default, gives nothing yet.
  const dormant = callOf(alert) === 'CreatePolicy' || isFalse(request['setAsDefault']);
  if (outcome.fires && dormant) return grant.level === 'write' ? quiet('not-in-effect', `the policy ${brief(grant.because)} and is in effect for nobody yet`) : { ...outcome, risk: 'medium' };
  return outcome.fires ? { ...outcome, risk: outcome.risk ?? kin.risk } : outcome;
}

export function policyRemoved(alert: Alert): Outcome {
  const call = callOf(alert);
  const request = requestOf(alert);
  if (call.endsWith('PermissionsBoundary')) {
    if (call.startsWith('Delete')) return fires('boundary-removed', 'the permissions boundary was removed');
    const grant = managedGrantOf(textOf(request['permissionsBoundary']));
    return grant?.level === 'admin' ? fires('boundary-widened', `the permissions boundary now ${brief(grant.because)}`) : quiet('boundary-set', 'a permissions boundary narrows rights');
  }
  const name = textOf(request['policyName']) || textOf(request['policyArn']);
  if (!GUARD.test(name)) return quiet('rights-removed', 'taking rights away is no escalation');
  const ours = /tourniquet|AWSCompromisedKeyQuarantine/i.test(name);
  return fires('guard-removed', `${brief(name.slice(name.lastIndexOf('/') + 1))} holds somebody back, and it was removed`, { risk: ours ? 'critical' : 'high' });
}

/** The actor’s own key, password or device is rotation or set-up; somebody else’s is a way in. */
export function otherThanActor(alert: Alert, kin: Kin): Outcome {
  const actor = alert.principal;
  const target = targetUserOf(alert);
  if (callOf(alert) === 'UpdateAccessKey' && textOf(requestOf(alert)['status']) !== 'Active') return quiet('key-disabled', 'a key was switched off');
  if (actor?.kind === 'root') return fires('root-credential', 'root made a credential', { risk: 'critical' });
  // Without a user name IAM acts on the caller.
  const own = actor?.kind === 'user' && (target === '' || target.toLowerCase() === actor.name.toLowerCase());
  if (own) return quiet('own-credential', `${brief(actor.name)} did it to their own identity`);
  if (target === '' && requestEmpty(alert)) return quiet('nothing-written', 'the record names no user: nothing that could have changed');
  return fires('foreign-credential', `${actor ? brief(actor.name) : 'an unknown identity'} did it to ${target ? brief(target) : 'an unnamed user'}, not to its own identity`, { risk: kin.risk });
}

export function roleTrust(alert: Alert): Outcome {
  const request = requestOf(alert);
  const created = callOf(alert) === 'CreateRole';
  const document = request['assumeRolePolicyDocument'] ?? request['policyDocument'] ?? objectOf(responseOf(alert)['role'])['assumeRolePolicyDocument'];
  const asNewRole = (text: string): Outcome => fires('new-role', text, { event: 'create-user', type: 'new-identity', risk: 'medium' });
  if (document === undefined || document === null || document === '') {
    if (created) return asNewRole('a new role; its trust policy is not in the record');
    return unseen('trust policy');
  }
  const outside = trustsOutside(document, alert.account);
  if (outside === null) return fires('trust-unreadable', 'the trust policy cannot be read as a policy document', { risk: 'high' });
  const strangers = outside.filter(({ kind, who }) => kind !== 'organization' || !ownOrganization(alert, who));
  if (strangers.length === 0 && outside.length > 0 && !created) return quiet('trust-organization', 'the role trusts nobody outside of the own organisation');
  const first = strangers.find(({ kind }) => kind === 'anyone') ?? strangers.find(({ kind }) => kind === 'account') ?? strangers[0];
  if (first) {
    const strong = first.kind === 'anyone' || first.kind === 'account';
    return fires('trust-outside', `the role trusts ${first.kind === 'anyone' ? 'any AWS account' : `${first.kind.replace('-', ' ')} ${brief(first.who)}`} outside of ${alert.account}`, { risk: strong ? 'critical' : 'high' });
  }
  if (created) return asNewRole('a new role that only this account or AWS services may assume');
  const inside = trustsInside(document, alert.account);
  if (inside === 'saml') return quiet('trust-saml', 'the trust policy lets in the people of the account’s own SAML provider');
  if (inside === 'oidc') return fires('trust-oidc', 'workloads that an OpenID Connect provider names may now assume the role', { event: 'attach-policy', risk: 'medium' });
  return inside === 'identity' ? fires('trust-inside', 'other identities of the account may now assume the role', { event: 'attach-policy', risk: 'medium' }) : quiet('trust-closed', 'the trust policy lets in nobody but AWS services');
}

export function assumeRole(alert: Alert): Outcome {
  const roleArn = textOf(requestOf(alert)['roleArn']);
  const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const caller = fact(alert, 'callerAccount');
  const roleAccount = roleArn.split(':')[4] ?? '';
  const userType = fact(alert, 'userType');
  const foreign = caller !== '' && roleAccount !== '' && caller !== roleAccount;
  if (!ADMIN_NAME.test(role)) return quiet('role-assumed', 'assuming a role is everyday use');
  if (foreign && userType !== 'AWSService') return fires('admin-role-from-outside', `account ${brief(caller, 20)} took the role ${brief(role)}, which by its name administers`);
  if (userType === 'IAMUser') return fires('admin-role-by-user', `an IAM user with a long-term key took the role ${brief(role)}, which by its name administers`);
  return quiet('role-assumed', 'a role session went on to another role');
}

export function loginToken(alert: Alert): Outcome {
  if (alert.principal?.kind === 'identity-center-user') return quiet('sso-portal', 'Identity Center’s portal makes these for its users');
  return fires('console-from-keys', 'API credentials were turned into a console session outside of Identity Center');
}
