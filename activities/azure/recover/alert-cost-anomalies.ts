import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { canonicalJson } from '../../../playbook/json';
import { objectOf } from '../../../playbook/triage/reading';
import type { AzureContext } from '../context';
import { defineAzureAction, type Verified } from '../define';
import { deleteById, propertiesOf, readById, writeById } from './by-id';

const VERSION = '2023-11-01';
const DAY_MS = 86_400_000;
/** An alert ends one day; renewed by the next recovery when less than a month is left. */
const LASTS_DAYS = 365;
const RENEW_DAYS = 30;
/** The view whose anomalies are written of: fixed by the service (Cost Management: “Identify anomalies and unexpected changes in cost”). */
const VIEW = 'ms:DailyAnomalyByResourceGroup';

const scopeOf = (target: Target): string => `/subscriptions/${target.id}`;
const idOf = (target: Target): string => `${scopeOf(target)}/providers/Microsoft.CostManagement/scheduledActions/tourniquet-anomaly`;

/**
 * Row 4.5. Target: a subscription. Cost Management writes to finance when a day’s cost is not what it foresaw: a scheduled action of kind InsightAlert. It writes only while whoever
 * made it may read the costs. Source: Cost Management REST, Scheduled Actions – Create Or Update By Scope.
 */
export const alertCostAnomalies = defineAzureAction('azure.alert-cost-anomalies', {
  permissions: ['Microsoft.CostManagement/scheduledActions/read', 'Microsoft.CostManagement/scheduledActions/write', 'Microsoft.CostManagement/scheduledActions/delete', 'Microsoft.CostManagement/query/read'],
  async plan(ctx, { target }) {
    const current = await read(ctx, target);
    const needed = !holds(ctx, target, current);
    return { needed, before: { alert: current }, change: needed ? [`cost anomalies of subscription ${target.name} are written to ${ctx.access.config.billing.email}, for ${LASTS_DAYS} days`] : [] };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    const current = await read(ctx, target);
    if (holds(ctx, target, current)) return { already: true };
    await writeById(ctx, target.account, target.id, idOf(target), VERSION, { ...tagOf(current), kind: 'InsightAlert', properties: wanted(ctx, target) });
    return { alert: 'tourniquet-anomaly' };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const current = await read(ctx, target);
    return { holds: holds(ctx, target, current), seen: { status: (propertiesOf(current).status as string | undefined) ?? null } };
  },
  async undo(ctx, { target, before }) {
    const was = before.alert as JsonObject | null;
    // One that is over cannot be written again.
    const given = was !== null && endOf(was) > ctx.now().getTime();
    if (given) {
      const { displayName, notification, notificationEmail, schedule, status, viewId } = propertiesOf(was);
      await writeById(ctx, target.account, target.id, idOf(target), VERSION, { ...tagOf(await read(ctx, target)), kind: was.kind, properties: { displayName, notification, notificationEmail, schedule, status, viewId } });
    } else await deleteById(ctx, target.account, target.id, idOf(target), VERSION);
    return { seen: { alert: given }, left: [] };
  },
});

const read = (ctx: AzureContext, target: Target): Promise<JsonObject | null> => readById(ctx, target.account, target.id, idOf(target), VERSION);

const endOf = (alert: JsonObject | null): number => Date.parse(String(objectOf(propertiesOf(alert).schedule).endDate ?? ''));

/** An update names the version that it changes. */
const tagOf = (current: JsonObject | null): JsonObject => (typeof current?.eTag === 'string' ? { eTag: current.eTag } : {});

function wanted(ctx: AzureContext, target: Target): JsonObject {
  const { email } = ctx.access.config.billing;
  const day = (days: number): string => `${new Date(ctx.now().getTime() + days * DAY_MS).toISOString().slice(0, 10)}T00:00:00Z`;
  return {
    displayName: 'Tourniquet: cost anomalies', status: 'Enabled', viewId: `${scopeOf(target)}/providers/Microsoft.CostManagement/views/${VIEW}`, notificationEmail: email,
    notification: { to: [email], subject: 'Unusual cost in an Azure subscription' }, schedule: { frequency: 'Daily', startDate: day(0), endDate: day(LASTS_DAYS) },
  };
}

function holds(ctx: AzureContext, target: Target, current: JsonObject | null): boolean {
  const { status, viewId, notification } = propertiesOf(current);
  const want = wanted(ctx, target);
  return current?.kind === 'InsightAlert' && status === 'Enabled' && String(viewId).toLowerCase() === String(want.viewId).toLowerCase() && endOf(current) > ctx.now().getTime() + RENEW_DAYS * DAY_MS
    && canonicalJson(objectOf(notification).to ?? null) === canonicalJson(objectOf(want.notification).to ?? null);
}
