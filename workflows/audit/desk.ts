import { condition, isCancellation, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { ApprovalResult } from '../../playbook/model/approval';
import type { RecordEntry } from '../../playbook/model/evidence';
import type { JsonObject } from '../../playbook/json';
import type { Plan, Step } from '../../playbook/model/plan';
import type { AuditSettings, Judgement, Owner, ReviewStage, ReviewView, Subject } from '../../playbook/permission-audit/model';
import { reviewIdOf } from '../../playbook/permission-audit/rules';
import { caseActivities, risk } from '../options';
import { unsigned } from '../signed';
import type { UndoReview } from './messages';

/** What was agreed and is being held; survives continue-as-new. */
export interface Held {
  kind: 'removal' | 'narrowing';
  settings: AuditSettings;
  judgement: Judgement;
  owner: Owner;
  plan: Plan;
  approval: string;
  /** Who said “no longer needed”: they do not also confirm the removal. */
  voters: string[];
  /** When the reversible step was applied, in milliseconds. */
  since: number;
  /** What was tried while it was in quarantine, for the next question. */
  tried: string[];
  round: number;
}

export interface ReviewInput {
  subject: Subject;
  /** The person who asked for the audit; null: a finding or the schedule. */
  requester: string | null;
  /** Id of the alert that told of it, if any. */
  finding: string | null;
  held?: Held;
}

/** One subject's review: its state, and how it is written down and told. */
export class Desk {
  stage: ReviewStage = 'looking';
  judgement: Judgement | null = null;
  owner: Owner | null = null;
  approval: string | null = null;
  until: number | null = null;
  plan: Plan | null = null;
  note = '';
  undo: { by: string; reason: string } | null = null;
  private proving = 0;
  answers: Record<string, ApprovalResult> = {};

  constructor(readonly input: ReviewInput) {
    const { held } = input;
    if (held) Object.assign(this, { stage: held.kind === 'removal' ? 'in-quarantine' : 'narrowed', judgement: held.judgement, owner: held.owner, plan: held.plan, until: held.since + held.settings.quarantineMs });
  }

  /** Counts once it is known to be that person's own. */
  async wantUndo({ by, reason, signature }: UndoReview, now: number): Promise<void> {
    this.proving += 1;
    const problem = await unsigned({ act: 'audit-undo', person: by, review: this.id, reason }, signature, now).catch(() => 'the directory cannot be read');
    if (problem === null) this.undo ??= { by, reason };
    else this.note = `not restored: ${problem}`;
    this.proving -= 1;
  }

  /** Whether it is to be restored, once everything that was asked is looked at: what cannot be taken back, or would forget it, waits for this. */
  async undoWanted(): Promise<boolean> {
    await condition(() => this.proving === 0);
    return this.undo !== null;
  }

  get id(): string {
    return reviewIdOf(this.input.subject);
  }

  get what(): string {
    const { kind, name } = this.input.subject;
    return `${kind.replace('-', ' ')} ${name}`;
  }

  to(stage: ReviewStage, note = ''): void {
    this.stage = stage;
    this.note = note;
    setCurrentDetails(`${this.what}: ${stage}${this.until === null ? '' : ` until ${new Date(this.until).toISOString()}`}${note ? `\n${note}` : ''}`);
  }

  view(): ReviewView {
    return {
      review: this.id, subject: this.input.subject, stage: this.stage, judgement: this.judgement, owner: this.owner, approval: this.approval,
      until: this.until === null ? null : new Date(this.until).toISOString(), changes: this.plan?.steps.flatMap((step) => step.change) ?? [], note: this.note,
    };
  }

  /** Into the review's own chain; what is destroyed keeps its own evidence first, so a store that is away for a day stops nothing. The run is part of the key: the same thing a year later is a new entry. */
  async record(kind: RecordEntry['kind'], key: string, text: string, data: JsonObject = {}): Promise<void> {
    await caseActivities('Record').record({ caseKey: this.id, entries: [{ key: `${workflowInfo().runId}/${key}`, at: new Date().toISOString(), kind, text, data }] }).catch((error: unknown) => {
      if (isCancellation(error)) throw error;
      this.note = 'the record could not be written';
    });
  }

  /** A message that cannot be delivered changes nothing. */
  async tell(level: 'info' | 'warn' | 'page', key: string, title: string, lines: string[]): Promise<void> {
    await caseActivities(title.slice(0, 200), risk.notify).notify({ caseKey: this.id, key: `${workflowInfo().runId}/${key}`, level, title, lines }).catch(() => []);
  }

  async escalate(key: string, lines: string[]): Promise<void> {
    await this.record('escalation', key, `Escalated: ${this.what}: ${lines[0] ?? key}`);
    await caseActivities(`Escalates: ${this.what}`.slice(0, 200), risk.notify)
      .escalate({ caseKey: this.id, condition: `permission-audit/${workflowInfo().runId}/${key}`, title: `Permission audit: ${this.what}`, lines, to: ['soc-lead'], deadline: null }).catch(() => []);
  }
}

export const reversibleOf = (plan: Plan): Step => plan.steps[0]!;
export const finalOf = (plan: Plan): Step | null => plan.steps[1] ?? null;
