import type { GenericResourceExpanded } from '@azure/arm-resources';
import type { JsonObject } from '../../../../playbook/json';
import type { Artifact } from '../../../../playbook/model/finding';
import { counted, named } from '../../../artifacts';
import { createReader, defineCheck, each, LAG, plain, trailPermissions } from '../check';
import { trail } from '../trail';

const MAX_LISTED = 200;

/** 1.2.7: everything that was made: by the log, and what Resource Manager itself says was made within the incident without a record that names its maker. */
export const resources = defineCheck('1.2.7-resources-created', [...trailPermissions, 'Microsoft.Resources/subscriptions/resources/read'], async (ctx, aCase) => {
  const reader = createReader();
  const seen = await trail(ctx, aCase);
  const lists = await each(ctx.access.subscriptions(seen.tenant), 3, (subscription) => reader.read(`subscription ${subscription} resources`, async () => {
    const all: GenericResourceExpanded[] = [];
    for await (const one of ctx.access.arm(seen.tenant, subscription).resources.resources.list({ expand: 'createdTime' })) if ((one.createdTime?.toISOString() ?? '') >= seen.windowStart) all.push(one);
    return all;
  }));
  const known = new Set(seen.artifacts.map((one) => one.id.toLowerCase()));
  const others = lists.flatMap((list) => list ?? []).filter((one) => !known.has((one.id ?? '').toLowerCase())).map((one): Artifact => ({
    provider: 'azure', account: seen.tenant, region: one.location ?? null, kind: kindOf(one.type ?? ''), id: one.id ?? '', name: one.name ?? one.id ?? '', attribution: 'unattributed', how: 'created', events: [],
    details: { why: `made ${one.createdTime?.toISOString() ?? ''}, within the incident, and not by a recorded act of the attacker`, object: one.type ?? null, exists: true },
  }));
  const created = [...seen.artifacts.filter((one) => one.how === 'created'), ...others];
  const byKind: JsonObject = {};
  for (const one of created) byKind[one.kind] = Number(byKind[one.kind] ?? 0) + 1;
  const attempts = seen.events.filter(({ record, attribution }) => attribution === 'attacker' && record.log === 'activity' && !record.succeeded);
  return {
    found: created.length > 0, summary: created.length > 0 ? `${created.length} things were made (${counted(created)}): ${named(created, 12)}` : 'nothing was made',
    // What has a check of its own is described there.
    artifacts: [...seen.artifacts.filter((one) => one.kind === 'other'), ...others.slice(0, MAX_LISTED)], failed: [...seen.failed, ...reader.failed], truncated: seen.truncated,
    facts: { created: created.length, byKind, failedAttempts: attempts.length, list: created.slice(0, 100).map((one) => ({ kind: one.kind, id: one.id, name: one.name, account: one.account, region: one.region, attribution: one.attribution })) },
    records: seen.events.map((one) => one.record).filter((record) => record.log !== 'sign-in'), raw: plain(others), notes: [...(attempts.length > 0 ? [`${attempts.length} attempts failed`] : []), LAG],
  };
});

const kinds: [RegExp, Artifact['kind']][] = [[/^microsoft\.compute\/virtualmachines$/i, 'instance'], [/^microsoft\.storage\/storageaccounts$/i, 'bucket'], [/^microsoft\.(web\/sites|logic\/workflows)$/i, 'function'], [/^microsoft\.network\/networksecuritygroups$/i, 'security-group']];
const kindOf = (type: string): Artifact['kind'] => kinds.find(([pattern]) => pattern.test(type))?.[1] ?? 'other';
