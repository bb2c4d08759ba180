import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { itemsOf } from '../../../playbook/triage/reading';
import { fail } from '../../boundary';
import { parseResourceId } from '../contain/targets';
import type { AzureContext } from '../context';
import { defineAzureAction, type Verified } from '../define';
import { deleteById, propertiesOf, readById, writeById } from './by-id';

const NAME = 'tourniquet-activity-log';
const SETTINGS = '2021-05-01-preview';
const STORAGE = '2023-05-01';
/** The container that Azure writes a subscription's Activity Log into (Azure Monitor: “Send Activity log to storage”). */
const CONTAINER = 'insights-activity-logs';
const DAYS = 365;
const CATEGORIES = ['Administrative', 'Security', 'ServiceHealth', 'Alert', 'Recommendation', 'Policy', 'Autoscale', 'ResourceHealth'];

/**
 * Row 4.4. Target: a subscription. Its whole Activity Log goes to the configured storage account, whose container keeps what is written for a year, appends allowed (they are append
 * blobs). The policy is left unlocked: locking cannot be taken back, and is a person's to do.
 */
export const exportActivityLog = defineAzureAction('azure.export-activity-log', {
  permissions: [
    'Microsoft.Insights/diagnosticSettings/read', 'Microsoft.Insights/diagnosticSettings/write', 'Microsoft.Insights/diagnosticSettings/delete', 'Microsoft.Storage/storageAccounts/listKeys/action', 'Microsoft.Storage/storageAccounts/blobServices/containers/read',
    'Microsoft.Storage/storageAccounts/blobServices/containers/write', 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies/read', 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies/write',
  ],
  async plan(ctx, { target }) {
    const account = accountOf(ctx);
    const [exported, days] = await Promise.all([isExported(ctx, target, account), keptDays(ctx, target, account)]);
    return {
      needed: !exported || days < DAYS, before: { exported, days },
      change: [...(exported ? [] : [`write diagnostic setting ${NAME}: the whole Activity Log of ${target.name} to ${account}`]), ...(days < DAYS ? [`container ${CONTAINER} of ${account}: what is written cannot be changed for ${DAYS} days (not locked)`] : [])],
    };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    const account = accountOf(ctx);
    const { subscription } = parseResourceId(account);
    const container = `${account}/blobServices/default/containers/${CONTAINER}`;
    if ((await keptDays(ctx, target, account)) < DAYS) {
      if (!(await readById(ctx, target.account, subscription, container, STORAGE))) await writeById(ctx, target.account, subscription, container, STORAGE, { properties: {} });
      await writeById(ctx, target.account, subscription, `${container}/immutabilityPolicies/default`, STORAGE, { properties: { immutabilityPeriodSinceCreationInDays: DAYS, allowProtectedAppendWrites: true } });
    }
    if (!(await isExported(ctx, target, account))) await writeById(ctx, target.account, target.id, settingOf(target), SETTINGS, { properties: { storageAccountId: account, logs: CATEGORIES.map((category) => ({ category, enabled: true })) } });
    return { setting: NAME, account };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const account = accountOf(ctx);
    const [exported, days] = await Promise.all([isExported(ctx, target, account), keptDays(ctx, target, account)]);
    return { holds: exported && days >= DAYS, seen: { exported, days } };
  },
  async undo(ctx, { target, before }) {
    if (before.exported === false) await deleteById(ctx, target.account, target.id, settingOf(target), SETTINGS);
    return { seen: { exported: await isExported(ctx, target, accountOf(ctx)) }, left: Number(before.days) < DAYS ? [`what is in container ${CONTAINER} stays unchangeable: take its immutability policy away by hand if it is not wanted`] : [] };
  },
});

function accountOf(ctx: AzureContext): string {
  const { storageAccountId } = ctx.access.config.logDestination;
  if (!storageAccountId) throw fail('INVALID_CONFIG', 'azure.logDestination.storageAccountId is missing: there is nowhere to keep the Activity Log');
  return storageAccountId;
}

const settingOf = (target: Target): string => `/subscriptions/${target.id}/providers/Microsoft.Insights/diagnosticSettings/${NAME}`;

async function isExported(ctx: AzureContext, target: Target, account: string): Promise<boolean> {
  const properties = propertiesOf(await readById(ctx, target.account, target.id, settingOf(target), SETTINGS));
  const on = itemsOf(properties.logs).filter((log) => log.enabled === true).map((log) => log.category);
  return String(properties.storageAccountId ?? '').toLowerCase() === account.toLowerCase() && CATEGORIES.every((category) => on.includes(category));
}

async function keptDays(ctx: AzureContext, target: Target, account: string): Promise<number> {
  const policy = await readById(ctx, target.account, parseResourceId(account).subscription, `${account}/blobServices/default/containers/${CONTAINER}/immutabilityPolicies/default`, STORAGE);
  return Number(propertiesOf(policy).immutabilityPeriodSinceCreationInDays ?? 0);
}
