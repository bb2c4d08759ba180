import { keyOf } from '../keys';
import { ApplicationFailure } from '@temporalio/common';
import type { ActionInput, Escalation, Notice, ShownApproval } from '../../activities/contract';
import type { AuditCaseActivities, AuditProviderActivities } from '../../activities/contract-audit';
import type { ApprovalRequest } from '../../playbook/model/approval';
import type { RecordEntry } from '../../playbook/model/evidence';
import type { Plan, Step, StepOutcome } from '../../playbook/model/plan';
import type { AuditSettings, Observation, Owner, Subject } from '../../playbook/permission-audit/model';
import { DAY_MS as DAY, reviewIdOf } from '../../playbook/permission-audit/rules';
import { makePlan } from '../../playbook/plan';

export const settings: AuditSettings = {
  windowMs: 90 * DAY, quarantineMs: 14 * DAY, neededMs: 90 * DAY, neededAtMostMs: 365 * DAY, unusedShare: 0.5,
  approval: { quorum: 1, deadlineMs: 7 * DAY, remindEveryMs: DAY, backupAfterMs: 3 * DAY }, consoleUrl: null,
};

export const forgotten: Subject = { provider: 'aws', account: '111122223333', kind: 'role', id: 'arn:aws:iam::111122223333:role/forgotten', name: 'forgotten' };
export const review = reviewIdOf(forgotten);

/** One role that nobody uses, people who own and decide, a cloud that can be broken. */
export class AuditWorld {
  owner: Owner = { owner: 'olga', backup: ['mia'], because: 'tag owner', recused: [] };
  approvers = ['ada', 'ben'];
  /** The role as the cloud has it: `open`, `quarantined`, `narrow`, `gone`. */
  state = 'open';
  seen: (now: number) => Partial<Observation> = () => ({});
  made = Date.parse('2020-01-01T00:00:00Z');
  /** Activity names that fail, with their code. */
  readonly failing = new Map<string, string>();
  refusal: string | null = null;
  subjects: Subject[][] = [[forgotten]];
  readonly acted: { what: string; approval: string | null; at: number; digest: string }[] = [];
  readonly looked: string[] = [];
  readonly entries: RecordEntry[] = [];
  readonly escalations: Escalation[] = [];
  readonly notices: Notice[] = [];
  readonly shown: ShownApproval[] = [];
  readonly started: string[] = [];
  /** The workflow's clock. */
  now: () => Promise<number> = () => Promise.resolve(Date.now());

  caseActivities() {
    const audit: AuditCaseActivities = {
      auditSettings: async () => settings,
      auditOwner: async () => this.owner,
      startReview: async ({ subject }) => { this.started.push(subject.name); return { review: reviewIdOf(subject) }; },
    };
    const person = (id: string) => ({ id, name: id, email: `${id}@example.com`, slack: null, identities: [], roles: [], active: true });
    return {
      ...audit,
      record: async ({ entries }: { entries: RecordEntry[] }) => void this.entries.push(...entries),
      notify: async (notice: Notice) => { this.notices.push(notice); return []; },
      escalate: async (escalation: Escalation) => { this.escalations.push(escalation); return []; },
      showApproval: async (shown: ShownApproval) => { this.shown.push(shown); return { delivered: true, handle: {} }; },
      lookUpKeys: async ({ person }: { person: string }) => [keyOf(person).hex],
      lookUpApprovers: async ({ request, backup }: { request: ApprovalRequest; backup: boolean }) =>
        (request.deciders ? [...request.deciders.people, ...(backup ? request.deciders.backup : [])] : this.approvers).filter((id) => id !== request.requester && !request.recused.includes(id)).map(person),
    };
  }

  providerActivities(): Record<string, unknown> {
    const step = (action: string, change: string, windowMs: number): Step => ({
      id: `${action}#1`, action, row: 'audit.4', title: change, target: { ...forgotten, region: null }, params: { windowMs }, tier: 'approve', reversible: !action.includes('remove'), queue: 'cloud', human: false, before: {}, change: [change], needed: true, because: 'unused',
    });
    const audit: AuditProviderActivities = {
      list: async ({ account, next }) => {
        if (account === 'broken') throw ApplicationFailure.nonRetryable('no', 'ACCESS_DENIED');
        const at = Number(next ?? 0);
        return { subjects: this.subjects[at] ?? [], next: at + 1 < this.subjects.length ? String(at + 1) : null };
      },
      look: async ({ subject, now }) => {
        this.looked.push(subject.name);
        const fails = this.failing.get(`look ${subject.name}`);
        if (fails) throw ApplicationFailure.nonRetryable('no', fails);
        return { createdAt: this.state === 'gone' ? null : new Date(this.made).toISOString(), exempt: null, tags: {}, claims: [], log: [], used: [], services: null, failed: [], ...this.seen(Date.parse(now)) };
      },
      plan: async ({ review: id, kind, windowMs }): Promise<Plan> => {
        const steps = kind === 'removal' ? [step('aws.quarantine-unused', 'deny everything to role forgotten', windowMs), step('aws.remove-unused', 'delete role forgotten', windowMs)] : [step('aws.narrow-policy', 'rewrite inline policy p', windowMs)];
        const refused = this.refusal ? [{ action: steps.at(-1)!.action, target: steps[0]!.target, code: this.refusal, message: 'no' }] : [];
        return { ...makePlan(id, 'permission-audit', this.refusal ? steps.slice(0, -1) : steps, refused), kept: { key: 'raw/1', sha256: '0'.repeat(64), bytes: 1 } };
      },
    };
    const act = (what: string, to: string) => async (input: ActionInput): Promise<StepOutcome> => {
      const fails = this.failing.get(what);
      if (fails) throw ApplicationFailure.nonRetryable('no', fails);
      this.acted.push({ what, approval: input.approval, at: await this.now(), digest: input.digest });
      this.state = to;
      return { step: input.step.id, state: 'done', holds: true, error: null, seen: {}, at: '' };
    };
    const verify = (held: string) => async (input: ActionInput): Promise<StepOutcome> => ({ step: input.step.id, state: 'done', holds: this.state === held, error: null, seen: {}, at: '' });
    return {
      ...Object.fromEntries(Object.entries(audit).map(([name, run]) => [`aws.audit.${name}`, run])),
      'aws.quarantine-unused.apply': act('quarantine', 'quarantined'), 'aws.quarantine-unused.undo': act('restore', 'open'), 'aws.quarantine-unused.verify': verify('quarantined'),
      'aws.remove-unused.apply': act('remove', 'gone'), 'aws.remove-unused.verify': verify('gone'),
      'aws.narrow-policy.apply': act('narrow', 'narrow'), 'aws.narrow-policy.undo': act('widen', 'open'), 'aws.narrow-policy.verify': verify('narrow'),
    };
  }
}
