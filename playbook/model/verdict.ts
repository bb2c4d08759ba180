/** Table 1.1, one id per row (both clouds share a row). */
export type HighRiskEvent =
  | 'root-login'
  | 'create-user'
  | 'attach-policy'
  | 'create-access-key'
  | 'storage-exposure'
  | 'network-exposure'
  | 'run-instances'
  | 'cross-account-role'
  | 'logging-disabled'
  | 'threat-finding'
  | 'suspicious-signin'
  | 'other-high-risk';

export type Risk = 'critical' | 'high' | 'medium' | 'low' | 'info';

/** The decision diagram's first question. */
export type AlertType = 'root-activity' | 'new-identity' | 'permission-change' | 'access-key-created' | 'exposure-or-tracks' | 'finding' | 'other';

/** One sentence of why, and where it was read. */
export interface Reason {
  /** Stable id, e.g. `no-change-request`, `policy-public`, `known-use-register`. */
  code: string;
  text: string;
  /** Where it was looked up: `event`, `register:legacy-use#2`, `ticket:CHG0030001`, `iam:GetRole`, … */
  source: string;
}

export type VerdictKind = 'false-positive' | 'verify' | 'critical';

/** The outcome of triage for one incident. */
export interface Verdict {
  kind: VerdictKind;
  event: HighRiskEvent | null;
  risk: Risk;
  type: AlertType;
  /** MITRE ATT&CK technique ids, e.g. `T1098.003`. */
  techniques: string[];
  reasons: Reason[];
}

/** What a single event is, before any look-up. */
export interface Classification {
  /** `alert` opens or joins an incident; `ignored` is understood and not worth one. */
  status: 'alert' | 'ignored';
  event: HighRiskEvent | null;
  risk: Risk;
  type: AlertType;
  techniques: string[];
  reasons: Reason[];
}
