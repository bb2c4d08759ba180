import type { AzureAction } from '../define';

export const eradicateActions: readonly AzureAction[] = [];
