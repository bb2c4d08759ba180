import { globMatches } from '../../glob';
import type { AzureKin } from '../../risk/azure';

/** Finds the entry of an operation: exact names first, then the patterns in the table's order. Names are compared in lower case: Azure writes them either way. */
export function lookupOf(table: readonly AzureKin[]): (name: string) => AzureKin | null {
  const exact = new Map<string, AzureKin>();
  const patterns: { pattern: string; kin: AzureKin }[] = [];
  for (const kin of table) {
    for (const name of kin.names) {
      if (name.includes('*')) patterns.push({ pattern: name, kin });
      else if (!exact.has(name)) exact.set(name, kin);
    }
  }
  return (name) => {
    const wanted = name.toLowerCase();
    return exact.get(wanted) ?? patterns.find(({ pattern }) => globMatches(pattern, wanted))?.kin ?? null;
  };
}
