import type { JsonObject } from '../json';
import type { EvidenceRef } from './alert';
import type { ProviderId } from './principal';

/** The fourteen checks of 1.2 and 1.3, and the three audits of 2.2 (root or Global Admin only); ids are the playbook's rows. */
export type CheckId =
  | '1.2.1-who'
  | '1.2.2-source-ip'
  | '1.2.3-console-or-api'
  | '1.2.4-mfa'
  | '1.2.5-change-request'
  | '1.2.6-permissions-granted'
  | '1.2.7-resources-created'
  | '1.2.8-billing'
  | '1.3.1-compute'
  | '1.3.2-storage'
  | '1.3.3-network'
  | '1.3.4-functions'
  | '1.3.5-logging'
  | '1.3.6-identities'
  | '2.2.3-all-identities'
  | '2.2.4-trusts'
  | '2.2.5-billing';

/** A thing in the cloud that the investigation saw the attacker make or change. */
export interface Artifact {
  provider: ProviderId;
  account: string;
  region: string | null;
  kind:
    | 'user' | 'service-principal' | 'role' | 'group' | 'policy' | 'inline-policy' | 'policy-attachment' | 'access-key' | 'login-profile' | 'mfa-device' | 'trust'
    | 'instance' | 'bucket' | 'bucket-policy' | 'bucket-acl' | 'public-access-block' | 'security-group' | 'security-group-rule' | 'function' | 'trail' | 'detector' | 'other';
  /** ARN or vendor id. */
  id: string;
  name: string;
  /** How the principal's own recorded calls lead to it; `unattributed` is listed for a person and never deleted. */
  attribution: 'attacker' | 'unattributed';
  /** `created` may be eradicated; `changed` is put back. */
  how: 'created' | 'changed' | 'deleted' | 'read';
  /** CloudTrail event ids (or vendor record ids) that show it. */
  events: string[];
  /** What an action needs to know: rule id, policy document, statement, previous version, … */
  details: JsonObject;
}

/** One answer of the investigation. `could-not-look` says why in `summary`; a check is never silently missing. */
export interface Finding {
  check: CheckId;
  /** Set when the incident has sides in several clouds. */
  provider?: ProviderId;
  state: 'found' | 'nothing' | 'could-not-look';
  summary: string;
  /** Error-table code when it could not look. */
  error: string | null;
  artifacts: Artifact[];
  facts: JsonObject;
  evidence: EvidenceRef[];
}
