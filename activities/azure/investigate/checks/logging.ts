import type { Artifact } from '../../../../playbook/model/finding';
import type { JsonObject } from '../../../../playbook/json';
import { itemsOf, objectOf, textOf } from '../../../../playbook/triage/reading';
import { counted, named, withDetails } from '../../../artifacts';
import { armPages } from '../../arm-rest';
import { createReader, defineCheck, each, LAG, trailPermissions } from '../check';
import { trail } from '../trail';

const SETTINGS = '2021-05-01-preview';

/** 1.3.5: diagnostic settings, workspaces, alert rules and Defender plans switched off, and whether each subscription's Activity Log is kept anywhere now. */
export const logging = defineCheck('1.3.5-logging', [...trailPermissions, 'Microsoft.Insights/diagnosticSettings/read', 'Microsoft.Security/pricings/read'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const reader = createReader();
  const now = await each(ctx.access.subscriptions(seen.tenant), 3, async (subscription) => ({
    subscription, settings: await reader.read(`subscription ${subscription} diagnostic settings`, () => armPages(ctx, seen.tenant, subscription, `/subscriptions/${subscription}/providers/Microsoft.Insights/diagnosticSettings`, SETTINGS)),
  }));
  const kept = (setting: JsonObject): boolean => itemsOf(objectOf(setting.properties).logs).some((log) => log.enabled === true);
  const dark = now.filter((one) => one.settings && !one.settings.some(kept)).map((one) => one.subscription);
  const there = new Map(now.flatMap((one) => one.settings ?? []).map((one) => [textOf(one.id).toLowerCase(), one]));
  const artifacts = seen.artifacts.filter((one) => one.kind === 'trail' || one.kind === 'detector').map((one): Artifact => {
    const setting = there.get(one.id.toLowerCase());
    // Settings of single resources are read where they are put back.
    return /^\/subscriptions\/[^/]+\/providers\/microsoft\.insights\/diagnosticsettings\//i.test(one.id) ? withDetails(one, { loggingNow: setting ? kept(setting) : false }) : one;
  });
  return {
    found: artifacts.length > 0,
    summary: [artifacts.length > 0 ? `logging was changed (${counted(artifacts)}): ${artifacts.slice(0, 6).map((one) => `${one.name} ${String(one.details.change ?? one.how)}`).join(', ')}` : 'no logging was switched off', ...(dark.length > 0 ? [`the Activity Log of ${dark.length} subscriptions goes nowhere now: ${dark.slice(0, 4).join(', ')}`] : [])].join('; '),
    artifacts, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, facts: { dark, settings: now.map((one) => ({ subscription: one.subscription, names: (one.settings ?? []).map((setting) => textOf(setting.name)) })), changed: named(artifacts) },
    records: seen.events.map((one) => one.record).filter((record) => /diagnosticsettings|operationalinsights|microsoft\.security|microsoft\.insights/i.test(record.event)), notes: ['Azure itself keeps the Activity Log for 90 days whatever is switched off', LAG],
  };
});
