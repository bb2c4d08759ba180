import type { Tier } from './plan';

/** What a workflow needs from the configuration; read once when the incident opens, so that a run stays deterministic. */
export interface IncidentSettings {
  /** Above this many targets a plan needs a person. */
  blastRadius: number;
  watch: { durationMs: number; everyMs: number };
  /** When containment is looked at again after it was applied. */
  reverifyAfterMs: number[];
  approvals: Record<Exclude<Tier, 'automatic'>, { quorum: number; deadlineMs: number; remindEveryMs: number; backupAfterMs: number; secondFactor?: boolean }>;
  /** Name of the emergency credential per account; accounts without one escalate instead. */
  emergencyCredentials: Record<string, string>;
  /** How long a lease may last at most. */
  leaseMs: number;
  /** How often a human task is checked against the cloud's record, and when it is escalated. */
  humanTask: { everyMs: number; escalateAfterMs: number };
  /** Where people look: the console, the Temporal UI. */
  consoleUrl: string | null;
  /** Accounts within this window and this many make a campaign. */
  campaign: { accounts: number; windowMs: number };
}
