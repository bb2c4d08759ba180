import { at } from '../graph';
import { refuseProtected } from '../protect';
import { collectionOf, readObject, restoreDeleted } from './deleted-items';
import { removal } from './removal';

/** Row 3.1. Target: an application or service principal that the attacker made; `params.object` says which. */
export const deleteApplication = removal('azure.delete-application', {
  permissions: ['Application.ReadWrite.All'],
  async read(ctx, target, params) {
    const found = await readObject(ctx, target, `${collectionOf(params)}${at`/${target.id}`}`);
    if (found) refuseProtected(ctx, target, String(found.id ?? ''), String(found.appId ?? ''), String(found.displayName ?? ''));
    return found;
  },
  change: (target, _state, params) => [`delete ${params.object === 'application' ? 'application' : 'service principal'} ${target.name} (Entra keeps it for 30 days)`],
  remove: (ctx, target, params) => ctx.access.graph(target.account).delete(`${collectionOf(params)}${at`/${target.id}`}`),
  restore: restoreDeleted,
});
