import { randomBytes } from 'node:crypto';
import type { Making } from '../graph/routes';
import { Fault, ok, type Call, type Json } from '../protocol/types';
import type { Sim } from '../state/sim';
import type { Blob } from '../blob';
import { resourceType } from './engine';
import { arm, resourceNotFound, resources, type Resource } from './routes';

const ACCOUNT = 'Microsoft.Storage/storageAccounts';
const CONTAINER = `${ACCOUNT}/blobServices/containers`;

/** The keys of an account: kept apart, as ARM shows them only on request. */
export const keysOf = (sim: Sim, id: string): { key1: string; key2: string; delegationRevokedAt: string | null } => {
  const known = sim.storageKeys.get(id.toLowerCase());
  if (known) return known;
  const made = { key1: randomBytes(64).toString('base64'), key2: randomBytes(64).toString('base64'), delegationRevokedAt: null };
  sim.storageKeys.set(id.toLowerCase(), made);
  return made;
};

/** Where its data is served: blobs by the sandbox, the rest nowhere. */
function withEndpoints(sim: Sim, account: Resource): Resource {
  const at = (service: string): string => `https://${account.name}.${service}.core.windows.net/`;
  return { ...account, properties: { ...account.properties, primaryEndpoints: { blob: `${sim.blobUrl}/${account.name}/`, file: at('file'), queue: at('queue'), table: at('table'), dfs: at('dfs') } } };
}

/** A locked retention or a legal hold keeps the account (`AccountProtectedFromDeletion`); one that goes may come back for 14 days. */
function accountRemoved(sim: Sim, account: Resource): void {
  const held = resources(sim).truth().filter((one) => one.id.toLowerCase().startsWith(`${account.id.toLowerCase()}/blobservices/`) && ((one.type === CONTAINER && one.properties['hasLegalHold'] === true) || (one.type === `${CONTAINER}/immutabilityPolicies` && one.properties['state'] === 'Locked')));
  if (held.length > 0) throw new Fault(409, 'AccountProtectedFromDeletion', `${account.name} is protected from deletion. The container(s) ${held.map((one) => one.id.split('/containers/')[1]!.split('/')[0]).join(', ')} have a locked immutability policy.`);
  for (const blob of sim.shelf<Blob>('blobs').truth()) if (blob.account === account.name) sim.shelf('blobs').remove(blob.id);
  const id = `/subscriptions/${account.id.split('/')[2]}/providers/Microsoft.Storage/locations/${account.location}/deletedAccounts/${account.name}`;
  sim.shelf<Resource>('deletedStorageAccounts').put(id.toLowerCase(), { id, name: account.name, type: 'Microsoft.Storage/deletedAccounts', properties: { storageAccountResourceId: account.id, location: account.location, restoreReference: `${account.name}|${sim.iso()}`, creationTime: account.properties['creationTime'], deletionTime: sim.iso() } });
}

