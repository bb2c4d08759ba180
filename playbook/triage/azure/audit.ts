import type { Alert } from '../../model/alert';
import type { Classification } from '../../model/verdict';
import { entraAuditKin, type AzureTest } from '../../risk/azure';
import { alerting, ignored } from '../classification';
import { brief, fires, itemsOf, objectOf, quiet, textOf, type Outcome } from '../reading';
import { lookupOf } from './lookup';

const kinOf = lookupOf(entraAuditKin);

/** Roles that own the directory. Source: Microsoft Entra built-in roles, privileged. */
const TOP_ROLES = /global administrator|company administrator|privileged role administrator|privileged authentication administrator|partner tier2|62e90394-69f5-4237-9190-012177145e10/i;

/** name → new value of every property that the record says was changed. */
function changes(alert: Alert): [string, string][] {
  return itemsOf(alert.facts['changes']).map((one) => [textOf(one['displayName']), textOf(one['newValue'])]);
}

const tests: Partial<Record<AzureTest, (alert: Alert) => Outcome>> = {
  'directory-role': (alert) => {
    const role = changes(alert).map(([, value]) => value).find((value) => TOP_ROLES.test(value)) ?? (TOP_ROLES.test(JSON.stringify(alert.facts['targets'] ?? '')) ? 'a top role' : null);
    return role ? fires('directory-admin', 'the role owns the directory', { risk: 'critical' }) : fires('directory-role', 'a directory role was given');
  },
  'credential-added': (alert) => {
    const added = changes(alert).find(([name, value]) => /KeyDescription|PasswordCredentials|KeyCredentials|FederatedIdentityCredentials/i.test(name) && !/^("?\[\]"?|null|)$/.test(value));
    return added ? fires('credential-added', `the application has new ${brief(added[0], 40)}`) : quiet('no-credential', 'no credential was added');
  },
  'federated-domain': (alert) =>
    changes(alert).some(([name, value]) => /LiveType|Authentication|Federat|Issuer/i.test(name) && !/^"?\[?"?managed"?\]?"?$/i.test(value)) ? fires('domain-federated', 'sign-in to a domain now goes through another identity provider') : quiet('domain-kept', 'the record shows no federation'),
  'other-than-actor': (alert) => {
    const actor = alert.principal?.id.toLowerCase();
    const target = textOf(objectOf(itemsOf(alert.facts['targets'])[0])['id']).toLowerCase();
    return actor !== undefined && actor === target ? quiet('own-credential', 'somebody changed their own sign-in') : fires('foreign-credential', 'somebody else’s sign-in was changed');
  },
};

/** One Entra directory audit record. */
export function classifyEntraAudit(alert: Alert): Classification {
  const kin = kinOf(alert.event);
  if (!kin) return ignored(null, 'info', quiet('not-high-risk', `${brief(alert.event, 120)} is not in the playbook’s tables`));
  if (alert.outcome === 'failure') return ignored(kin.event, 'low', quiet('attempt-failed', 'it failed: nothing was changed'));
  const outcome = tests[kin.test]?.(alert) ?? fires('high-risk-call', `${brief(alert.event, 120)} is high risk whatever it says`);
  return outcome.fires ? alerting(kin, outcome) : ignored(kin.event, 'low', outcome);
}
