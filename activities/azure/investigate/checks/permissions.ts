import { textDetail } from '../../../../playbook/artifacts';
import { isAdminRole } from '../../directory';
import { defineCheck, LAG, trailPermissions } from '../check';
import { trail } from '../trail';

/** Owner, Contributor, User Access Administrator, Role Based Access Control Administrator. Source: Azure built-in roles. */
export const AZURE_ADMIN_ROLES: ReadonlySet<string> = new Set(['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'b24988ac-6180-42a0-ab88-20f7382dd24c', '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', 'f58310d9-a9f6-439a-9e8d-f62e7b41a168']);
/** Graph permissions that lead to every other one. Source: Microsoft Graph permissions reference. */
const ESCALATING = /^(RoleManagement\.ReadWrite\.Directory|AppRoleAssignment\.ReadWrite\.All|Application\.ReadWrite\.All|Directory\.ReadWrite\.All|PrivilegedAccess\.ReadWrite\.\w+|UserAuthenticationMethod\.ReadWrite\.All|User\.ReadWrite\.All)$/;

/** 1.2.6: what permissions were granted: directory roles, app roles and consents, owners, Azure roles and role definitions. The things themselves are in 1.3.6. */
export const permissions = defineCheck('1.2.6-permissions-granted', trailPermissions, async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const rows = seen.artifacts.filter((one) => ['policy-attachment', 'role', 'trust'].includes(one.kind) || (one.kind === 'group' && textDetail(one, 'user') !== null)).map((one) => {
    const relation = textDetail(one, 'relation') ?? one.kind;
    const role = textDetail(one, 'role') ?? '';
    const grantsAdmin = one.how !== 'deleted' && (isAdminRole({ roleId: role, scope: '/' }) || AZURE_ADMIN_ROLES.has(textDetail(one, 'azureRole') ?? '') || (textDetail(one, 'permission') ?? textDetail(one, 'scope') ?? '').split(/\s+/).some((name) => ESCALATING.test(name)));
    return { kind: one.kind, relation, id: one.id, name: textDetail(one, 'roleName') ?? one.name, to: textDetail(one, 'principalName') ?? textDetail(one, 'principal') ?? textDetail(one, 'user'), scope: textDetail(one, 'scope'), how: one.how, attribution: one.attribution, grantsAdmin, events: one.events };
  });
  const admin = rows.filter((row) => row.grantsAdmin);
  return {
    found: rows.length > 0,
    summary: rows.length > 0 ? `${rows.length} permission changes, ${admin.length} of them administrator: ${rows.slice(0, 5).map((row) => `${row.how} ${row.relation} ${row.name}${row.to ? ` for ${row.to}` : ''}${row.grantsAdmin ? ' (administrator)' : ''}`).join(', ')}${rows.length > 5 ? ', …' : ''}` : 'no permission was changed',
    facts: { changes: rows.slice(0, 60), grantsAdmin: admin.length > 0 }, failed: seen.failed, truncated: seen.truncated, records: seen.events.map((one) => one.record).filter((record) => record.log !== 'sign-in'), raw: rows, notes: [LAG],
  };
});
