import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { codeOf, fail, toFailure } from '../../boundary';
import { plain } from '../../check';
import { boundsOf, defaultBounds } from '../../keep-bounds';
import { blobsOf } from '../blobs';
import { armFor, pages } from '../contain/arm';
import type { AzureContext } from '../context';
import type { Undone } from '../define';
import { classifyAzure, orNull } from '../errors';
import { keepBlobs } from './account-evidence';
import { removal } from './removal';

const TYPE = 'Microsoft.Storage/storageAccounts';
const READ_BLOBS = `${TYPE}/blobServices/containers/blobs/read`;
/** How long Microsoft may give a deleted account back, without promise (Azure Storage: “Recover a deleted storage account”). */
const RECOVERABLE_DAYS = 14;
/** Clocks, and an account that is there before its write is in the log. */
const TOLERANCE_MS = 10 * 60_000;

type Container = { name: string; deleted: boolean; hasLegalHold: boolean; hasImmutabilityPolicy: boolean; publicAccess: string };

/**
 * Row 3.4. Target: a storage account that the attacker made; `params.since`: when (ISO). Its settings, the listing of its blobs with versions and snapshots, and their contents up to a bound
 * are kept; then the account goes. Refused (STILL_IN_USE): one that was there before, one that a subscription’s logs are sent to, one with a retention or legal hold, one under a lock;
 * (NOT_SUPPORTED) one with shares, queues or tables, whose contents cannot be kept here. `params.keepObjects`, `.keepBytes`: other bounds.
 */
export const deleteStorageAccount = removal('azure.delete-storage-account', {
  permissions: [
    `${TYPE}/read`, `${TYPE}/delete`, `${TYPE}/blobServices/containers/read`, READ_BLOBS, `${TYPE}/fileServices/shares/read`, `${TYPE}/queueServices/queues/read`, `${TYPE}/tableServices/tables/read`,
    'Microsoft.Insights/diagnosticSettings/read', 'Microsoft.Storage/locations/deletedAccounts/read',
  ],
  async read(ctx, target) {
    const { arm, at } = accountOf(ctx, target);
    const account = await orNull(arm.storage.storageAccounts.getProperties(at.group, at.name));
    if (!account) return null;
    const containers = await pages(arm.storage.blobContainers.list(at.group, at.name, { include: 'deleted' }));
    return { ...(plain(account) as JsonObject), containers: containers.map(({ name, deleted, hasLegalHold, hasImmutabilityPolicy, publicAccess }): Container => ({ name: name ?? '', deleted: deleted === true, hasLegalHold: hasLegalHold === true, hasImmutabilityPolicy: hasImmutabilityPolicy === true, publicAccess: publicAccess ?? 'None' })) };
  },
  async refuse(ctx, target, state, params) {
    const { arm, at } = accountOf(ctx, target);
    if (typeof params.since !== 'string' || !Number.isFinite(Date.parse(params.since))) throw fail('INVALID_INPUT', 'params.since is missing: without it nobody can tell that the account is the attacker’s');
    if (!(Date.parse(String(state.creationTime)) >= Date.parse(params.since) - TOLERANCE_MS)) throw fail('STILL_IN_USE', `${target.name} was made at ${String(state.creationTime)}, before the attacker came: what he changed in it is put back, the account stays`);
    const held = containersOf(state).filter((one) => one.hasLegalHold || one.hasImmutabilityPolicy).map((one) => one.name);
    if (held.length > 0) throw fail('STILL_IN_USE', `${target.name} cannot be deleted while a retention or legal hold is on ${held.slice(0, 10).join(', ')}: decide by hand`);
    const others = await otherData(arm.storage, at, state);
    if (others.length > 0) throw fail('NOT_SUPPORTED', `${target.name} holds ${others.slice(0, 10).join(', ')}, whose contents cannot be kept as evidence here: copy them, then delete the account by hand`);
    const logs = await logsSentTo(ctx, target);
    if (logs.length > 0) throw fail('STILL_IN_USE', `the Activity Log is sent to ${target.name} by ${logs.slice(0, 10).join(', ')}: send it elsewhere first`);
  },
  change: (target, state) => {
    const there = containersOf(state).filter((one) => !one.deleted);
    return [
      `keep the settings of ${target.name} (made ${String(state.creationTime)}), the listing of its blobs and their contents up to ${defaultBounds.objects}`,
      `delete storage account ${target.name} with ${there.length} containers${there.length > 0 ? ` (${there.slice(0, 10).map((one) => one.name).join(', ')})` : ''}; Microsoft may give it back for ${RECOVERABLE_DAYS} days, without promise`,
    ];
  },
  async keep(ctx, step, state): Promise<JsonObject> {
    const { at } = accountOf(ctx, step.target);
    const names = containersOf(state).filter((one) => !one.deleted).map((one) => one.name);
    const { blob } = (state.primaryEndpoints ?? {}) as { blob?: string };
    // A premium account of file shares has no blobs.
    return !blob ? {} : { storage: await keepBlobs(ctx, step, blobsOf(ctx, step.target.account, at.name, blob), names, boundsOf(step.params), state.isHnsEnabled !== true).catch(unreadable(at.name)) };
  },
  async remove(ctx, target) {
    const { arm, at } = accountOf(ctx, target);
    await arm.storage.storageAccounts.delete(at.group, at.name);
  },
  async restore(ctx, { target, before }): Promise<Undone> {
    if (before.state === null) return { seen: {}, left: [] };
    const { arm, at } = accountOf(ctx, target);
    const deleted = await orNull(arm.storage.deletedAccounts.get(at.name, String((before.state as JsonObject).location ?? '')));
    const until = deleted?.deletionTime ? new Date(Date.parse(deleted.deletionTime) + RECOVERABLE_DAYS * 86_400_000).toISOString() : null;
    return {
      seen: { recoverable: deleted !== null, until },
      left: [until ? `${target.name} may be given back until ${until}, without promise and only while no other account took its name (portal: Storage accounts, Restore deleted); what was kept of it is in the evidence` : `${target.name} is not among the deleted accounts: what was kept of it is in the evidence`],
    };
  },
});