/** Storage accounts, their keys, containers and what protects them. Source: Storage resource provider REST. */
export function storageRoutes(making: Making): void {
  const { sim } = making;
  resourceType(making, { type: ACCOUNT, removed: accountRemoved, show: withEndpoints, slow: ['put'], methods: ['get', 'list', 'put', 'patch', 'delete'], make: (_sim, properties, _id, before) => ({ keyCreationTime: { key1: sim.iso(), key2: sim.iso() }, allowBlobPublicAccess: false, allowSharedKeyAccess: true, supportsHttpsTrafficOnly: true, minimumTlsVersion: 'TLS1_2', publicNetworkAccess: 'Enabled', networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [], virtualNetworkRules: [] }, ...properties, creationTime: before?.properties['creationTime'] ?? sim.iso() }) });
  const item = `/subscriptions/:subscription/resourceGroups/:group/providers/${ACCOUNT}/:name`;
  const accountOf = (call: Call): Resource => {
    const { subscription, group, name } = call.params as Record<string, string>;
    const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/${ACCOUNT}/${name}`;
    const found = resources(sim).get(id);
    if (!found) throw resourceNotFound(id);
    return found;
  };
  const shown = (account: Resource): Json => ({ keys: (['key1', 'key2'] as const).map((keyName) => ({ keyName, value: keysOf(sim, account.id)[keyName], permissions: 'FULL', creationTime: (account.properties['keyCreationTime'] as Json)[keyName] })) });
  arm(making, 'POST', `${item}/listKeys`, { action: `${ACCOUNT}/listKeys/action`, handle: (call) => ok(shown(accountOf(call))) });
  arm(making, 'POST', `${item}/regenerateKey`, { action: `${ACCOUNT}/regenerateKey/action`, handle: (call) => {
    const account = accountOf(call);
    const name = call.body['keyName'];
    if (name !== 'key1' && name !== 'key2') throw new Fault(400, 'InvalidValuesForRequestParameters', 'Values for request parameters are invalid: keyName.');
    sim.storageKeys.set(account.id.toLowerCase(), { ...keysOf(sim, account.id), [name]: randomBytes(64).toString('base64') });
    return ok(shown(resources(sim).put(account.id, { ...account, properties: { ...account.properties, keyCreationTime: { ...(account.properties['keyCreationTime'] as Json), [name]: sim.iso() } } })));
  } });
  arm(making, 'POST', `${item}/revokeUserDelegationKeys`, { action: `${ACCOUNT}/revokeUserDelegationKeys/action`, handle: (call) => {
    const account = accountOf(call);
    sim.storageKeys.set(account.id.toLowerCase(), { ...keysOf(sim, account.id), delegationRevokedAt: sim.iso() });
    return ok(undefined);
  } });
  // The one blob service is there with the account: a write is always a change.
  const service = (call: Call): Resource => {
    const id = `${accountOf(call).id}/blobServices/default`;
    return resources(sim).get(id) ?? { id, name: 'default', type: `${ACCOUNT}/blobServices`, properties: { containerDeleteRetentionPolicy: { enabled: false }, deleteRetentionPolicy: { enabled: false } } };
  };
  arm(making, 'GET', `${item}/blobServices/default`, { action: `${ACCOUNT}/blobServices/read`, handle: (call) => ok(service(call)) });
  arm(making, 'PUT', `${item}/blobServices/default`, { action: `${ACCOUNT}/blobServices/write`, handle: (call) => {
    const before = service(call);
    return ok(resources(sim).put(before.id, { ...before, properties: { ...before.properties, ...((call.body['properties'] ?? {}) as Json) } }));
  } });
  resourceType(making, { type: `${ACCOUNT}/managementPolicies`, child: true });
  for (const type of ['fileServices/shares', 'queueServices/queues', 'tableServices/tables']) resourceType(making, { type: `${ACCOUNT}/${type}`, child: true });
  arm(making, 'GET', '/subscriptions/:subscription/providers/Microsoft.Storage/locations/:location/deletedAccounts/:name', { action: 'Microsoft.Storage/locations/deletedAccounts/read', handle: (call) => {
    const found = sim.shelf<Resource>('deletedStorageAccounts').get(call.url.pathname.toLowerCase());
    if (!found) throw resourceNotFound(call.url.pathname);
    return ok(found);
  } });
  resourceType(making, {
    type: CONTAINER, child: true, methods: ['get', 'list', 'put', 'patch', 'delete'],
    make: (_sim, properties, id) => {
      const account = resources(sim).get(id.split('/blobServices/')[0]!);
      if (!account) throw resourceNotFound(id.split('/blobServices/')[0]!);
      if (/^(Blob|Container)$/.test(String(properties['publicAccess'])) && account.properties['allowBlobPublicAccess'] !== true) throw new Fault(409, 'PublicAccessNotPermitted', 'Public access is not permitted on this storage account.');
      return { leaseStatus: 'Unlocked', leaseState: 'Available', hasImmutabilityPolicy: false, hasLegalHold: false, lastModifiedTime: sim.iso(), ...properties, publicAccess: properties['publicAccess'] ?? 'None' };
    },
    removed: (_sim, container) => {
      const policy = resources(sim).get(`${container.id}/immutabilityPolicies/default`);
      if (policy?.properties['state'] === 'Locked') throw new Fault(409, 'ContainerProtectedFromDeletion', 'The container is protected from deletion because of an immutability policy.');
    },
  });
  immutability(making);
}

function immutability(making: Making): void {
  const { sim } = making;
  const type = `${CONTAINER}/immutabilityPolicies`;
  const set = (container: string, has: boolean): void => {
    const found = resources(sim).get(container);
    if (found) resources(sim).put(found.id, { ...found, properties: { ...found.properties, hasImmutabilityPolicy: has } });
  };
  resourceType(making, {
    type, child: true, methods: ['get', 'put', 'delete'],
    make: (_sim, properties, id, before) => {
      const wanted = Number(properties['immutabilityPeriodSinceCreationInDays'] ?? 0);
      if (before?.properties['state'] === 'Locked' && wanted < Number(before.properties['immutabilityPeriodSinceCreationInDays'])) throw new Fault(409, 'ImmutabilityPolicyLocked', 'The immutability policy is locked and cannot be shortened.');
      set(id.split('/immutabilityPolicies')[0]!, true);
      return { state: before?.properties['state'] ?? 'Unlocked', ...properties };
    },
    removed: (_sim, policy) => {
      if (policy.properties['state'] === 'Locked') throw new Fault(409, 'ImmutabilityPolicyLocked', 'A locked immutability policy cannot be deleted.');
      set(policy.id.split('/immutabilityPolicies')[0]!, false);
    },
  });
  const item = `/subscriptions/:subscription/resourceGroups/:group/providers/${ACCOUNT}/:name/blobServices/default/containers/:container/immutabilityPolicies/default`;
  for (const verb of ['lock', 'extend'] as const) {
    arm(making, 'POST', `${item}/${verb}`, { action: `${type}/${verb}/action`, handle: (call) => {
      const id = decodeURIComponent(call.url.pathname).replace(/\/(lock|extend)$/, '').replace(/\/resourcegroups\//i, '/resourceGroups/');
      const policy = resources(sim).get(id);
      if (!policy) throw resourceNotFound(id);
      return ok(resources(sim).put(id, { ...policy, properties: { ...policy.properties, ...(verb === 'lock' ? { state: 'Locked' } : ((call.body['properties'] as Json) ?? {})) } }));
    } });
  }
}
