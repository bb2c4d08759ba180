import type { Json } from './json';
import type { Alert } from './model/alert';
import { incidentIdOf, type Principal } from './model/principal';

/** Who opened the session that some alerts came from, followed back over every hop. */
export interface SessionOrigin {
  /** Ids of the alerts. */
  alerts: string[];
  /** Whose incident they belong to. */
  principal: Principal;
  /** ARNs of the roles along the chain: their sessions are shut with the origin. */
  roles: string[];
  /** One sentence, hop by hop. */
  how: string;
}

/** What a handed-over alert carries to the incident of its origin: `facts.openedBy`. */
export function withOrigin(alert: Alert, { roles, how }: SessionOrigin): Alert {
  return { ...alert, facts: { ...alert.facts, openedBy: { roles, how } } };
}

const openedBy = (alert: Alert): { [key: string]: Json } | null => {
  const found = alert.facts['openedBy'];
  return found !== null && typeof found === 'object' && !Array.isArray(found) ? found : null;
};

/** Why the alert is in this incident, when it came from a session of its principal; null when it is the principal's own. */
export function howOpened(alert: Alert): string | null {
  const how = openedBy(alert)?.['how'];
  return typeof how === 'string' ? how : null;
}

export function rolesOpened(alert: Alert): string[] {
  const roles = openedBy(alert)?.['roles'];
  return Array.isArray(roles) ? roles.filter((role): role is string => typeof role === 'string') : [];
}

/**
 * Alerts that only show a session or a bare key, not who is behind it: they may belong to another incident than this one. What was handed over to
 * this incident is never handed on: whoever followed the chain saw all of it, and two incidents never send each other the same alert.
 */
export function mayHaveOrigin(alert: Alert, incident: string): boolean {
  const key = alert.session?.accessKeyId ?? '';
  if (alert.provider !== 'aws' || howOpened(alert) !== null) return false;
  if (alert.principal === null) return /^A[KS]IA/.test(key);
  return alert.principal.kind === 'role' && key.startsWith('ASIA') && incidentIdOf(alert.principal) === incident;
}
