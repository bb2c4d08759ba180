import { continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { ProviderId } from '../playbook/model/principal';
import type { AuditProgress, AuditSettings, Subject } from '../playbook/permission-audit/model';
import { judge } from '../playbook/permission-audit/rules';
import { placesOf, type Signature } from '../playbook/signed-request';
import { failureCode } from './incident/engine';
import { auditProgressQuery } from './audit/messages';
import { auditCase, auditProvider } from './audit/options';
import { caseActivities, risk } from './options';
import { unsigned } from './signed';

export interface AuditInput {
  places: { provider: ProviderId; account: string }[];
  /** The person who asked for it; null: the schedule. */
  requester: string | null;
  /** By that person's own key. */
  signature?: Signature;
  carried?: { place: number; next: string | null; progress: AuditProgress };
}

/** Side by side: IAM makes few reports at once, and CloudTrail answers twice a second. */
const WIDTH = 4;
const HISTORY_EVENTS = 4_000;
const KEPT_LINES = 50;

/** Looks at everything in the accounts, page by page, and starts a review of each thing that seems unused or too widely permitted. However many there are: it continues as new. */
export async function permissionAudit(input: AuditInput): Promise<AuditProgress> {
  const audit = setup(input);
  return run(input, audit);
}

function setup(input: AuditInput): AuditProgress {
  const progress: AuditProgress = input.carried?.progress ?? { looked: 0, outcomes: {}, reviews: [], failed: [], done: false };
  setHandler(auditProgressQuery, () => progress);
  return progress;
}

async function run(input: AuditInput, progress: AuditProgress): Promise<AuditProgress> {
  if (!(await isTheirs(input))) {
    note(progress, `it was asked for in the name of ${input.requester}, and not by them`);
    progress.done = true;
    return progress;
  }
  const settings = await auditCase('What the configuration says').auditSettings();
  for (let place = input.carried?.place ?? 0, next = input.carried?.next ?? null; place < input.places.length; ) {
    const { provider, account } = input.places[place]!;
    setCurrentDetails(`${account}: ${progress.looked} looked at`);
    try {
      const page = await auditProvider(provider, `What there is in ${account}`).list({ account, next, windowMs: settings.windowMs, now: new Date().toISOString() });
      await lookAtAll(page.subjects, settings, input.requester, progress);
      next = page.next;
    } catch (error) {
      // One account that cannot be listed does not keep the others from being looked at.
      note(progress, `${account}: ${failureCode(error)}`);
      next = null;
    }
    if (next === null) place += 1;
    if (workflowInfo().historyLength > HISTORY_EVENTS || workflowInfo().continueAsNewSuggested) await continueAsNew<typeof permissionAudit>({ ...input, carried: { place, next, progress } });
  }
  progress.done = true;
  if (progress.failed.length > 0) await caseActivities('Says what could not be looked at', risk.notify).notify({ caseKey: null, key: `${workflowInfo().workflowId}/${workflowInfo().firstExecutionRunId}/failed`, level: 'warn', title: 'Permission audit: not everything could be looked at', lines: progress.failed }).catch(() => []);
  return progress;
}

/** The schedule asks in nobody's name; what was signed is looked at once, not again after continue-as-new. */
async function isTheirs({ requester, places, signature, carried }: AuditInput): Promise<boolean> {
  if (requester === null || carried) return true;
  return (await unsigned({ act: 'audit', person: requester, places: placesOf(places) }, signature, workflowInfo().startTime.getTime())) === null;
}

async function lookAtAll(subjects: readonly Subject[], settings: AuditSettings, requester: string | null, progress: AuditProgress): Promise<void> {
  let at = 0;
  const lane = async (): Promise<void> => {
    for (let index = at++; index < subjects.length; index = at++) await lookAtOne(subjects[index]!, settings, requester, progress);
  };
  await Promise.all(Array.from({ length: Math.min(WIDTH, subjects.length) }, lane));
}

async function lookAtOne(subject: Subject, settings: AuditSettings, requester: string | null, progress: AuditProgress): Promise<void> {
  const now = Date.now();
  try {
    const seen = await auditProvider(subject.provider, `Last use of ${subject.kind} ${subject.name}`).look({ caseKey: workflowInfo().workflowId, subject, windowMs: settings.windowMs, now: new Date(now).toISOString() });
    const { outcome, why } = judge(seen, settings, now);
    progress.looked += 1;
    progress.outcomes[outcome] = (progress.outcomes[outcome] ?? 0) + 1;
    if (outcome === 'unreadable') note(progress, `${subject.name}: ${why.join('; ')}`);
    if (outcome !== 'unused' && outcome !== 'over-permitted') return;
    const { review } = await auditCase(`Review: ${subject.kind} ${subject.name}`.slice(0, 200)).startReview({ subject, requester, finding: null });
    if (progress.reviews.length < 1_000) progress.reviews.push(review);
  } catch (error) {
    note(progress, `${subject.name}: ${failureCode(error)}`);
  }
}

function note(progress: AuditProgress, line: string): void {
  if (progress.failed.length < KEPT_LINES) progress.failed.push(line);
}
