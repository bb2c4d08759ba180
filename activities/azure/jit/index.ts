import type { Entitlement, GrantOrder, Looked } from '../../../playbook/jit/model';
import { fail } from '../../boundary';
import type { GrantExecutor } from '../../jit/executor';
import type { AzureContext } from '../context';
import { armPermissions, armPim, checkAzureRole } from './arm';
import { checkEntraRole, entraPermissions, entraPim } from './entra';
import { namingWhatLacks } from '../lacking';
import { endSignIns, personOf, personPermissions } from './person';
import { giveUntil, isStanding, takeAway, type Pim } from './pim';

/** A role assigned by PIM for a time: PIM itself ends it. Taken away, then signed out: in the other order a new sign-in would still bring the role. */
function pimExecutor(
  kind: Entitlement['kind'], permissions: readonly string[], pimOf: (ctx: AzureContext, order: GrantOrder, principal: string) => Pim, checkRole: (ctx: AzureContext, order: GrantOrder) => Promise<void>,
): GrantExecutor<AzureContext> {
  const all = [...new Set([...permissions, ...personPermissions])];
  const naming = <T>(ctx: AzureContext, order: GrantOrder, work: () => Promise<T>): Promise<T> => namingWhatLacks(ctx, order.entitlement.account, all, work);
  const does: Pick<GrantExecutor<AzureContext>, 'look' | 'give' | 'end'> = {
    async look(ctx, order) {
      await checkRole(ctx, order);
      const { id } = await personOf(ctx, order);
      return { principal: id, present: await isStanding(pimOf(ctx, order, id)) };
    },
    async give(ctx, order, before, until): Promise<Looked> {
      if (before.present) return { present: true, sessionsDead: false, seen: { standing: true } };
      await checkRole(ctx, order);
      const { id } = await personOf(ctx, order);
      if (id !== before.principal) throw fail('GRANT_REFUSED', `${order.person} is another user now than when the grant began`);
      return giveUntil(pimOf(ctx, order, id), order, until, () => ctx.now().getTime());
    },
    async end(ctx, order, before, since): Promise<Looked> {
      if (before.present) return { present: true, sessionsDead: true, seen: { standing: true } };
      const { present, left } = await takeAway(pimOf(ctx, order, before.principal), order);
      const { dead, validFrom } = await endSignIns(ctx, order.entitlement.account, before.principal, since);
      return { present, sessionsDead: dead, seen: { present, validFrom, ...(left && { left: 'given by somebody else, or activated by the person' }) } };
    },
  };
  return {
    kind, permissions: all,
    look: (ctx, order) => naming(ctx, order, () => does.look(ctx, order)),
    give: (ctx, order, before, until) => naming(ctx, order, () => does.give(ctx, order, before, until)),
    end: (ctx, order, before, since) => naming(ctx, order, () => does.end(ctx, order, before, since)),
  };
}

export const azureGrantExecutors: readonly GrantExecutor<AzureContext>[] = [pimExecutor('entra-role', entraPermissions, entraPim, checkEntraRole), pimExecutor('azure-role', armPermissions, armPim, checkAzureRole)];
