import { keyOf } from '../keys';
import { ApplicationFailure } from '@temporalio/common';
import type { ActionInput, CaseContext, Delivery, Escalation, Notice, OpenedIncident, ShownApproval } from '../../activities/contract';
import type { Alert } from '../../playbook/model/alert';
import type { RecordEntry } from '../../playbook/model/evidence';
import type { Artifact, CheckId, Finding } from '../../playbook/model/finding';
import type { Person } from '../../playbook/model/people';
import type { Phase, Plan, Step, StepOutcome } from '../../playbook/model/plan';
import { incidentIdOf, type Principal, type ProviderId } from '../../playbook/model/principal';
import type { IncidentSettings } from '../../playbook/model/settings';
import type { Baseline, FirstTime } from '../../playbook/triage/baseline';
import type { Documents, LookedUp } from '../../playbook/triage/inputs';
import { makePlan } from '../../playbook/plan';

export const HOUR = 3_600_000;

export const settings: IncidentSettings = {
  blastRadius: 25, watch: { durationMs: 72 * HOUR, everyMs: 6 * HOUR }, reverifyAfterMs: [5_000, 30_000, 300_000, 900_000],
  approvals: {
    approve: { quorum: 1, deadlineMs: 0.5 * HOUR, remindEveryMs: 600_000, backupAfterMs: 600_000 },
    dual: { quorum: 2, deadlineMs: 4 * HOUR, remindEveryMs: HOUR, backupAfterMs: HOUR },
    'break-glass': { quorum: 1, deadlineMs: HOUR, remindEveryMs: 600_000, backupAfterMs: 600_000 },
  },
  emergencyCredentials: {}, leaseMs: 1_800_000, humanTask: { everyMs: HOUR, escalateAfterMs: 4 * HOUR }, consoleUrl: null, campaign: { accounts: 2, windowMs: 24 * HOUR },
};

const person = (id: string, roles: string[]): Person => ({ id, name: id, email: `${id}@example.com`, slack: null, identities: [], roles, active: true });

export interface FakeStep {
  action: string;
  row: string;
  tier?: Step['tier'];
  reversible?: boolean;
  human?: boolean;
  name?: string;
}

/** A counterpart for every activity: what was asked of it is in `calls`, and each answer can be changed by a test. */
export class World {
  readonly calls: string[] = [];
  readonly entries: RecordEntry[] = [];
  readonly shown: ShownApproval[] = [];
  readonly escalations: Escalation[] = [];
  readonly notices: Notice[] = [];
  /** Titles of what people were asked to do. */
  readonly tasks: string[] = [];
  readonly raised: { principal: Principal; alert: Alert }[] = [];
  readonly undone: string[] = [];
  /** Steps that hold now; an attacker may take one away. */
  readonly holding = new Set<string>();
  plans: Partial<Record<Phase, FakeStep[]>> = {};
  left: string[] = [];
  artifacts: Artifact[] = [];
  moves: { time: string; event: string; by: string; text: string; blocked: boolean }[][] = [];
  /** Error code by `<action>.<op>`. */
  failing: Record<string, string> = {};
  proven = true;
  /** What an applied step changes besides itself. */
  onApply: (step: Step) => void = () => undefined;
  people: Person[] = [person('ada', ['security']), person('ben', ['security']), person('mia', ['manager'])];
  settings: IncidentSettings = settings;
  linkedPeople: string[] = [];
  readonly blocked: { incident: string; people: string[] }[] = [];
  otherSides: Principal[] = [];
  /** Alerts that the look-up was given. */
  readonly lookedAt: Alert[] = [];
  alreadyHandledIn: string | null = null;
  documents: Documents = { changes: [], knownUses: [], rotations: [], authorizedAdmins: [], automations: [], people: {}, unreadable: [] };
  lookedUp: LookedUp = { principalIsAdmin: false, target: null, countries: {}, facts: {}, failed: [] };
  /** What is new for the principal in each of its alerts. */
  firsts: Omit<FirstTime, 'alert'>[] = [];
  leases = { out: 0, returned: 0, rotated: 0 };

  constructor(readonly provider: ProviderId) {}

  step(phase: Phase, fake: FakeStep): Step {
    const name = fake.name ?? 'dana';
    return {
      id: `${fake.action}#${name}-${phase}`, action: fake.action, row: fake.row, title: fake.action, target: { provider: this.provider, account: '111122223333', region: null, kind: 'user', id: name, name },
      params: {}, tier: fake.tier ?? 'automatic', reversible: fake.reversible ?? true, queue: 'cloud', human: fake.human ?? false, before: {}, change: [`${fake.action} on ${name}`], needed: true, because: 'test',
    };
  }

