import { Fault, type Call } from '../protocol/types';
import type { Sim } from '../state/sim';
import { rolesOf } from '../state/membership';
import { delegated } from './admin-guard';

/** Applications need one of the permissions, or a directory role of their own; people act through their directory roles. Source: Entra, “Assign Microsoft Entra roles”: service principals can hold them. */
export function authorizeGraph(sim: Sim, { caller, method }: Call, needs: readonly string[]): void {
  const may = caller.kind === 'app' ? needs.length === 0 || needs.some((need) => caller.roles.includes(need)) || (rolesOf(sim, caller.id).length > 0 && delegated(sim, caller, method, needs)) : delegated(sim, caller, method, needs);
  if (!may) throw new Fault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}
