import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { guardedAzureAction, type Verified } from '../define';
import { at } from '../graph';
import { findPrincipal, isManaged, readPrincipal } from './principals';

/** Row 2.1.1. Target: a service principal. No new token; those that are out live up to an hour. A managed identity cannot be disabled and has no secret: NOT_SUPPORTED says what is done instead. */
export const disableServicePrincipal = guardedAzureAction('azure.disable-service-principal', {
  permissions: ['Application.ReadWrite.All'],
  async plan(ctx, { target }) {
    const principal = await readPrincipal(ctx, target);
    if (isManaged(principal)) throw fail('NOT_SUPPORTED', `${target.name} is a managed identity: it has no secret to revoke and is not disabled; its roles are taken away and its resource is isolated`);
    const needed = principal.accountEnabled !== false;
    return { needed, before: { enabled: needed, appId: principal.appId ?? null }, change: needed ? [`set accountEnabled to false on service principal ${target.name} (application ${principal.appId ?? ''})`] : [] };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    const principal = await readPrincipal(ctx, target);
    if (principal.accountEnabled === false) return { enabled: false, already: true };
    await ctx.access.graph(target.account).patch(at`/servicePrincipals/${target.id}`, { accountEnabled: false });
    return { enabled: false };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const principal = await findPrincipal(ctx, target);
    if (!principal) return { holds: true, seen: { exists: false } };
    return { holds: principal.accountEnabled === false, seen: { enabled: principal.accountEnabled ?? null } };
  },
  async undo(ctx, { target, before }) {
    await readPrincipal(ctx, target);
    if (before.enabled === true) await ctx.access.graph(target.account).patch(at`/servicePrincipals/${target.id}`, { accountEnabled: true });
    return { seen: { enabled: (await findPrincipal(ctx, target))?.accountEnabled ?? null }, left: [] };
  },
});