  private apply = (input: ActionInput): Promise<StepOutcome> => {
    const { step, lease } = input;
    this.calls.push(`${step.action}.apply${lease ? ' under lease' : ''}`);
    this.failIf(`${step.action}.apply`);
    this.holding.add(step.id);
    this.onApply(step);
    return Promise.resolve(this.outcome(step));
  };

  private failIf(name: string): void {
    const code = this.failing[name];
    if (code) throw ApplicationFailure.create({ type: code, message: `${name} fails`, nonRetryable: true });
  }

  private outcome(step: Step): StepOutcome {
    return { step: step.id, state: 'done', holds: this.holding.has(step.id), error: null, seen: { recorded: true }, at: new Date().toISOString() };
  }

  caseActivities() {
    const delivered = (): Promise<Delivery[]> => Promise.resolve([]);
    return {
      openIncident: ({ incident }: { incident: string }): Promise<OpenedIncident> => {
        this.calls.push('openIncident');
        return Promise.resolve({ caseKey: `${incident}.1`, episode: 1, settings: this.settings, documents: this.documents, linkedPeople: this.linkedPeople, otherSides: this.otherSides, alreadyHandledIn: this.alreadyHandledIn });
      },
      findDocuments: () => Promise.resolve(this.documents),
      blockGrants: (input: { incident: string; people: string[] }) => Promise.resolve(void this.blocked.push(input)),
      record: ({ entries }: { entries: RecordEntry[] }) => Promise.resolve(void this.entries.push(...entries)),
      escalate: (input: Escalation) => { this.escalations.push(input); return delivered(); },
      notify: (input: Notice) => { this.notices.push(input); return delivered(); },
      showApproval: (input: ShownApproval) => { this.shown.push(input); return Promise.resolve({ delivered: true, handle: { ts: '1' } }); },
      lookUpApprovers: () => Promise.resolve(this.people),
      lookUpKeys: ({ person }: { person: string }) => Promise.resolve([keyOf(person).hex]),
      joinCampaign: () => Promise.resolve(),
      raiseAlert: (input: { principal: Principal; alert: Alert }) => { this.raised.push(input); return Promise.resolve({ incident: incidentIdOf(input.principal) }); },
      keepPlan: ({ incident, phase, steps }: { incident: string; phase: Phase; steps: Step[] }) => {
        this.calls.push(`keepPlan ${phase}`);
        return Promise.resolve({ key: 'raw', sha256: makePlan(incident, phase, steps).digest, bytes: 1 });
      },
      openHumanTask: ({ key, title }: { key: string; title: string }) => { this.calls.push('openHumanTask'); this.tasks.push(title); return Promise.resolve({ reference: `task:${key}` }); },
      closeCase: ({ outcome }: { outcome: string }) => { this.calls.push(`closeCase ${outcome}`); return Promise.resolve({ sealHash: 'f'.repeat(64), entries: this.entries.length, reportKey: 'report' }); },
    };
  }

