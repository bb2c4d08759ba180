import type { IncidentSettings } from '../model/settings';
import type { Tier } from '../model/plan';
import type { Signature } from '../signed-request';

/** What a role opens in one account, in the provider's own terms. */
export type Entitlement =
  /** An assignment of this permission set to the person's Identity Center user. */
  | { kind: 'aws-identity-center'; account: string; permissionSetArn: string }
  /** For accounts without Identity Center: a role made for this person, with these managed policies. */
  | { kind: 'aws-role'; account: string; policyArns: string[]; requireMfa: boolean }
  /** A directory role, assigned for a time by Entra PIM. `account` is the tenant; `roleName` is what the approver reads, and is held against the directory's. */
  | { kind: 'entra-role'; account: string; roleDefinitionId: string; roleName: string; directoryScopeId: string }
  /** An Azure role at a scope, assigned for a time by PIM for Azure resources. */
  | { kind: 'azure-role'; account: string; scope: string; roleDefinitionId: string; roleName: string };

/** What a person asks for. `request` is the edge's own id of the asking: the same click twice is one request. */
export interface AccessRequest {
  request: string;
  role: string;
  /** Account as people call it, or its id. */
  account: string;
  forMs: number;
  reason: string;
  via: 'slack' | 'cli';
  /** Of a request from the command line: by the person's own key over `requestStatement`. */
  signature?: Signature;
}

/** What is approved is what is given: the approval's digest is the digest of this. */
export interface GrantOrder {
  /** `gr-` and 20 hex digits. */
  grant: string;
  person: string;
  /** Cloud identities of the person; the executor takes the one that its provider knows. */
  identities: string[];
  role: string;
  entitlement: Entitlement;
  /** Total length, extensions included, in milliseconds from the grant. */
  forMs: number;
  reason: string;
}

/** What the configuration says about one request; read when it is asked. */
export interface GrantTerms {
  identities: string[];
  /** Account's name, for people. */
  accountName: string;
  entitlement: Entitlement;
  tier: Exclude<Tier, 'automatic'>;
  maxMs: number;
  approvals: IncidentSettings['approvals'];
  consoleUrl: string | null;
}

/** What the provider had before the first grant; what was there already is never taken away. */
export interface Before {
  present: boolean;
  /** The provider's own id of who gets it, e.g. the Identity Center user. */
  principal: string;
}

/** What a look found. `open` is any way in that Tourniquet gave; `sessions` those that may still act. */
export interface Looked {
  present: boolean;
  sessionsDead: boolean;
  seen: Record<string, string | boolean | null>;
}

export type GrantState = 'asked' | 'waiting' | 'granting' | 'active' | 'ending' | 'ended' | 'refused';

/** One grant, as its workflow holds it. Times are milliseconds of the workflow's clock. */
export interface Grant {
  id: string;
  request: AccessRequest;
  askedAt: number;
  state: GrantState;
  terms: GrantTerms | null;
  approval: string | null;
  approvers: string[];
  /** Where the two hours start: before the provider is asked. */
  grantedAt: number | null;
  until: number | null;
  /** Set once, before the provider is touched; null while nothing was given. */
  before: Before | null;
  extension: { id: string; forMs: number; reason: string; approval: string | null; at: number; signature?: Signature } | null;
  /** A wish to end it: why, and whose. */
  ending: { why: EndReason; by: string; at: number } | null;
  endedAt: number | null;
  /** For people: why it was refused, or what its end came to. */
  note: string;
}

export type EndReason = 'expired' | 'returned' | 'incident' | 'failed';

/** What a reader may see of one grant. Times are ISO. */
export interface GrantView {
  grant: string;
  role: string;
  account: string;
  state: GrantState;
  reason: string;
  askedAt: string;
  grantedAt: string | null;
  until: string | null;
  approval: string | null;
  extension: { forMs: number; approval: string | null } | null;
  endedAt: string | null;
  ended: EndReason | null;
  note: string;
}

export interface GrantsView {
  person: string;
  /** Open incidents on the person: no grant while there is one. */
  incidents: string[];
  grants: GrantView[];
}

export interface ExtendRequest {
  grant: string;
  by: string;
  /** The new total, from the grant. */
  forMs: number;
  reason: string;
  signature?: Signature;
}

export interface ReturnRequest {
  grant: string;
  by: string;
  signature?: Signature;
}
