import type { ChangeRequest } from '../../playbook/triage/inputs';

/** What to look for: change requests about these people or these things, whose window lies near this time. All texts are hostile. */
export interface ChangeQuery {
  /** Identities that acted, and the people they belong to. */
  who: string[];
  /** Names and ids of what was acted on. */
  targets: string[];
  /** ISO 8601 UTC; changes whose window overlaps it are wanted. */
  from: string;
  until: string;
}

export interface TaskRequest {
  /** The same key is the same task, however often it is opened. */
  key: string;
  title: string;
  instructions: string[];
}

/** Where change requests are kept and work for people is opened. Errors: TICKETS_UNAVAILABLE. */
export interface TicketSystem {
  /** `servicenow` or the file's name, as it stands in sources. */
  readonly name: string;
  /** Everything that may speak for or against; who, what, target and window are compared by triage, so too much is fine and too little is not. */
  changesFor(query: ChangeQuery): Promise<ChangeRequest[]>;
  /** Opens it once; returns its reference, e.g. `servicenow:INC0010001`. */
  openTask(task: TaskRequest): Promise<{ reference: string }>;
}
