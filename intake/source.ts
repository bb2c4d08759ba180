import type { Alert } from '../playbook/model/alert';
import type { Principal } from '../playbook/model/principal';

/** A record that is not what its source documents, with the path of the field that shows it, e.g. `detail.userIdentity.arn`. */
export interface Rejection {
  path: string;
  problem: string;
}

export type Parsed = { alert: Alert } | { rejected: Rejection };

/** One answer per record in the payload, in order, so that one bad record does not lose the others. */
export type ParseResult = Parsed[];

export interface ParseOptions {
  /**
   * ISO time to take when a record has none, for fragments typed by hand (`tourniquet triage`). Left out (intake), a record without
   * the fields that its source always sends is rejected.
   */
  fragmentsAt?: string;
  /** Azure tenant id for records that Graph gives without one. */
  tenant?: string;
  /** The Entra identity of the person whom a domain or a SIEM calls so (`CORP\\ada`, a SID, a UPN), from the directory of people; null when nobody is known by it. */
  personOf?: ((name: string) => Principal | null) | undefined;
}

/** One source of alerts. `parse` takes plain JSON (already decoded within limits) and never throws. */
export interface Source {
  /** As in `POST /alerts/<id>` and `Alert.source`. */
  id: string;
  /** Is this payload, by its shape, from this source? Cheap: looks at a few members. */
  recognises(payload: unknown): boolean;
  parse(payload: unknown, options?: ParseOptions): ParseResult;
}
