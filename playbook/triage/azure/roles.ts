import type { Alert } from '../../model/alert';
import { brief, findAll, fires, objectOf, quiet, requestOf, responseOf, textOf, type Outcome } from '../reading';

/** Built-in roles that only read. Source: Azure built-in roles. Reader, Monitoring Reader, Log Analytics Reader, Cost Management Reader, Security Reader, Storage Blob Data Reader, Billing Reader, Key Vault Reader, Backup Reader. */
const READING_ROLES = new Set([
  'acdd72a7-3385-48ef-bd42-f606fba81ae7', '43d0d8ad-25c7-4714-9337-8ba259a9fe05', '73c42c96-874c-492b-b04d-ab87d138a893', '72fafb9e-0641-4937-9268-a91bfd8191a3',
  '39bc4728-0917-49c7-9d2c-d95423bc2eb4', '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1', 'fa23ad8b-c56e-40d8-ac0c-ce449e1d2c64', '21090545-7ca7-4776-b22c-e363652d74d2', 'a795c7a0-d4a2-40c1-ae25-d81f01202912',
]);
/** Owner, User Access Administrator, Contributor, Role Based Access Control Administrator. */
const ADMIN_ROLES = new Set(['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', 'b24988ac-6180-42a0-ab88-20f7382dd24c', 'f58310d9-a9f6-439a-9e8d-f62e7b41a168']);

/** A request that ends rights instead of giving them. Source: Azure REST API, Role Assignment Schedule Requests, RequestType. */
const ENDING = /^(adminremove|selfdeactivate)$/i;

const textsIn = (value: unknown, name: string): string[] => findAll(value, name).filter((one): one is string => typeof one === 'string');

export function roleAssignment(alert: Alert): Outcome {
  const kind = textsIn(requestOf(alert), 'requesttype')[0] ?? '';
  if (ENDING.test(kind)) return quiet('role-ended', `the request is ${brief(kind, 40)}: rights end`);
  const wanted = [...textsIn(requestOf(alert), 'roledefinitionid'), ...textsIn(responseOf(alert), 'roledefinitionid')][0];
  if (!wanted) return fires('role-assigned', 'a role was assigned; which one is not in the record');
  const id = wanted.slice(wanted.lastIndexOf('/') + 1).toLowerCase();
  if (READING_ROLES.has(id)) return quiet('reader-role', 'the role only reads');
  if (ADMIN_ROLES.has(id)) return fires('admin-role-assigned', 'the role administers its scope', { risk: 'critical' });
  return fires('role-assigned', `role ${brief(id, 40)} was assigned`, { risk: 'medium' });
}

/** A custom role: one that reads only is no way up, and is still somebody changing what roles mean. */
export function roleDefinition(alert: Alert): Outcome {
  const permissions = findAll(requestOf(alert), 'permissions').flatMap((list) => (Array.isArray(list) ? list : [list])).map(objectOf);
  const actions = permissions.flatMap((one) => [...listOf(one['actions']), ...listOf(one['Actions']), ...listOf(one['dataActions']), ...listOf(one['DataActions'])]);
  if (actions.length > 0 && actions.every((action) => action.toLowerCase().endsWith('/read'))) return fires('reading-role-written', 'the custom role only reads', { risk: 'medium' });
  return fires('role-written', actions.length === 0 ? 'what a role may do was changed; to what is not in the record' : 'what a role may do was changed');
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map((one) => textOf(one)) : []);
