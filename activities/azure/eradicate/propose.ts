import type { Propose } from '../../provider';
import type { AzureContext } from '../context';

/** Section 3. */
export const proposeEradication: Propose<AzureContext> = async () => ({ proposals: [], left: ['what the attacker made in Entra and Azure: remove it by hand'] });
