import { awsCatalogue } from './aws';
import type { CatalogueEntry } from './types';

export { awsCatalogue, type AwsActionId } from './aws';
export type { CatalogueEntry } from './types';

/** Every provider's actions by id. */
export const catalogue: Readonly<Record<string, CatalogueEntry>> = { ...awsCatalogue };