/** The data plane does not say which permission it misses, and answers alike when the account’s own network rules keep everybody out. */
const unreadable = (account: string) => (error: unknown): never => {
  const failure = toFailure(error, classifyAzure);
  if (codeOf(failure) !== 'ACCESS_DENIED') throw failure;
  throw fail('ACCESS_DENIED', `the blobs of ${account} cannot be read, so it is not deleted: ${failure.message} This needs ${READ_BLOBS} under DataActions, and network rules of the account that let the responder in.`, { cause: failure });
};

const accountOf = (ctx: AzureContext, target: Target) => {
  const found = armFor(ctx, target, TYPE);
  if (found.at.parts.length > 0) throw fail('INVALID_INPUT', `${target.id.slice(0, 200)} is no storage account`);
  return found;
};

const containersOf = (state: JsonObject): Container[] => (state.containers ?? []) as Container[];

/** Only what the account has an endpoint for can be asked. */
async function otherData({ fileShares, queue, table }: ReturnType<typeof accountOf>['arm']['storage'], { group, name }: { group: string; name: string }, state: JsonObject): Promise<string[]> {
  const has = (state.primaryEndpoints ?? {}) as { file?: string; queue?: string; table?: string };
  const [shares, queues, tables] = await Promise.all([has.file ? pages(fileShares.list(group, name)) : [], has.queue ? pages(queue.list(group, name)) : [], has.table ? pages(table.list(group, name)) : []]);
  return [...shares.map((one) => `share ${one.name}`), ...queues.map((one) => `queue ${one.name}`), ...tables.map((one) => `table ${one.name}`)];
}

async function logsSentTo(ctx: AzureContext, { account: tenant, id }: Target): Promise<string[]> {
  const lists = await Promise.all(ctx.access.subscriptions(tenant).map((subscription) => ctx.access.arm(tenant, subscription).monitor.diagnosticSettings.list(`/subscriptions/${subscription}`)));
  return lists.flatMap((list) => list.value ?? []).filter((one) => one.storageAccountId?.toLowerCase() === id.toLowerCase()).map((one) => one.id ?? '');
}
