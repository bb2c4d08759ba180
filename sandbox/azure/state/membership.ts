import type { Group, UnifiedRoleAssignment } from '@microsoft/microsoft-graph-types';
import type { Sim } from './sim';

export interface Link { id: string; from: string; to: string }

/** Groups that somebody is in, directly or through other groups. */
export function groupsOf(sim: Sim, id: string): string[] {
  const found = new Set<string>();
  const look = (member: string): void => {
    for (const { from, to } of sim.shelf<Link>('members').list()) {
      if (to !== member || found.has(from)) continue;
      found.add(from);
      look(from);
    }
  };
  look(id);
  return [...found];
}

/** Directory role definitions that somebody holds actively, also through role-assignable groups. */
export function rolesOf(sim: Sim, id: string): string[] {
  const assignable = groupsOf(sim, id).filter((group) => sim.shelf<Group>('groups').get(group)?.isAssignableToRole === true);
  const holders = new Set([id, ...assignable]);
  return [...new Set(sim.shelf<UnifiedRoleAssignment>('roleAssignments').list().filter((one) => holders.has(one.principalId ?? '')).map((one) => one.roleDefinitionId!))];
}

/** One link between two directory objects (member, owner): an id of its own, so that it can be on a shelf. */
export const linkId = (from: string, to: string): string => `${from}|${to}`;
