import type { JsonObject } from '../json';
import type { SessionOrigin } from '../session-chain';
import type { Baseline } from './baseline';

/** A change request as the ticket system (or the file) has it. */
export interface ChangeRequest {
  id: string;
  state: 'approved' | 'open' | 'closed' | 'rejected';
  /** Canonical person or vendor identity that may do it. */
  who: string[];
  /** High-risk event ids or vendor event names that it covers. */
  what: string[];
  /** Target names or ids, exact. */
  targets: string[];
  /** ISO window. */
  from: string;
  until: string;
  /** `servicenow:CHG0030001` or `file:changes.yaml#3`. */
  source: string;
}

/** Documented legacy or known use of root and other rare events: has an owner and an expiry. */
export interface KnownUse {
  id: string;
  principal: string;
  events: string[];
  /** Addresses or CIDRs it comes from; empty = anywhere (said in the reason). */
  from: string[];
  owner: string;
  /** ISO: before then it does not hold; absent, it always did. */
  starts?: string;
  expires: string;
  /** High-risk events that it never explains. */
  notFor?: string[];
  document: string;
  source: string;
}

/** An expected key rotation: who rotates whose key, how often. */
export interface ExpectedRotation {
  principal: string;
  by: string[];
  window: { from: string; until: string } | null;
  source: string;
}

export interface Documents {
  changes: ChangeRequest[];
  knownUses: KnownUse[];
  rotations: ExpectedRotation[];
  /** Identities that may change permissions. */
  authorizedAdmins: { identity: string; source: string }[];
  /** Our own and other automation, never an incident of itself. */
  automations: { identity: string; source: string }[];
  /** Canonical ids that are one person: identity -> person id. */
  people: Record<string, string>;
  /** Why a source could not be read; triage says so and does not take silence for absence. */
  unreadable: { source: string; error: string }[];
}

/** Nothing is written down. */
export const noDocuments: Documents = { changes: [], knownUses: [], rotations: [], authorizedAdmins: [], automations: [], people: {}, unreadable: [] };

/** What the provider looked up once for triage. */
export interface LookedUp {
  /** Is the principal an administrator now; null = could not look. */
  principalIsAdmin: boolean | null;
  /** Entra only: does the principal hold Global Administrator, directly, through a group, or eligible in PIM; null = could not look. */
  globalAdmin?: boolean | null;
  /** Does the target exist, and since when. */
  target: { exists: boolean; createdAt: string | null; isAdmin: boolean | null } | null;
  /** Country codes of the source addresses (ISO 3166-1 alpha-2). */
  countries: Record<string, string>;
  facts: JsonObject;
  /** Alerts that belong to the incident of whoever opened their session or owns their key. */
  origins?: SessionOrigin[];
  /** The past of each identity of the incident; absent when it was not asked for: a critical verdict does not wait for it. */
  baselines?: Baseline[];
  /** What could not be looked up, and why. */
  failed: { what: string; error: string }[];
}
