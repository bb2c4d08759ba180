import type { Group, UnifiedRoleAssignment, UnifiedRoleEligibilityScheduleInstance } from '@microsoft/microsoft-graph-types';
import { at, literal, type Graph } from './graph';

/** Roles that own the directory or can make themselves its owner. Source: Microsoft Entra built-in roles, “privileged”. */
const ADMIN_ROLES: ReadonlySet<string> = new Set([
  '62e90394-69f5-4237-9190-012177145e10', // Global Administrator
  'e8611ab8-c189-46e8-94e1-60213ab1f814', // Privileged Role Administrator
  '7be44c8a-adaf-4e2a-84d6-ab2649e08a13', // Privileged Authentication Administrator
  '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3', // Application Administrator
  '158c047a-c907-4556-b7ef-446551a6b5f7', // Cloud Application Administrator
  '8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2', // Hybrid Identity Administrator
  'e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8', // Partner Tier2 Support
]);

export const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';

/** One way in which an identity has a directory role. */
export interface HeldRole {
  roleId: string;
  roleName: string;
  /** Scope within the directory; `/` is all of it. */
  scope: string;
  how: 'active' | 'eligible';
  /** Set when the role comes through a group. */
  group: { id: string; name: string } | null;
  /** Id of the assignment or eligibility. */
  assignment: string;
}

/** For people; for service principals `Application.Read.All` in the place of `User.Read.All`. Without GroupMember.Read.All Graph lists groups and hides what they are. */
export const directoryRolePermissions = ['RoleManagement.Read.Directory', 'GroupMember.Read.All', 'User.Read.All'] as const;

type Held = (UnifiedRoleAssignment | UnifiedRoleEligibilityScheduleInstance) & { roleDefinition?: { displayName?: string | null } | null };

/** Every directory role of an identity: active and eligible (PIM), direct and through groups. */
export async function rolesOf(graph: Graph, kind: DirectoryKind, principal: string): Promise<HeldRole[]> {
  const groups = await roleGroupsOf(graph, kind, principal);
  const holders: { id: string; group: HeldRole['group'] }[] = [{ id: principal, group: null }, ...groups.map((group) => ({ id: group.id ?? '', group: { id: group.id ?? '', name: group.displayName ?? '' } }))];
  const lists = await Promise.all(holders.flatMap(({ id, group }) => [
    assigned(graph, 'roleAssignments', id).then((held) => held.map((one) => role(one, 'active', group))),
    assigned(graph, 'roleEligibilityScheduleInstances', id).then((held) => held.map((one) => role(one, 'eligible', group))),
  ]));
  return lists.flat();
}

/** Only groups that may hold roles; they cannot be nested (Entra: “Use groups to manage role assignments”). */
export async function roleGroupsOf(graph: Graph, kind: DirectoryKind, principal: string): Promise<Group[]> {
  const groups = await graph.list<Group>(`${objectPath(kind, principal)}/memberOf/microsoft.graph.group`, { select: 'id,displayName,isAssignableToRole' });
  return groups.filter((group) => group.isAssignableToRole === true);
}

export type DirectoryKind = 'user' | 'service-principal';

export const objectPath = (kind: DirectoryKind, id: string): string => (kind === 'user' ? at`/users/${id}` : at`/servicePrincipals/${id}`);

async function assigned(graph: Graph, what: 'roleAssignments' | 'roleEligibilityScheduleInstances', principal: string): Promise<Held[]> {
  return graph.list<Held>(`/roleManagement/directory/${what}`, { filter: `principalId eq ${literal(principal)}`, expand: 'roleDefinition' });
}

const role = (held: Held, how: HeldRole['how'], group: HeldRole['group']): HeldRole => ({
  roleId: held.roleDefinitionId ?? '', roleName: held.roleDefinition?.displayName ?? held.roleDefinitionId ?? '', scope: held.directoryScopeId ?? '/', how, group, assignment: held.id ?? '',
});

export const isAdminRole = ({ roleId, scope }: Pick<HeldRole, 'roleId' | 'scope'>): boolean => scope === '/' && ADMIN_ROLES.has(roleId.toLowerCase());
