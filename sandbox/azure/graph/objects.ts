import type { Sim } from '../state/sim';
import type { Json } from '../protocol/types';

/** Kinds of directory objects that links may lead to, by the shelf they are on. */
export const objectTypes: Record<string, string> = { users: '#microsoft.graph.user', groups: '#microsoft.graph.group', servicePrincipals: '#microsoft.graph.servicePrincipal', applications: '#microsoft.graph.application', devices: '#microsoft.graph.device' };

/** A directory object with its `@odata.type`, wherever it is; null when nothing has the id. */
export function objectOf(sim: Sim, id: string, truth = false): Json | null {
  for (const [shelf, type] of Object.entries(objectTypes)) {
    const found = truth ? sim.shelf(shelf).get(id) : sim.shelf(shelf).seen(id);
    if (found) return { '@odata.type': type, ...found };
  }
  return null;
}

export const typeName = (object: Json | null): string => {
  const name = String(object?.['@odata.type'] ?? '').split('.').pop() ?? '';
  return name === '' ? 'Other' : name[0]!.toUpperCase() + name.slice(1);
};
