import { Fault, type Caller } from '../protocol/types';
import { rolesOf } from '../state/membership';
import type { Sim } from '../state/sim';
import { roleNames, roleTemplates } from './roles-data';

/** Roles whose holder may change people who hold a privileged role. Source: “Who can perform sensitive actions” (Graph users API, permissions for specific scenarios). */
const HIGH = new Set<string>([roleTemplates['Global Administrator'], roleTemplates['Privileged Authentication Administrator']]);

/** An application permission alone does not reach an administrator: the caller itself must hold a higher role. */
export function mayTouch(sim: Sim, caller: Caller, targetId: string): void {
  const target = rolesOf(sim, targetId).filter((role) => roleNames[role] !== 'Directory Readers' && roleNames[role] !== 'Guest Inviter');
  if (target.length === 0) return;
  if (rolesOf(sim, caller.id).some((role) => HIGH.has(role))) return;
  throw new Fault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

/** People act through their directory roles: an owner of the directory may all, others only read. */
export function delegated(sim: Sim, caller: Caller, method: string, needs: readonly string[]): boolean {
  const names = rolesOf(sim, caller.id).map((role) => roleNames[role] ?? '');
  if (names.includes('Global Administrator')) return true;
  if (method === 'GET') return true;
  const scopes: Record<string, RegExp> = {
    'User Administrator': /^(User|Group)[.-]/, 'Application Administrator': /^(Application|AppRoleAssignment|DelegatedPermissionGrant)\./, 'Cloud Application Administrator': /^(Application|AppRoleAssignment|DelegatedPermissionGrant)\./,
    'Privileged Role Administrator': /^(RoleManagement|RoleAssignmentSchedule|RoleEligibilitySchedule|AppRoleAssignment)/, 'Conditional Access Administrator': /^Policy\./, 'Privileged Authentication Administrator': /^(UserAuthenticationMethod|User)[.-]/, 'Authentication Administrator': /^(UserAuthenticationMethod|User)[.-]/,
  };
  return names.some((name) => needs.some((need) => scopes[name]?.test(need)));
}
