import type { AuthenticationMethod } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import type { Proposal, Target } from '../../../playbook/model/plan';
import { codeOf, toFailure } from '../../boundary';
import type { AzureContext } from '../context';
import { directoryRolePermissions } from '../directory';
import { guardedAzureAction, type Verified } from '../define';
import { classifyAzure, gone } from '../errors';
import { at } from '../graph';
import { onAdministrator, roleNames } from './refused';
import { findUser, readUser } from './users';

/** Where each kind is deleted (Graph v1.0, “Authentication methods”); a password has no place here. */
const collections: Record<string, string> = {
  phoneAuthenticationMethod: 'phoneMethods', fido2AuthenticationMethod: 'fido2Methods', microsoftAuthenticatorAuthenticationMethod: 'microsoftAuthenticatorMethods', softwareOathAuthenticationMethod: 'softwareOathMethods',
  temporaryAccessPassAuthenticationMethod: 'temporaryAccessPassMethods', emailAuthenticationMethod: 'emailMethods', windowsHelloForBusinessAuthenticationMethod: 'windowsHelloForBusinessMethods',
  platformCredentialAuthenticationMethod: 'platformCredentialMethods', externalAuthenticationMethod: 'externalAuthenticationMethods',
};
const PERMISSION = 'UserAuthenticationMethod.ReadWrite.All';

interface Method {
  id: string;
  kind: string;
  /** Null: Graph does not say when some kinds (phone, e-mail) were registered. */
  createdAt: string | null;
}

/**
 * Row 2.1.1. Target: a user; `params.since`: methods registered since (ISO); `params.methods`: these ids, as the audit log names them. A method without a date is
 * removed only when it is named; the plan says which they are.
 */
export const removeAuthMethods = guardedAzureAction('azure.remove-auth-methods', {
  permissions: [PERMISSION, ...directoryRolePermissions],
  async plan(ctx, { target, params }) {
    await readUser(ctx, target);
    const methods = await methodsOf(ctx, target);
    const rogue = methods.filter((one) => isRogue(one, params));
    const unknown = methods.filter((one) => one.createdAt === null && !isRogue(one, params));
    return {
      needed: rogue.length > 0, before: { methods: methods.map((one) => ({ ...one })), roles: await roleNames(ctx, target) },
      change: rogue.length === 0 ? [] : [
        ...rogue.map((one) => `remove ${one.kind} ${one.id} of user ${target.name} (registered ${one.createdAt ?? 'at an unknown time, named by the audit log'})`),
        ...unknown.map((one) => `look by hand at ${one.kind} ${one.id}: Entra does not say when it was registered`),
      ],
    };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    const user = await readUser(ctx, target);
    const remove = (one: Method) => onAdministrator(ctx, { tenant: target.account, kind: 'user', id: user.id ?? target.id, name: target.name, permission: PERMISSION },
      () => gone(ctx.access.graph(target.account).delete(at`/users/${target.id}/authentication/${collections[one.kind]!}/${one.id}`)));
    const rogue = (await methodsOf(ctx, target)).filter((one) => isRogue(one, params));
    const again: Method[] = [];
    for (const one of rogue) {
      // The default method goes only when no other is left: it is tried once more at the end.
      await remove(one).catch((error: unknown) => {
        if (codeOf(toFailure(error, classifyAzure)) !== 'REJECTED_BY_CLOUD') throw error;
        again.push(one);
      });
    }
    for (const one of again) await remove(one);
    return { removed: rogue.map((one) => one.id) };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    if (!(await findUser(ctx, target))) return { holds: true, seen: { exists: false } };
    const rogue = (await methodsOf(ctx, target)).filter((one) => isRogue(one, params)).map((one) => one.id);
    return { holds: rogue.length === 0, seen: { rogue } };
  },
  undo: async (_ctx, { target }) => ({ seen: {}, left: [`methods that were removed from ${target.name} cannot be registered by anybody else: the person registers them again`] }),
});

async function methodsOf(ctx: AzureContext, { account, id }: Target): Promise<Method[]> {
  const methods = await ctx.access.graph(account).list<AuthenticationMethod & { '@odata.type'?: string; createdDateTime?: string | null }>(at`/users/${id}/authentication/methods`);
  return methods.map((one) => ({ id: one.id ?? '', kind: (one['@odata.type'] ?? '').replace('#microsoft.graph.', ''), createdAt: one.createdDateTime ?? null })).filter((one) => one.kind in collections);
}

function isRogue(method: Method, params: Proposal['params']): boolean {
  if (Array.isArray(params.methods) && params.methods.includes(method.id)) return true;
  return typeof params.since === 'string' && method.createdAt !== null && Date.parse(method.createdAt) >= Date.parse(params.since);
}
