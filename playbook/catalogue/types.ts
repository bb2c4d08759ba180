import type { Tier } from '../model/plan';

/** An action before any code: what it is, where the playbook has it, who says yes. */
export interface CatalogueEntry {
  row: string;
  /** As it reads in the Temporal UI. */
  title: string;
  tier: Tier;
  /** Can it be undone from the plan's before-state. */
  reversible: boolean;
  /** `break-glass` needs the vault. */
  queue: 'cloud' | 'break-glass';
  human: boolean;
}

type Options = Partial<Pick<CatalogueEntry, 'queue' | 'human'>>;

export const reversible = (row: string, title: string, tier: Tier, options: Options = {}): CatalogueEntry => ({
  row, title, tier, reversible: true, queue: 'cloud', human: false, ...options,
});
export const destructive = (row: string, title: string, tier: Tier = 'dual', options: Options = {}): CatalogueEntry => ({
  row, title, tier, reversible: false, queue: 'cloud', human: false, ...options,
});
export const human = (row: string, title: string): CatalogueEntry => ({
  row, title, tier: 'automatic', reversible: false, queue: 'cloud', human: true,
});
