import { awsCatalogue } from './aws';
import { azureCatalogue } from './azure';
import type { CatalogueEntry } from './types';

export { awsCatalogue, type AwsActionId } from './aws';
export { azureCatalogue, type AzureActionId } from './azure';
export type { CatalogueEntry } from './types';

/** Every provider's actions by id. */
export const catalogue: Readonly<Record<string, CatalogueEntry>> = { ...awsCatalogue, ...azureCatalogue };
