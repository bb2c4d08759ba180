import type { AuthenticationMethod, User } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import { codeOf, fail, toFailure } from '../../boundary';
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
/** Graph: “user: revokeSignInSessions” takes a few minutes. */
const REVOCATION_MS = 5 * 60_000;
/** How far the log's time and the key's own may lie apart. */
const SAME_ACT_MS = 60_000;
const PERMISSION = 'UserAuthenticationMethod.ReadWrite.All';

interface Method {
  id: string;
  kind: string;
  /** Null: Graph does not say when some kinds (phone, e-mail) were registered. */
  createdAt: string | null;
  /** A FIDO2 key whose maker vouches for it; all else can be copied, or read over a phone. */
  attested: boolean;
}

/**
 * Row 2.1.1. Target: a user; `params.since`: methods registered since (ISO) go, now and at every later look; `params.registered`: when the log has the attacker registering one (ISO).
 * Where the attacker made theirs the default and another stays, Graph refuses (NOT_SUPPORTED, a task for people that is proven when it is gone). Source: Graph v1.0, delete phoneAuthenticationMethod.
 * Then methods without a date go too, for nobody can tell which it was. One thing is spared: the attested FIDO2 key that row 2.2.1 asks the person for, registered once the person
 * was shut out (`params.shutOut`, ISO, or the time of planning: kept in `before`, so that a later plan is the same step), and not at a moment of `params.registered`.
 */
export const removeAuthMethods = guardedAzureAction('azure.remove-auth-methods', {
  permissions: [PERMISSION, ...directoryRolePermissions],
  async plan(ctx, { target, params }) {
    const { shutOut, ...kept } = params;
    const before = { sparedFrom: typeof shutOut === 'string' ? shutOut : ctx.now().toISOString() };
    const [user, methods] = [await readUser(ctx, target), await methodsOf(ctx, target)];
    const rogue = methods.filter((one) => isRogue(one, user, { params: kept, before }));
    const unknown = methods.filter((one) => one.createdAt === null && !rogue.includes(one));
    return {
      needed: rogue.length > 0, params: kept, before: { ...before, methods: methods.map((one) => ({ ...one })), roles: await roleNames(ctx, target) },
      change: rogue.length === 0 ? [] : [
        ...rogue.map((one) => `remove ${one.kind} ${one.id} of user ${target.name} (registered ${one.createdAt ?? 'at a time that Entra does not say, and the log tells of a registration by the attacker'})`),
        ...unknown.map((one) => `look by hand at ${one.kind} ${one.id}: Entra does not say when it was registered`),
        `remove again what is registered for ${target.name} later, a Temporary Access Pass too; only an attested FIDO2 key stays, registered when the sessions are revoked and not from the attacker’s address`,
      ],
    };
  },
  async apply(ctx, { target, params, before }): Promise<JsonObject> {
    const user = await readUser(ctx, target);
    const remove = (one: Method) => onAdministrator(ctx, { tenant: target.account, kind: 'user', id: user.id ?? target.id, name: target.name, permission: PERMISSION },
      () => gone(ctx.access.graph(target.account).delete(at`/users/${target.id}/authentication/${collections[one.kind]!}/${one.id}`)));
    const rogue = (await methodsOf(ctx, target)).filter((one) => isRogue(one, user, { params, before }));
    const again: Method[] = [];
    for (const one of rogue) {
      // The default method goes only when no other is left: it is tried once more at the end.
      await remove(one).catch((error: unknown) => {
        if (codeOf(toFailure(error, classifyAzure)) !== 'REJECTED_BY_CLOUD') throw error;
        again.push(one);
      });
    }
    for (const one of again) {
      await remove(one).catch((error: unknown) => {
        if (!/default method|default authentication method/i.test((error as Error).message)) throw error;
        // Graph v1.0 cannot name another default (signInPreferences is beta), and what the person keeps is not ours to delete.
        throw fail('NOT_SUPPORTED', `${one.kind} ${one.id} is ${target.name}’s default method and another one stays: Graph v1.0 cannot delete it. Set another default for the person (Entra admin centre, Authentication methods, Default sign-in method), then delete it there`);
      });
    }
    return { removed: rogue.map((one) => one.id) };
  },
  async verify(ctx, { target, params, before }): Promise<Verified> {
    const user = await findUser(ctx, target);
    if (!user) return { holds: true, seen: { exists: false } };
    const rogue = (await methodsOf(ctx, target)).filter((one) => isRogue(one, user, { params, before })).map((one) => one.id);
    return { holds: rogue.length === 0, seen: { rogue } };
  },
  undo: async (_ctx, { target }) => ({ seen: {}, left: [`methods that were removed from ${target.name} cannot be registered by anybody else: the person registers them again`] }),
});

async function methodsOf(ctx: AzureContext, { account, id }: Target): Promise<Method[]> {
  const methods = await ctx.access.graph(account).list<AuthenticationMethod & { '@odata.type'?: string; createdDateTime?: string | null; attestationLevel?: string | null }>(at`/users/${id}/authentication/methods`);
  return methods.map((one) => {
    const kind = (one['@odata.type'] ?? '').replace('#microsoft.graph.', '');
    return { id: one.id ?? '', kind, createdAt: one.createdDateTime ?? null, attested: kind === 'fido2AuthenticationMethod' && one.attestationLevel === 'attested' };
  }).filter((one) => one.kind in collections);
}

function isRogue(method: Method, user: User, step: Pick<Step, 'params' | 'before'>): boolean {
  const registered = Array.isArray(step.params.registered) ? step.params.registered.map((time) => Date.parse(String(time))) : [];
  if (method.createdAt === null) return registered.length > 0;
  const made = Date.parse(method.createdAt);
  return typeof step.params.since === 'string' && made >= Date.parse(step.params.since) && !(method.attested && isSpared(made, user, Date.parse(String(step.before.sparedFrom)), registered));
}

/** Who registers a key needs a session: none from before the last revocation is left, and none of the attacker's once revocation has had its minutes. */
function isSpared(made: number, user: User, from: number, registered: readonly number[]): boolean {
  const shut = made >= Date.parse(user.signInSessionsValidFromDateTime ?? '') || made >= from + REVOCATION_MS;
  return made >= from && shut && !registered.some((time) => time >= from && Math.abs(time - made) <= SAME_ACT_MS);
}
