import type { Propose } from '../../provider';
import { proposeContainment } from '../contain/propose';
import type { AzureContext } from '../context';

/** What the emergency credential asserts again: containment, by a caller whom Graph does not refuse. */
export const proposeBreakGlass: Propose<AzureContext> = (ctx, input, findings) => proposeContainment(ctx, input, findings);

/** Section 2.2. */
export const proposeRoot: Propose<AzureContext> = async () => ({ proposals: [], left: [] });
