import type { AzureAction } from '../define';

export const recoverActions: readonly AzureAction[] = [];
