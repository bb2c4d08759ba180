import { reversible, type CatalogueEntry } from './types';

/** Every Azure and Entra action, in the playbook's order. Tiers are floors: planning may raise one (an identity that workloads use), never lower it. */
export const azureCatalogue = {
  // 2.1 containment: deny and disable first, then password, methods, roles and grants; sessions are revoked after all of them
  'azure.disable-user': reversible('2.1.1', 'Disable the user', 'automatic'),
  'azure.revoke-sessions': reversible('2.1.2', 'Revoke the user’s sign-in sessions', 'automatic'),
} as const satisfies Record<string, CatalogueEntry>;

export type AzureActionId = keyof typeof azureCatalogue;
