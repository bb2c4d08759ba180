import type { Check } from '../../provider';
import type { AzureContext } from '../context';

/** Checks of 1.2, 1.3 and 2.2. */
export const azureChecks: readonly Check<AzureContext>[] = [];
