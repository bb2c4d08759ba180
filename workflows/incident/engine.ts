import { ApplicationFailure, condition, continueAsNew, log, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { JsonObject } from '../../playbook/json';
import type { Plan } from '../../playbook/model/plan';
import type { ProviderId } from '../../playbook/model/principal';
import type { RecordEntry } from '../../playbook/model/evidence';
import { caseActivities } from '../options';
import { searchAttributes } from '../search-attributes';
import type { IncidentInput, IncidentPhase, IncidentState } from './state';

/** A person asked to undo: leaves whatever the incident was waiting for. */
export class Interrupted extends Error {}

/** Above these a run hands over to a fresh one, at the next moment when nothing is under way. */
const HISTORY_EVENTS = 8_000;
const SIGNALS = 4_000;

/** What every phase works with: the state, and the few ways to touch the world that keep it resumable. */
export class Engine {
  private busy = 0;
  private recording = false;
  /** While containment runs nothing else is sent: the lines wait in the state, and actions record themselves. */
  holding = false;
  signals = 0;
  /** While an undo runs, the undo request does not interrupt again. */
  undoing = false;

  /** Containment plans that are being made beside triage; null when one could not be made. */
  readonly early = new Map<ProviderId, Promise<Plan | null>>();

  constructor(readonly state: IncidentState) {}

  /** Every activity runs inside: continue-as-new never cuts one off. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.busy += 1;
    try {
      return await work();
    } finally {
      this.busy -= 1;
    }
  }

  /** Waits for a condition or a time; the only place where a run may hand over to the next one. Returns false when the time ran out. */
  async wait(until: () => boolean, timeoutMs: number | null, what: string): Promise<boolean> {
    setCurrentDetails(what);
    const woken = (): boolean => until() || this.interrupted() || this.mustHandOver();
    const inTime = timeoutMs === null ? (await condition(woken), true) : await condition(woken, Math.max(1, timeoutMs), { summary: what });
    if (this.interrupted()) throw new Interrupted('undo requested');
    if (!until() && this.mustHandOver()) await this.handOver();
    return until() || inTime;
  }

  private interrupted(): boolean {
    return this.state.undo !== null && !this.undoing;
  }

  private mustHandOver(): boolean {
    const info = workflowInfo();
    return this.busy === 0 && !this.recording && (info.continueAsNewSuggested || info.historyLength > HISTORY_EVENTS || this.signals > SIGNALS);
  }

  private async handOver(): Promise<never> {
    const input: IncidentInput = { incident: this.state.incident, principal: this.state.principal, carried: this.state };
    return continueAsNew<(input: IncidentInput) => Promise<unknown>>(input);
  }

  /** Runs a phase once, however many runs the incident has. */
  async once(name: string, phase: IncidentPhase, work: () => Promise<void>): Promise<void> {
    if (this.state.done.includes(name)) return;
    if (this.interrupted()) throw new Interrupted('undo requested');
    this.enter(phase);
    await work();
    this.state.done.push(name);
  }

  enter(phase: IncidentPhase): void {
    if (this.state.phase === phase) return;
    this.state.phase = phase;
    upsertSearchAttributes([{ key: searchAttributes.phase, value: phase }]);
  }

  /** Adds a line to the case's record, without making anybody wait for it. */
  record(kind: RecordEntry['kind'], key: string, text: string, data: JsonObject = {}): void {
    this.state.unrecorded.push({ key, at: new Date().toISOString(), kind, text, data });
    void this.flush();
  }

  /** Sends what is not recorded yet; one sender at a time. */
  async flush(): Promise<void> {
    if (this.recording || this.holding || this.state.caseKey.endsWith('.0')) return;
    this.recording = true;
    try {
      while (this.state.unrecorded.length > 0) {
        const entries = this.state.unrecorded.slice(0, 50);
        await caseActivities('Record').record({ caseKey: this.state.caseKey, entries });
        this.state.unrecorded.splice(0, entries.length);
      }
    } catch (error) {
      this.problem(`the record could not be written: ${messageOf(error)}`);
    } finally {
      this.recording = false;
    }
  }

  /** Containment is over, or there is none: what waited is sent. */
  release(): void {
    this.holding = false;
    void this.flush();
  }

  /** Waits until everything is recorded. */
  async flushed(): Promise<void> {
    this.release();
    await condition(() => !this.recording);
  }

  /** Work that the playbook wants and that was not done: the incident then ends as escalated. */
  unfinished(text: string): void {
    if (!this.state.unfinished.includes(text)) this.state.unfinished.push(text);
    this.problem(text);
  }

  /** Loud and visible: in the status, the record and the log. */
  problem(text: string): void {
    if (this.state.problems.includes(text)) return;
    this.state.problems.push(text);
    log.warn('incident problem', { problems: this.state.problems.length });
    this.state.unrecorded.push({ key: `problem/${this.state.problems.length}`, at: new Date().toISOString(), kind: 'error', text, data: {} });
  }
}

/** The innermost message of a Temporal failure. */
export function messageOf(error: unknown): string {
  let at: unknown = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  return at instanceof Error ? at.message : String(at);
}

/** What a typed failure carries beside its message; undefined when nothing. */
export function detailOf(error: unknown): unknown {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at instanceof ApplicationFailure && at.details?.length) return at.details[0];
  return undefined;
}

/** The error-table code of a failed activity; UNEXPECTED when it timed out or is not ours. */
export function failureCode(error: unknown): string {
  let at: unknown = error;
  let code = 'UNEXPECTED';
  while (at instanceof Error) {
    const type = (at as { type?: unknown }).type;
    if (typeof type === 'string' && type !== '') code = type;
    at = at.cause;
  }
  return code;
}
