import type { JsonObject } from '../../json';
import type { Alert } from '../../model/alert';
import type { Classification } from '../../model/verdict';
import { entraAuditKin, type AzureTest } from '../../risk/azure';
import { alerting, ignored } from '../classification';
import { brief, fires, itemsOf, objectOf, quiet, textOf, type Outcome } from '../reading';
import { lookupOf } from './lookup';

const kinOf = lookupOf(entraAuditKin);

/** Application permissions with which an application makes itself, or anybody, an administrator, or reads everybody’s mail and files. Source: Microsoft Graph permissions reference. */
const TAKING_OVER = /RoleManagement\.ReadWrite|AppRoleAssignment\.ReadWrite|Application\.ReadWrite\.All|Directory\.ReadWrite\.All|GroupMember\.ReadWrite\.All|Group\.ReadWrite\.All|PrivilegedAccess\.ReadWrite|UserAuthenticationMethod\.ReadWrite|Policy\.ReadWrite|Domain\.ReadWrite|Mail\.ReadWrite|full_access_as_app/i;
/** What every application that signs somebody in asks for. Source: Microsoft identity platform, scopes and permissions. */
const SIGN_IN_SCOPES = new Set(['openid', 'profile', 'email', 'offline_access', 'user.read']);

/** Roles that own the directory. Source: Microsoft Entra built-in roles, privileged. */
const TOP_ROLES = /global administrator|company administrator|privileged role administrator|privileged authentication administrator|partner tier2|62e90394-69f5-4237-9190-012177145e10/i;

/** Every property that the record says was changed. */
function changes(alert: Alert): { name: string; before: string; after: string }[] {
  return itemsOf(alert.facts['changes']).map((one) => ({ name: textOf(one['displayName']), before: textOf(one['oldValue']), after: textOf(one['newValue']) }));
}

const CREDENTIALS = /KeyDescription|PasswordCredentials|KeyCredentials|FederatedIdentityCredentials/i;
const EMPTY = /^("?\[\]"?|null|)$/;

/** Items of a list in text (`["…","…"]`, sometimes quoted once more); null when it is none. */
function listIn(text: string): string[] | null {
  const value = jsonIn(text);
  return Array.isArray(value) ? value.map((one) => JSON.stringify(one)) : null;
}

function jsonIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
  } catch {
    return null;
  }
}

/** Something is there that was not: a list that only got shorter is a credential removed. */
function credentialAdded(alert: Alert): string | null {
  return changes(alert).find(({ name, before, after }) => {
    if (!CREDENTIALS.test(name) || EMPTY.test(after)) return false;
    const was = listIn(before);
    const is = listIn(after);
    return !(was && is && is.every((one) => was.includes(one)));
  })?.name ?? null;
}

const topRole = (alert: Alert): boolean => changes(alert).some(({ after }) => TOP_ROLES.test(after)) || TOP_ROLES.test(JSON.stringify(alert.facts['targets'] ?? ''));

/** The policy in two readings, without its times; null when the record does not have both. */
function policies(alert: Alert): { before: JsonObject; after: JsonObject } | null {
  const change = changes(alert).find(({ name }) => /^(conditionalaccesspolicy|policydetail)$/i.test(name));
  const before = change ? jsonIn(change.before) : null;
  const after = change ? jsonIn(change.after) : null;
  if (typeof before !== 'object' || typeof after !== 'object' || before === null || after === null || Array.isArray(before) || Array.isArray(after)) return null;
  return { before: before as JsonObject, after: after as JsonObject };
}

/** Quiet only when the record proves it: the same conditions and controls, and as strict a state as before. */
function conditionalAccess(alert: Alert): Outcome {
  const both = policies(alert);
  const strictness = (policy: JsonObject): number => ['disabled', 'enabledForReportingButNotEnforced', 'enabled'].indexOf(textOf(policy['state']));
  const substance = (policy: JsonObject): string => JSON.stringify(['conditions', 'grantControls', 'sessionControls'].map((name) => policy[name] ?? null));
  if (both && strictness(both.before) >= 0 && strictness(both.after) >= strictness(both.before) && substance(both.before) === substance(both.after)) return quiet('policy-kept', 'the policy asks what it asked, of whom it asked');
  return fires('policy-changed', 'who must show what at sign-in was changed');
}

const granted = (alert: Alert, name: RegExp): string => changes(alert).filter((one) => name.test(one.name)).map(({ after }) => after).join(' ');

