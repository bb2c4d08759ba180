import { at } from '../graph';
import { readObject } from './deleted-items';
import { removal } from './removal';

/** Row 3.2. Target: the tenant that the attacker let in by cross-tenant access. */
export const deletePartner = removal('azure.delete-partner', {
  permissions: ['Policy.ReadWrite.CrossTenantAccess'],
  read: (ctx, target) => readObject(ctx, target, at`/policies/crossTenantAccessPolicy/partners/${target.id}`),
  change: (target) => [`delete the cross-tenant access setting for tenant ${target.id}`],
  remove: (ctx, target) => ctx.access.graph(target.account).delete(at`/policies/crossTenantAccessPolicy/partners/${target.id}`),
});
