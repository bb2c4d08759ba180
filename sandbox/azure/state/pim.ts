import { Fault } from '../protocol/types';

/** Who holds which role where. */
export interface Triple { principalId: string; roleDefinitionId: string; scope: string }

export interface PimRequest extends Triple {
  id: string;
  /** As the directory names it: `adminAssign`, `adminUpdate`, `adminRemove`, `selfActivate`, `selfDeactivate`. */
  action: string;
  justification: string;
  /** Null = for good. */
  durationMs: number | null;
  status: string;
  schedule: string;
  at: number;
  dueAt: number;
  /** What was asked, as it came. */
  body: object;
}

export interface Span { schedule: string; from: number; until: number | null; activated: boolean }

/** The assignments that a surface keeps on its shelf. */
export interface Assignments {
  find(of: Triple): string | null;
  put(id: string, of: Triple): void;
  remove(id: string): void;
}

const MINIMUM_MS = 5 * 60_000;
const refused = (rule: string): Fault => new Fault(400, 'RoleAssignmentRequestPolicyValidationFailed', `The following policy rules failed: ["${rule}"]`);

/** Hours, minutes and seconds of an ISO 8601 duration. */
function lengthOf(duration: string | null | undefined): number {
  const found = /^PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(duration ?? '');
  if (!found) throw new Fault(400, 'InvalidScheduleInfo', 'The duration is not valid.');
  return (Number(found[1] ?? 0) * 3600 + Number(found[2] ?? 0) * 60 + Number(found[3] ?? 0)) * 1000;
}

/** Milliseconds that a request's schedule asks for; null = for good. */
export function spanOf(schedule: { startDateTime?: string | null; expiration?: { type?: string | null; duration?: string | null; endDateTime?: string | null } | null } | undefined, now: number): number | null {
  const { type, duration, endDateTime } = schedule?.expiration ?? {};
  if (/^afterDuration$/i.test(type ?? '')) return lengthOf(duration);
  return /^afterDateTime$/i.test(type ?? '') ? Date.parse(endDateTime ?? '') - now : null;
}

/** PIM’s active side: requests with a status of their own, and assignments that end. Source: Graph and ARM, roleAssignmentScheduleRequests. */
export class PimLife {
  /** How long a request is PendingProvisioning before it takes effect. */
  delayMs = 0;
  /** What becomes of the next requests to assign. */
  outcome: 'Provisioned' | 'PendingApproval' | 'Failed' = 'Provisioned';
  /** The longest that the role’s policy allows; for good is then not allowed either. */
  maxMs = Number.POSITIVE_INFINITY;
  /** By assignment id; one that is not here was given outside of PIM, for good. */
  readonly spans = new Map<string, Span>();
  private readonly all: (PimRequest & { on: Assignments })[] = [];

  constructor(private readonly now: () => number, private readonly lagMs: () => number) {}

  submit(request: Omit<PimRequest, 'status' | 'schedule' | 'at' | 'dueAt'>, on: Assignments): PimRequest {
    const found = on.find(request);
    const at = this.now();
    const removing = /Remove|Deactivate/i.test(request.action);
    if (this.all.some((one) => same(one, request) && one.status.startsWith('Pending'))) throw new Fault(400, 'PendingRoleAssignmentRequest', 'There is already an existing pending Role assignment request.');
    if (removing || request.action === 'adminUpdate') {
      if (!found) throw new Fault(404, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist.');
    } else if (found) throw new Fault(400, 'RoleAssignmentExists', 'The Role assignment already exists.');
    if (removing && (this.spans.get(found!)?.from ?? 0) > at - MINIMUM_MS) throw tooShort();
    if (!removing) {
      if (request.justification.trim() === '') throw refused('JustificationRule');
      if ((request.durationMs ?? Number.POSITIVE_INFINITY) > this.maxMs) throw refused('ExpirationRule');
      if (request.durationMs !== null && !(request.durationMs >= MINIMUM_MS)) throw tooShort();
    }
    const schedule = removing || request.action === 'adminUpdate' ? (this.spans.get(found!)?.schedule ?? found!) : request.id;
    const status = removing ? 'Revoked' : this.outcome;
    const made = { ...request, schedule, at, dueAt: at + this.delayMs, status: this.delayMs > 0 && status !== 'PendingApproval' ? 'PendingProvisioning' : status, on };
    this.all.push(made);
    if (made.status !== 'PendingProvisioning') this.effect(made);
    return made;
  }

  /** What has come due happens, and what has ended is gone: asked before every call. */
  settle(): void {
    for (const one of this.all) {
      if (one.status !== 'PendingProvisioning' || one.dueAt > this.now()) continue;
      one.status = /Remove|Deactivate/i.test(one.action) ? 'Revoked' : this.outcome;
      this.effect(one);
    }
    for (const [id, { until }] of this.spans) {
      if (until === null || until > this.now()) continue;
      this.all.find((one) => one.on.find(one) === id)?.on.remove(id);
      this.spans.delete(id);
    }
  }

  /** What reads are answered with. */
  requests(): PimRequest[] {
    return this.all.filter((one) => one.at + this.lagMs() <= this.now());
  }

  cancel(id: string): void {
    const found = this.all.find((one) => one.id === id);
    if (!found) throw new Fault(404, 'RoleAssignmentRequestDoesNotExist', 'The role assignment request does not exist.');
    if (!found.status.startsWith('Pending')) throw new Fault(400, 'RoleAssignmentRequestCannotBeCanceled', 'The role assignment request cannot be canceled.');
    found.status = 'Canceled';
  }

  private effect(request: PimRequest & { on: Assignments }): void {
    const found = request.on.find(request);
    if (request.status === 'Revoked') {
      if (found) request.on.remove(found);
      if (found) this.spans.delete(found);
    } else if (request.status === 'Provisioned') {
      const from = this.now();
      if (!found) request.on.put(request.id, request);
      const id = request.on.find(request)!;
      this.spans.set(id, { schedule: request.schedule, from: this.spans.get(id)?.from ?? from, until: request.durationMs === null ? null : from + request.durationMs, activated: request.action === 'selfActivate' });
    }
  }
}

const same = (a: Triple, b: Triple): boolean => a.principalId === b.principalId && a.roleDefinitionId === b.roleDefinitionId && a.scope.toLowerCase() === b.scope.toLowerCase();
const tooShort = (): Fault => new Fault(400, 'ActiveDurationTooShort', 'The Active duration is too short. Miniumum Required is 5 minutes.');
