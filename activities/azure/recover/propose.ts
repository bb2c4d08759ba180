import type { Propose } from '../../provider';
import type { AzureContext } from '../context';

/** Section 4. */
export const proposeRecovery: Propose<AzureContext> = async () => ({ proposals: [], left: ['recovery in Entra and Azure: carry section 4 out by hand'] });
