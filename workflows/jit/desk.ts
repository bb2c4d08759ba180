import { condition, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { AccessRequest, EndReason, Grant, GrantView } from '../../playbook/jit/model';
import { grantIdOf, isOpen, minutes } from '../../playbook/jit/rules';
import type { JsonObject } from '../../playbook/json';
import type { ApprovalResult } from '../../playbook/model/approval';
import type { RecordEntry } from '../../playbook/model/evidence';
import { caseActivities, risk } from '../options';

export interface JitInput {
  person: string;
  /** Set after continue-as-new. */
  carried?: Pick<Desk, 'grants' | 'incidents' | 'answers'>;
}

/** Grants that are over are shown this many, newest last. */
const KEPT_ENDED = 20;
const HISTORY_EVENTS = 5_000;

/** Every grant of one person: the only writer, so that grants that overlap are counted in one place. */
export class Desk {
  readonly person: string;
  grants: Grant[];
  /** Open incidents on the person. */
  incidents: string[];
  answers: Record<string, ApprovalResult>;
  private busy = 0;
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(input: JitInput) {
    this.person = input.person;
    this.grants = input.carried?.grants ?? [];
    this.incidents = input.carried?.incidents ?? [];
    this.answers = input.carried?.answers ?? {};
  }

  get caseKey(): string {
    return workflowInfo().workflowId;
  }

  find(id: string): Grant | undefined {
    return this.grants.find((grant) => grant.id === id);
  }

  /** The same request twice is one grant. */
  open(request: AccessRequest): Grant {
    const id = grantIdOf(this.person, request.request);
    const known = this.find(id);
    if (known) return known;
    const over = this.grants.filter((grant) => !isOpen(grant));
    this.grants = this.grants.filter((grant) => isOpen(grant) || over.indexOf(grant) >= over.length - KEPT_ENDED + 1);
    const grant: Grant = {
      id, request, askedAt: Date.now(), state: 'asked', terms: null, approval: null, approvers: [], grantedAt: null, until: null, before: null, extension: null, ending: null, endedAt: null, note: '',
    };
    this.grants.push(grant);
    return grant;
  }

  /** Everything that touches the world runs inside: continue-as-new never cuts it off. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.busy += 1;
    try {
      return await work();
    } finally {
      this.busy -= 1;
    }
  }

  /** One at a time for each thing at the provider, in the order they came. */
  alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.during(() => {
      const mine = (this.turns.get(key) ?? Promise.resolve()).then(work, work);
      this.turns.set(key, mine.catch(() => undefined));
      return mine;
    });
  }

  /** Nothing is under way, and nothing is left to wait for. */
  idle(): boolean {
    return this.busy === 0 && this.incidents.length === 0 && !this.grants.some(isOpen);
  }

  mustHandOver(): boolean {
    const info = workflowInfo();
    return this.busy === 0 && (info.continueAsNewSuggested || info.historyLength > HISTORY_EVENTS);
  }

  settled(): Promise<void> {
    return condition(() => this.busy === 0);
  }

  wantEnd(grant: Grant, why: EndReason, by: string): void {
    if (isOpen(grant)) grant.ending ??= { why, by, at: Date.now() };
  }

  /** Adds a line to the person's record; nobody waits for it. */
  record(kind: RecordEntry['kind'], key: string, text: string, data: JsonObject = {}): void {
    const entry = { key, at: new Date().toISOString(), kind, text, data };
    void this.during(() => caseActivities('Record').record({ caseKey: this.caseKey, entries: [entry] })).catch(() => undefined);
  }

  /** Tells people; a message that cannot be delivered changes nothing about the grant. */
  tell(level: 'info' | 'warn' | 'page', key: string, title: string, lines: string[]): void {
    void this.during(() => caseActivities(title, risk.notify).notify({ caseKey: this.caseKey, key, level, title, lines })).catch(() => undefined);
  }

  show(): void {
    const open = this.grants.filter(isOpen);
    setCurrentDetails(open.length === 0 ? 'no grant is open' : open.map((grant) => `${grant.request.role} in ${grant.request.account}: ${grant.state}${grant.until ? ` until ${new Date(grant.until).toISOString()}` : ''}`).join('\n'));
  }
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

export function viewOf(grant: Grant): GrantView {
  const { id, request, state, approval, extension, ending, note } = grant;
  return {
    grant: id, role: request.role, account: request.account, state, reason: request.reason, askedAt: iso(grant.askedAt)!, grantedAt: iso(grant.grantedAt), until: iso(grant.until), approval,
    extension: extension && { forMs: extension.forMs, approval: extension.approval }, endedAt: iso(grant.endedAt), ended: ending?.why ?? null, note,
  };
}

/** `admin in production for 90 min`, for people. */
export const nameOf = ({ request }: Grant): string => `${request.role} in ${request.account} for ${minutes(request.forMs)} min`;
