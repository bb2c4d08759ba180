/** What the permission audit may call. Types only. */
import type { Alert } from '../playbook/model/alert';
import type { Plan } from '../playbook/model/plan';
import type { AuditSettings, NamedOwner, Observation, Owner, Subject } from '../playbook/permission-audit/model';
import type { CaseKey } from './contract';

/** On the case queue: the configuration's word, and who owns what. */
export interface AuditCaseActivities {
  auditSettings(): Promise<AuditSettings>;
  /** Who is asked, from the directory as it is now. */
  auditOwner(input: { subject: Subject; tags: Record<string, string>; owners: NamedOwner[]; requester: string | null }): Promise<Owner>;
  /** Starts the review of a subject, or joins the one that runs. */
  startReview(input: { subject: Subject; requester: string | null; finding: Alert['id'] | null }): Promise<{ review: string }>;
}

/** On the provider's queue, as `<provider>.audit.<name>`. */
export interface AuditProviderActivities {
  /** One page of what may be proposed at all; `next` null: that was the last. Times are ISO. */
  list(input: { account: string; next: string | null; windowMs: number; now: string }): Promise<{ subjects: Subject[]; next: string | null }>;
  /** Everything known about the subject's use. Never throws for a single failed read: it is in `failed`. */
  look(input: { caseKey: CaseKey; subject: Subject; windowMs: number; now: string }): Promise<Observation>;
  /** The plan that people are asked about, kept under its digest: reversible step first. A refusal is in `refused`. */
  plan(input: { review: string; caseKey: CaseKey; subject: Subject; kind: 'removal' | 'narrowing'; windowMs: number; because: string }): Promise<Plan>;
}
