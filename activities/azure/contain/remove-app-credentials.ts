import type { JsonObject } from '../../../playbook/json';
import type { Proposal } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { guardedAzureAction, type Verified } from '../define';
import { asJson, credentialsOf, describeCredential, removalPermissions, removeCredentials, type Credential } from './app-credentials';
import { isManaged, readPrincipal, userAssignedOf } from './principals';

/** Row 2.1.3. Target: a service principal, or a user-assigned managed identity with the foreign tokens that it trusts; `params.credentials`: only these key ids, or names of federated ones (the attacker’s), none = every one, also one that is made after the plan. */
export const removeAppCredentials = guardedAzureAction('azure.remove-app-credentials', {
  permissions: [...removalPermissions, ...['read', 'delete'].map((verb) => `Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/${verb}`)],
  async plan(ctx, { target, params }) {
    const principal = await readPrincipal(ctx, target);
    const { credentials } = await credentialsOf(ctx, target);
    const rogue = chosen(credentials, params);
    if (isManaged(principal) && rogue.length === 0) throw fail('NOT_SUPPORTED', `${target.name} is a managed identity: its credential is Azure’s own and cannot be removed; its roles are taken away, and ${userAssignedOf(principal) ? 'whatever it is assigned to must be isolated, or the identity detached from it, by hand' : 'its resource is isolated'}`);
    return { needed: rogue.length > 0, before: { credentials: asJson(credentials) }, change: rogue.map((one) => `remove ${describeCredential(one)} of ${isManaged(principal) ? 'managed identity' : 'application'} ${target.name}`) };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    await readPrincipal(ctx, target);
    const rogue = chosen((await credentialsOf(ctx, target)).credentials, params);
    await removeCredentials(ctx, target, rogue);
    return { removed: rogue.map((one) => one.id) };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    const { principal, credentials } = await credentialsOf(ctx, target);
    const left = chosen(credentials, params).map((one) => one.id);
    return { holds: left.length === 0, seen: principal ? { left } : { exists: false } };
  },
  undo: async (_ctx, { target, before, params }) => ({
    seen: {}, left: chosen(before.credentials as unknown as Credential[], params).map((one) => `${describeCredential(one)} of ${target.name} stays removed, because somebody else may know it: make a new one`),
  }),
});

function chosen(credentials: readonly Credential[], params: Proposal['params']): Credential[] {
  const { credentials: wanted } = params;
  if (!Array.isArray(wanted)) return [...credentials];
  return credentials.filter((one) => wanted.includes(one.id) || (one.kind === 'federated' && wanted.some((name) => one.name.startsWith(`${String(name)} (`))));
}
