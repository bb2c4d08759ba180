import type { AzureAction } from '../define';

/** Section 2.2. */
export const rootActions: readonly AzureAction[] = [];
