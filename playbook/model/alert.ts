import type { JsonObject } from '../json';
import type { Principal, ProviderId } from './principal';

/** A pointer into the evidence store: content-addressed, safe to show. */
export interface EvidenceRef {
  /** Store-relative key, e.g. `raw/sha256/ab/abcd….json`. */
  key: string;
  sha256: string;
  bytes: number;
}

/** The credential and session that the principal used, as the event tells it. */
export interface Session {
  /** `AKIA…` long-term or `ASIA…` temporary key id; null for console and service calls. */
  accessKeyId: string | null;
  /** Role session name; null when the principal is not a role. */
  name: string | null;
  /** ISO time at which a temporary session was issued; null when unknown. */
  issuedAt: string | null;
  mfa: 'yes' | 'no' | 'unknown';
  /** ARN of the role whose session this is; null for users and root. */
  roleArn: string | null;
}

/** What the event acted on. */
export interface AlertTarget {
  kind: 'user' | 'role' | 'group' | 'policy' | 'access-key' | 'bucket' | 'security-group' | 'instance' | 'function' | 'trail' | 'account' | 'other';
  /** Vendor id or name as in the event; hostile text. */
  id: string;
  account: string | null;
}

/** One normalised signal from one source. All text from outside is hostile. */
export interface Alert {
  /** `alr-` and 24 hex digits, from the source's own event id; the same event twice has the same id. */
  id: string;
  /** Which adapter parsed it: `cloudtrail`, `guardduty`, … */
  source: string;
  provider: ProviderId;
  account: string;
  region: string | null;
  /** ISO 8601 UTC, when it happened (not when it arrived). */
  time: string;
  /** ISO 8601 UTC, when intake accepted it; null outside intake. */
  receivedAt: string | null;
  /** The vendor's name of what happened: CloudTrail eventName or finding type. */
  event: string;
  /** `iam.amazonaws.com` for CloudTrail; the product for findings. */
  service: string | null;
  outcome: 'success' | 'failure';
  errorCode: string | null;
  dryRun: boolean;
  /** Null when no usable principal is in the event: loud, never dropped. */
  principal: Principal | null;
  session: Session | null;
  sourceIp: string | null;
  userAgent: string | null;
  channel: 'console' | 'api' | 'service' | 'unknown';
  target: AlertTarget | null;
  /** Every address that occurs, for correlation (findings may have several). */
  addresses: string[];
  /** Source-specific facts that triage reads: policy documents, CIDRs, ports, grants, finding severity (0-10). */
  facts: JsonObject;
  /** The vendor's own record, kept as evidence before anything else; null in `tourniquet triage`. */
  raw: EvidenceRef | null;
}