  providerActivities() {
    const check = (input: CaseContext & { check: CheckId }): Promise<Finding> => {
      this.calls.push(`check ${input.check}`);
      this.failIf(`check ${input.check}`);
      const mine = input.check === '1.3.6-identities' ? this.artifacts : [];
      return Promise.resolve({ check: input.check, state: mine.length ? 'found' : 'nothing', summary: `${mine.length} things`, error: null, artifacts: mine, facts: {}, evidence: [] });
    };
    const named: Record<string, (input: never) => Promise<unknown>> = {
      [`${this.provider}.lookUp`]: ({ alerts }: { alerts: Alert[] }) => {
        this.lookedAt.push(...alerts);
        return Promise.resolve(this.lookedUp);
      },
      [`${this.provider}.baseline`]: ({ principal, alerts }: { principal: Principal; alerts: Alert[] }): Promise<Baseline> => {
        this.calls.push('baseline');
        const none = { who: principal.name, alerts: alerts.map(({ id }) => id), events: 40, days: 20, from: '2026-08-26T00:00:00.000Z', until: '2026-11-24T00:00:00.000Z', sampled: false, firsts: [], silent: null };
        return Promise.resolve({ ...none, firsts: this.firsts.flatMap((first) => alerts.map(({ id }) => ({ ...first, alert: id }))) });
      },
      [`${this.provider}.plan`]: ({ incident, phase, keep }: { incident: string; phase: Phase; keep?: false }): Promise<Plan> => {
        this.calls.push(`plan ${phase}`);
        this.failIf(`plan ${phase}`);
        const plan = makePlan(incident, phase, (this.plans[phase] ?? []).map((fake) => this.step(phase, fake)), [], this.left);
        return Promise.resolve({ ...plan, kept: keep === false ? null : { key: 'raw', sha256: plan.digest, bytes: 1 } });
      },
      [`${this.provider}.verifyAll`]: ({ steps }: { steps: Step[] }) => {
        this.calls.push('verifyAll');
        return Promise.resolve(steps.map((step) => this.outcome(step)));
      },
      [`${this.provider}.watch`]: () => {
        this.calls.push('watch');
        return Promise.resolve({ until: new Date().toISOString(), moves: this.moves.shift() ?? [], error: null });
      },
    };
    const checks = ['1.2.1-who', '1.2.2-source-ip', '1.2.3-console-or-api', '1.2.4-mfa', '1.2.6-permissions-granted', '1.2.7-resources-created', '1.2.8-billing', '1.3.1-compute', '1.3.2-storage', '1.3.3-network', '1.3.4-functions', '1.3.5-logging', '1.3.6-identities', '2.2.3-all-identities', '2.2.4-trusts', '2.2.5-billing'];
    for (const id of checks) named[`${this.provider}.check.${id}`] = check as never;
    for (const fake of Object.values(this.plans).flat()) Object.assign(named, this.actionActivities(fake.action));
    return named;
  }

  breakGlassActivities() {
    const named: Record<string, (input: never) => Promise<unknown>> = {
      checkOut: () => {
        this.calls.push('checkOut');
        this.failIf('checkOut');
        this.leases.out += 1;
        return Promise.resolve({ credential: 'emergency', leaseId: 'lease-1', version: 1, deadline: new Date(Date.now() + this.settings.leaseMs).toISOString(), account: '111122223333' });
      },
      returnCredential: () => { this.calls.push('returnCredential'); this.leases.returned += 1; return Promise.resolve(); },
      rotateCredential: () => {
        this.calls.push('rotateCredential');
        this.leases.rotated += 1;
        return Promise.resolve({ credential: 'emergency', oldFingerprint: 'a', newFingerprint: 'b', newVersion: 2, provenLoginAt: new Date().toISOString(), oldRefused: true });
      },
    };
    for (const fake of this.plans['break-glass'] ?? []) Object.assign(named, this.actionActivities(fake.action));
    return named;
  }

  private actionActivities(action: string) {
    return {
      [`${action}.apply`]: this.apply as never,
      [`${action}.verify`]: (({ step }: ActionInput) => Promise.resolve({ ...this.outcome(step), holds: step.human ? this.proven : this.holding.has(step.id) })) as never,
      [`${action}.undo`]: (({ step }: ActionInput) => {
        this.undone.push(step.action);
        this.holding.delete(step.id);
        return Promise.resolve({ ...this.outcome(step), holds: true, seen: { left: [] } });
      }) as never,
    };
  }
}

export function principalOf(provider: ProviderId, kind: Principal['kind'] = 'user'): Principal {
  return { provider, account: '111122223333', kind, id: `arn:aws:iam::111122223333:user/dana`, name: 'dana' };
}

let count = 0;
export function alertOf(principal: Principal, more: Partial<Alert> = {}): Alert {
  count += 1;
  return {
    id: `alr-${String(count).padStart(24, '0')}`, source: 'cloudtrail', provider: principal.provider, account: principal.account, region: 'us-east-1', time: new Date().toISOString(), receivedAt: new Date().toISOString(),
    event: 'AttachUserPolicy', service: 'iam.amazonaws.com', outcome: 'success', errorCode: null, dryRun: false, principal,
    session: { accessKeyId: 'AKIAEXAMPLE000000001', name: null, issuedAt: null, mfa: 'no', roleArn: null }, sourceIp: '198.51.100.7', userAgent: 'x', channel: 'api',
    target: { kind: 'user', id: 'mallory', account: principal.account }, addresses: ['198.51.100.7'], facts: { request: { userName: 'mallory', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' } }, raw: null, ...more,
  };
}
