/** What the just-in-time workflow may call. Types only. */
import type { AccessRequest, Before, GrantOrder, GrantTerms, Looked } from '../playbook/jit/model';
import type { CaseKey } from './contract';

/** On the case queue: the configuration's word, and the incidents that stand against a person. */
export interface JitCaseActivities {
  /** What the configuration says about this request, now. Throws GRANT_REFUSED: no such role or account, or not for this person. */
  jitTerms(input: { person: string; request: AccessRequest }): Promise<GrantTerms>;
  /** Those of the given incidents that are still open. */
  jitOpenIncidents(input: { incidents: string[] }): Promise<string[]>;
  /** Ends every grant of these people and keeps new ones from them while the incident is open. */
  blockGrants(input: { incident: string; people: string[] }): Promise<void>;
}

interface Touch {
  caseKey: CaseKey;
  order: GrantOrder;
}

/** On the provider's queue, as `<provider>.jit.<name>`. */
export interface JitProviderActivities {
  /** Who the person is there, and whether the access is there before anything is given. */
  look(input: Touch): Promise<Before>;
  /** Gives it, or moves the end of what was given; idempotent. The approval must have said yes to the digest of `order`. */
  give(input: Touch & { approval: string; before: Before; until: string }): Promise<Looked>;
  /** Takes it away, ends its sessions, and reads both back; idempotent. `since`: when the grant began. */
  end(input: Touch & { before: Before; since: string }): Promise<Looked>;
}
