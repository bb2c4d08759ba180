import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import type { AzureContext } from '../context';
import { defineAzureAction, type Verified } from '../define';
import { deleteById, propertiesOf, readById, writeById } from './by-id';

const VERSION = '2023-04-01';
const NAME = 'tourniquet-deny-owner';
/** Owner, User Access Administrator, Role Based Access Control Administrator: who has one can make himself the rest. Source: Azure built-in roles. */
const ROLES = ['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'];

const rule = (subscription: string): JsonObject => ({
  if: { allOf: [{ field: 'type', equals: 'Microsoft.Authorization/roleAssignments' }, { field: 'Microsoft.Authorization/roleAssignments/roleDefinitionId', in: ROLES.flatMap((id) => [`/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${id}`, `/providers/Microsoft.Authorization/roleDefinitions/${id}`]) }] },
  then: { effect: 'deny' },
});
const definitionOf = (target: Target): string => `/subscriptions/${target.id}/providers/Microsoft.Authorization/policyDefinitions/${NAME}`;
const assignmentOf = (target: Target): string => `/subscriptions/${target.id}/providers/Microsoft.Authorization/policyAssignments/${NAME}`;

/**
 * Row 4.6. Target: a subscription. What a service control policy against root is for AWS: nobody there can make new owners, Global Administrators who elevated themselves included.
 * The owners there are keep their role. What is given on a management group above, Azure Policy in the subscription does not see.
 */
export const denyOwnerAssignment = defineAzureAction('azure.deny-owner-assignment', {
  permissions: ['policyDefinitions', 'policyAssignments'].flatMap((type) => ['read', 'write', 'delete'].map((verb) => `Microsoft.Authorization/${type}/${verb}`)),
  async plan(ctx, { target }) {
    const state = await read(ctx, target);
    const needed = !inForce(state);
    return { needed, before: { definition: state.definition, assignment: state.assignment }, change: needed ? [`Azure Policy ${NAME} on subscription ${target.name}: nobody is made owner, user access administrator or role administrator any more`] : [] };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    if (inForce(await read(ctx, target))) return { already: true };
    await writeById(ctx, target.account, target.id, definitionOf(target), VERSION, { properties: { displayName: 'Tourniquet: no new owners', policyType: 'Custom', mode: 'All', policyRule: rule(target.id) } });
    await writeById(ctx, target.account, target.id, assignmentOf(target), VERSION, { properties: { displayName: 'Tourniquet: no new owners', policyDefinitionId: definitionOf(target), enforcementMode: 'Default' } });
    return { policy: NAME };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const state = await read(ctx, target);
    return { holds: inForce(state), seen: { definition: state.definition !== null, enforcementMode: (propertiesOf(state.assignment).enforcementMode as string | undefined) ?? null } };
  },
  async undo(ctx, { target, before }) {
    if (before.assignment === null) await deleteById(ctx, target.account, target.id, assignmentOf(target), VERSION);
    if (before.definition === null) await deleteById(ctx, target.account, target.id, definitionOf(target), VERSION);
    return { seen: { inForce: inForce(await read(ctx, target)) }, left: [] };
  },
});

interface State { definition: JsonObject | null; assignment: JsonObject | null }

async function read(ctx: AzureContext, target: Target): Promise<State> {
  const [definition, assignment] = await Promise.all([readById(ctx, target.account, target.id, definitionOf(target), VERSION), readById(ctx, target.account, target.id, assignmentOf(target), VERSION)]);
  return { definition, assignment };
}

function inForce({ definition, assignment }: State): boolean {
  const effect = ((propertiesOf(definition).policyRule as { then?: { effect?: string } } | undefined)?.then?.effect ?? '').toLowerCase();
  return effect === 'deny' && assignment !== null && propertiesOf(assignment).enforcementMode !== 'DoNotEnforce';
}
