import type { Alert } from '../../model/alert';
import type { Classification } from '../../model/verdict';
import { azureActivityKin, type AzureTest } from '../../risk/azure';
import { alerting, ignored } from '../classification';
import { brief, fact, findAll, fires, isFalse, isTrue, objectOf, quiet, requestOf, textOf, type Outcome } from '../reading';
import { lookupOf } from './lookup';

const kinOf = lookupOf(azureActivityKin);

/** Built-in roles that only read. Source: Azure built-in roles. Reader, Monitoring Reader, Log Analytics Reader, Cost Management Reader, Security Reader, Storage Blob Data Reader, Billing Reader, Key Vault Reader, Backup Reader. */
const READING_ROLES = new Set([
  'acdd72a7-3385-48ef-bd42-f606fba81ae7', '43d0d8ad-25c7-4714-9337-8ba259a9fe05', '73c42c96-874c-492b-b04d-ab87d138a893', '72fafb9e-0641-4937-9268-a91bfd8191a3',
  '39bc4728-0917-49c7-9d2c-d95423bc2eb4', '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1', 'fa23ad8b-c56e-40d8-ac0c-ce449e1d2c64', '21090545-7ca7-4776-b22c-e363652d74d2', 'a795c7a0-d4a2-40c1-ae25-d81f01202912',
]);
/** Owner, User Access Administrator, Contributor, Role Based Access Control Administrator. */
const ADMIN_ROLES = new Set(['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', 'b24988ac-6180-42a0-ab88-20f7382dd24c', 'f58310d9-a9f6-439a-9e8d-f62e7b41a168']);

function roleAssignment(alert: Alert): Outcome {
  const wanted = findAll(requestOf(alert), 'roledefinitionid').find((value): value is string => typeof value === 'string');
  if (!wanted) return fires('role-assigned', 'a role was assigned; which one is not in the record');
  const id = wanted.slice(wanted.lastIndexOf('/') + 1).toLowerCase();
  if (READING_ROLES.has(id)) return quiet('reader-role', 'the role only reads');
  if (ADMIN_ROLES.has(id)) return fires('admin-role-assigned', 'the role administers its scope', { risk: 'critical' });
  return fires('role-assigned', `role ${brief(id, 40)} was assigned`, { risk: 'medium' });
}

function storageAccount(alert: Alert): Outcome {
  const properties = { ...objectOf(requestOf(alert)['properties']) };
  if (isTrue(properties['allowBlobPublicAccess'])) return fires('blob-public-access', 'containers of the account may be made public');
  if (textOf(objectOf(properties['networkAcls'])['defaultAction']).toLowerCase() === 'allow') return fires('storage-open', 'the account answers every network', { risk: 'medium' });
  if (textOf(properties['publicNetworkAccess']).toLowerCase() === 'enabled') return fires('storage-open', 'the account is reachable from the internet', { risk: 'medium' });
  if (isTrue(properties['allowSharedKeyAccess'])) return fires('shared-key-access', 'the account’s shared keys open it again, past every identity', { risk: 'medium' });
  if (isFalse(properties['supportsHttpsTrafficOnly'])) return fires('plain-http', 'the account answers without encryption', { risk: 'medium' });
  return quiet('storage-kept', 'the change opens nothing that the record shows');
}

function container(alert: Alert): Outcome {
  const access = [...findAll(requestOf(alert), 'publicaccess'), ...findAll(requestOf(alert), 'x-ms-blob-public-access')].map((value) => (typeof value === 'string' ? value.toLowerCase() : ''));
  const open = access.find((one) => one === 'container' || one === 'blob' || one === 'blobs');
  if (open) return fires('container-public', `everybody may read the ${open === 'container' ? 'container and list it' : 'container’s blobs'}`);
  return alert.event.toLowerCase() === 'setcontaineracl' && access.length === 0 ? fires('container-acl', 'the container’s access was changed; to what is not in the record', { risk: 'medium' }) : quiet('container-closed', 'the container is private');
}

function blobService(alert: Alert): Outcome {
  const properties = objectOf(requestOf(alert)['properties']);
  if (isFalse(properties['isVersioningEnabled'])) return fires('versioning-off', 'older versions are no longer kept');
  for (const [policy, what] of [['deleteRetentionPolicy', 'blobs'], ['containerDeleteRetentionPolicy', 'containers'], ['shareDeleteRetentionPolicy', 'shares']] as const) {
    if (isFalse(objectOf(properties[policy])['enabled'])) return fires('soft-delete-off', `deleted ${what} are no longer kept`);
  }
  return quiet('retention-kept', 'nothing that protects the data was switched off');
}

/** `…/write` is also every update: only a record that shows a creation counts. */
function computeCreated(alert: Alert): Outcome {
  const code = `${fact(alert, 'statusCode')} ${fact(alert, 'subStatus')}`;
  const size = findAll(requestOf(alert), 'vmsize').find((value): value is string => typeof value === 'string');
  if (/created|\b201\b/i.test(code) || size !== undefined) return fires('new-compute', `it was created${size ? ` with size ${brief(size, 40)}` : ''}`, /^standard_(n|hb|hc|m\d|hx)/i.test(size ?? '') ? { risk: 'high' } : {});
  return quiet('not-a-creation', 'the record does not show that anything was created: an update of something that exists');
}

function loggingWritten(alert: Alert): Outcome {
  const logs = findAll(requestOf(alert), 'logs').flatMap((list) => (Array.isArray(list) ? list : []));
  if (logs.length > 0 && logs.every((log) => isFalse(objectOf(log)['enabled']))) return fires('diagnostics-off', 'no log category is kept any more');
  if (alert.event.toLowerCase().startsWith('microsoft.network/networksecuritygroups/')) return fires('nsg-diagnostics', 'how the security group is logged was changed', { event: 'network-exposure', risk: 'medium' });
  return quiet('diagnostics-on', 'logs are still kept');
}

const defenderPlan = (alert: Alert): Outcome =>
  findAll(requestOf(alert), 'pricingtier').some((tier) => tier === 'Free') ? fires('defender-off', 'a Defender plan was switched off') : quiet('defender-on', 'no Defender plan was switched off');

const tests: Partial<Record<AzureTest, (alert: Alert) => Outcome>> = {
  'role-assignment': roleAssignment, 'storage-account': storageAccount, container, 'blob-service': blobService, 'compute-created': computeCreated, 'logging-written': loggingWritten, 'defender-plan': defenderPlan,
};

/** One Azure Activity log record (control plane, and the storage and key vault logs that share its shape). */
export function classifyAzureActivity(alert: Alert): Classification {
  const name = alert.event.toLowerCase();
  const kin = name.endsWith('/read') ? null : kinOf(name);
  if (!kin) return ignored(null, 'info', quiet('not-high-risk', `${brief(alert.event, 120)} is not in the playbook’s tables`));
  if (alert.outcome === 'failure') return ignored(kin.event, 'low', quiet('attempt-failed', 'it failed: nothing was changed'));
  if (/^start(ed)?$/i.test(fact(alert, 'status'))) return ignored(kin.event, 'low', quiet('only-started', 'the operation has only started: its result is a record of its own'));
  const outcome = tests[kin.test]?.(alert) ?? fires('high-risk-call', `${brief(alert.event, 120)} is high risk whatever it says`);
  return outcome.fires ? alerting(kin, outcome) : ignored(kin.event, 'low', outcome);
}