function consent(alert: Alert): Outcome {
  const text = granted(alert, /^(ConsentAction\.Permissions|DelegatedPermissionGrant\.Scope)$/i);
  // `[] => [[Id: …, Scope:  openid User.Read, CreatedDateTime: …]]` in a consent, the scopes alone in a grant.
  const scopes = /scope\s*:/i.test(text) ? [...text.matchAll(/scope\s*:\s*([^,\]]*)/gi)].flatMap(([, one]) => one!.split(/\s+/)) : text.replace(/"/g, ' ').split(/\s+/);
  const asked = scopes.map((one) => one.trim().toLowerCase()).filter((one) => one !== '');
  const everybody = /true/i.test(granted(alert, /^ConsentContext\.IsAdminConsent$/i)) || /AllPrincipals/i.test(granted(alert, /ConsentType$|^ConsentAction\.Permissions$/i));
  if (asked.length > 0 && !everybody && asked.every((one) => SIGN_IN_SCOPES.has(one))) return quiet('sign-in-consent', 'the application may only sign its user in');
  return TAKING_OVER.test(text) ? fires('consent', 'an application was given the directory', { risk: 'critical' }) : fires('consent', everybody ? 'an application may act for everybody' : 'an application may act for its user');
}

const otherThanActor = (alert: Alert): boolean => {
  const actor = alert.principal?.id.toLowerCase();
  return actor === undefined || actor !== textOf(objectOf(itemsOf(alert.facts['targets'])[0])['id']).toLowerCase();
};

const tests: Partial<Record<AzureTest, (alert: Alert) => Outcome>> = {
  'directory-role': (alert) => (topRole(alert) ? fires('directory-admin', 'the role owns the directory', { risk: 'critical' }) : fires('directory-role', 'a directory role was given')),
  'role-activated': (alert) => (topRole(alert) ? fires('top-role-activated', 'an eligible administrator made themselves owner of the directory') : quiet('role-activated', 'an eligible role was activated by the person who has it')),
  'app-role': (alert) => (TAKING_OVER.test(granted(alert, /^AppRole\.Value$/i)) ? fires('app-takes-over', 'the permission lets the application take the directory over', { risk: 'critical' }) : fires('app-role', 'an application was given a permission of its own')),
  consent,
  'conditional-access': conditionalAccess,
  'strong-authentication': (alert) =>
    alert.principal?.kind !== 'service-principal' && alert.principal !== null && otherThanActor(alert) && changes(alert).some(({ name }) => /^StrongAuthentication(Method|Requirement|UserDetails|PhoneAppDetail)$/i.test(name)) ? fires('foreign-credential', 'somebody else’s second factor was changed') : quiet('user-kept', 'no second factor of somebody else was changed'),
  'credential-added': (alert) => {
    const added = credentialAdded(alert);
    return added ? fires('credential-added', `the application has new ${brief(added, 40)}`) : quiet('no-credential', 'no credential was added');
  },
  'certificates-and-secrets': (alert) => {
    const named = changes(alert).some(({ name }) => CREDENTIALS.test(name));
    return named && credentialAdded(alert) === null ? quiet('credential-removed', 'a credential was removed, none was added') : fires('credential-added', 'the application’s credentials were changed');
  },
  'federated-domain': (alert) =>
    changes(alert).some(({ name, after }) => /LiveType|Authentication|Federat|Issuer/i.test(name) && !/^"?\[?"?managed"?\]?"?$/i.test(after)) ? fires('domain-federated', 'sign-in to a domain now goes through another identity provider') : quiet('domain-kept', 'the record shows no federation'),
  'other-than-actor': (alert) => (otherThanActor(alert) ? fires('foreign-credential', 'somebody else’s sign-in was changed') : quiet('own-credential', 'somebody changed their own sign-in')),
};

/** One Entra directory audit record. */
export function classifyEntraAudit(alert: Alert): Classification {
  const kin = kinOf(alert.event);
  if (!kin) return ignored(null, 'info', quiet('not-high-risk', `${brief(alert.event, 120)} is not in the playbook’s tables`));
  if (alert.outcome === 'failure') return ignored(kin.event, 'low', quiet('attempt-failed', 'it failed: nothing was changed'));
  const outcome = tests[kin.test]?.(alert) ?? fires('high-risk-call', `${brief(alert.event, 120)} is high risk whatever it says`);
  return outcome.fires ? alerting(kin, outcome) : ignored(kin.event, 'low', outcome);
}
