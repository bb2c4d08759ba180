import { globMatches } from '../glob';

/** An action pattern's service and the rest, lower case: `s3:Get*` → `s3`, `get*`; `*` is all of all. */
export function partsOf(pattern: string): { service: string; action: string } {
  const colon = pattern.indexOf(':');
  return colon < 0 ? { service: pattern, action: '*' } : { service: pattern.slice(0, colon), action: pattern.slice(colon + 1) };
}

/**
 * Does every action that `narrow` matches match `wide` too? Sound, not complete: a `?` in one and a `*` in the other only agree when they are the same text.
 * A star of the narrower one can only be swallowed by a star of the wider, so plain matching of the pattern as text decides.
 */
export function covers(wide: string, narrow: string): boolean {
  const [a, b] = [normal(wide), normal(narrow)];
  if (a === b) return true;
  return !(a.includes('?') && b.includes('*')) && globMatches(a, b);
}

const normal = (pattern: string): string => { const { service, action } = partsOf(pattern.toLowerCase()); return `${service}:${action}`; };

/** The pattern, for this one service only; null when it has nothing to do with it. */
export function within(pattern: string, service: string): string | null {
  const parts = partsOf(pattern);
  return globMatches(parts.service, service) ? `${service}:${parts.action}` : null;
}

/** IAM knows no pattern in a service’s name but all of it; what else there is stays as it stands. */
export const oddService = (pattern: string): boolean => /^[^:]*[*?][^:]*:/.test(pattern) && pattern !== '*:*';
