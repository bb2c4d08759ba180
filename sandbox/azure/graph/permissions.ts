import { Fault, type Call } from '../protocol/types';
import type { Sim } from '../state/sim';
import { delegated } from './admin-guard';

/** Applications need one of the permissions; people act through their directory roles. */
export function authorizeGraph(sim: Sim, { caller, method }: Call, needs: readonly string[]): void {
  const may = caller.kind === 'app' ? needs.length === 0 || needs.some((need) => caller.roles.includes(need)) : delegated(sim, caller, method, needs);
  if (!may) throw new Fault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}
