import type { RoleAssignment } from '@azure/arm-authorization';
import { digestOf } from '../../../playbook/digest';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { pages } from '../contain/arm';
import { readIdentity } from '../contain/principals';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { literal } from '../graph';
import { ACTIVITY_DAYS } from '../investigate/logs';
import { deleteById, writeById } from './by-id';

const VERSION = '2022-04-01';
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
/** Owner, Contributor, User Access Administrator, Role Based Access Control Administrator. Source: Azure built-in roles. */
const BROAD: Readonly<Record<string, string>> = { '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner', 'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor', '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9': 'User Access Administrator', 'f58310d9-a9f6-439a-9e8d-f62e7b41a168': 'Role Based Access Control Administrator' };

interface Held { id: string; name: string; scope: string; roleDefinitionId: string; principalType: string }

/**
 * Row 4.2. Target: a user or service principal that lives on; `params.compromisedFrom` (ISO). A broad role at a scope of a configured subscription, under which the identity changed
 * nothing in the 90 days of the Activity Log before the compromise, becomes Reader there. Use of data (blobs, secrets) is not in that log, which is why people decide.
 */
export const applyLeastPrivilege = guardedAzureAction('azure.apply-least-privilege', {
  permissions: ['User.Read.All', 'Application.Read.All', 'Microsoft.Authorization/roleAssignments/read', 'Microsoft.Authorization/roleAssignments/write', 'Microsoft.Authorization/roleAssignments/delete', 'Microsoft.Insights/eventtypes/values/read'],
  async plan(ctx, { target, params }) {
    await readIdentity(ctx, target);
    const unused = await unusedOf(ctx, target, Date.parse(String(params.compromisedFrom)));
    return {
      needed: unused.length > 0, before: { assignments: unused.map((one) => ({ ...one })) }, params: { ...params, replace: unused.map((one) => one.id) },
      change: unused.map((one) => `${BROAD[shortId(one.roleDefinitionId)]} at ${one.scope} of ${target.name} becomes Reader: nothing was changed with it in ${ACTIVITY_DAYS} days`),
    };
  },
  async apply(ctx, step): Promise<JsonObject> {
    await readIdentity(ctx, step.target);
    const wanted = step.params.replace as string[];
    const broad = (await broadOf(ctx, step.target)).filter((one) => wanted.includes(one.id));
    for (const one of broad) {
      // Reader first: then there is no moment without any.
      await assign(ctx, step.target, one, READER, readerName(one));
      await deleteById(ctx, step.target.account, subscriptionOf(one.scope), one.id, VERSION);
    }
    return { replaced: broad.map((one) => one.scope) };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    const left = (await broadOf(ctx, target)).filter((one) => (params.replace as string[]).includes(one.id)).map((one) => one.id);
    return { holds: left.length === 0, seen: { left } };
  },
  async undo(ctx, { target, before }) {
    const now = await broadOf(ctx, target);
    const missing = (before.assignments as unknown as Held[]).filter((one) => !now.some((other) => other.scope === one.scope && shortId(other.roleDefinitionId) === shortId(one.roleDefinitionId)));
    for (const one of missing) {
      await assign(ctx, target, one, shortId(one.roleDefinitionId), one.name);
      await deleteById(ctx, target.account, subscriptionOf(one.scope), `${one.scope}/providers/Microsoft.Authorization/roleAssignments/${readerName(one)}`, VERSION);
    }
    return { seen: { restored: missing.map((one) => one.scope) }, left: [] };
  },
});

const shortId = (id: string): string => id.slice(id.lastIndexOf('/') + 1).toLowerCase();
const subscriptionOf = (scope: string): string => /^\/subscriptions\/([^/]+)/i.exec(scope)?.[1]?.toLowerCase() ?? '';
/** The same name at a second try: the assignment of the first is written over, not beside. */
const readerName = (one: Held): string => {
  const hex = digestOf(['reader', one.id.toLowerCase()]);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** What is given already, by an earlier try or by somebody else, is refused as a duplicate (ARM: RoleAssignmentExists): it is there, which is what is wanted. */
const assign = (ctx: AzureContext, target: Target, { scope, principalType }: Held, role: string, name: string): Promise<void> =>
  writeById(ctx, target.account, subscriptionOf(scope), `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`, VERSION, { properties: { principalId: target.id, principalType, roleDefinitionId: `/subscriptions/${subscriptionOf(scope)}/providers/Microsoft.Authorization/roleDefinitions/${role}` } }).catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'RoleAssignmentExists') throw error;
  });

/** Broad roles at a configured subscription or below; what is given above is not ours to reduce from here. */
async function broadOf(ctx: AzureContext, target: Target): Promise<Held[]> {
  const lists = await Promise.all(ctx.access.subscriptions(target.account).map((subscription) => pages<RoleAssignment>(ctx.access.arm(target.account, subscription).authorization.roleAssignments.listForSubscription({ filter: `principalId eq ${literal(target.id)}` }))));
  const own = lists.flat().filter((one) => one.principalId?.toLowerCase() === target.id.toLowerCase() && BROAD[shortId(one.roleDefinitionId ?? '')] && ctx.access.subscriptions(target.account).includes(subscriptionOf(one.scope ?? '')));
  const held = own.map((one): Held => ({ id: one.id ?? '', name: one.name ?? '', scope: one.scope ?? '', roleDefinitionId: one.roleDefinitionId ?? '', principalType: String(one.principalType ?? 'User') }));
  return [...new Map(held.map((one) => [one.id.toLowerCase(), one])).values()];
}

async function unusedOf(ctx: AzureContext, target: Target, until: number): Promise<Held[]> {
  const held = await broadOf(ctx, target);
  const used = new Set<string>();
  for (const subscription of new Set(held.map((one) => subscriptionOf(one.scope)))) {
    const from = new Date(ctx.now().getTime() - (ACTIVITY_DAYS - 1) * 86_400_000).toISOString();
    for await (const event of ctx.access.arm(target.account, subscription).monitor.activityLogs.list(`eventTimestamp ge '${from}' and eventTimestamp le '${new Date(until).toISOString()}'`)) {
      const claims = (event.claims ?? {}) as Record<string, string>;
      const by = claims['http://schemas.microsoft.com/identity/claims/objectidentifier'] ?? event.caller ?? '';
      if (by.toLowerCase() !== target.id.toLowerCase() && event.caller?.toLowerCase() !== target.name.toLowerCase()) continue;
      for (const one of held) if (`${event.resourceId ?? ''}/`.toLowerCase().startsWith(`${one.scope.toLowerCase()}/`)) used.add(one.id);
    }
  }
  return held.filter((one) => !used.has(one.id));
}
