import { CancellationScope, condition, getExternalWorkflowHandle, isCancellation, ParentClosePolicy, setCurrentDetails, setHandler, startChild } from '@temporalio/workflow';
import type { LeaseRef, RotationProof } from '../activities/contract';
import { digestOf } from '../playbook/digest';
import type { Alert } from '../playbook/model/alert';
import type { ApprovalResult } from '../playbook/model/approval';
import type { RecordEntry } from '../playbook/model/evidence';
import type { Finding } from '../playbook/model/finding';
import type { Plan, StepOutcome } from '../playbook/model/plan';
import type { Principal } from '../playbook/model/principal';
import type { IncidentSettings } from '../playbook/model/settings';
import { waves } from '../playbook/plan';
import { approval } from './approval';
import { failureCode, messageOf } from './incident/engine';
import type { BreakGlassResult } from './incident/state';
import { approvalDecidedSignal, breakGlassEndedSignal } from './messages';
import { actionActivity, breakGlassActivities, caseActivities, providerActivities, risk } from './options';
import { searchAttributes } from './search-attributes';

export interface BreakGlassInput {
  incident: string;
  caseKey: string;
  principal: Principal;
  alerts: Alert[];
  findings: Finding[];
  settings: IncidentSettings;
  recused: string[];
  account: string;
  /** The emergency credential's name in the vault; never the credential. */
  credential: string;
  reasons: string[];
}

/** The playbook's break-glass sequence: ask → retrieve → disable → revoke → return and rotate → proof. */
export async function breakGlass(input: BreakGlassInput): Promise<BreakGlassResult> {
  const answers: ApprovalResult[] = [];
  setHandler(approvalDecidedSignal, (result) => void answers.push(result));
  const result = await sequence(input, answers);
  // Cancelled or not, the end is told.
  await CancellationScope.nonCancellable(async () => {
    if (result.outcome !== 'withdrawn') await record(input, 'lease', `break-glass/${result.outcome}`, `Break-glass ended: ${result.outcome}${result.error ? ` (${result.error})` : ''}`, result);
    await getExternalWorkflowHandle(input.incident).signal(breakGlassEndedSignal, result).catch(() => undefined);
  });
  return result;
}

async function sequence(input: BreakGlassInput, answers: ApprovalResult[]): Promise<BreakGlassResult> {
  const ended = (outcome: BreakGlassResult['outcome'], more: Partial<BreakGlassResult> = {}): BreakGlassResult => ({
    outcome, approval: null, steps: [], proof: null, error: null, ...more,
  });
  let plan: Plan;
  try {
    plan = await providerActivities(input.principal.provider, risk.read, 'Plan: break-glass').plan({ ...input, phase: 'break-glass' });
  } catch (error) {
    return ended(isCancellation(error) ? 'withdrawn' : 'failed', { error: failureCode(error) });
  }
  const answer = await askManager(input, plan, answers);
  if (!answer) return ended('withdrawn');
  const who = answer.votes.map((vote) => `${vote.person} ${vote.decision}`).join(', ') || 'nobody';
  await record(input, 'approval', `${answer.id}/${answer.outcome}`, `Break-glass: ${answer.outcome} (${who})`, { approval: answer.id, ...answer });
  if (answer.outcome !== 'approved') return ended(answer.outcome === 'denied' ? 'denied' : 'expired', { approval: answer.id });
  return useLease(input, plan, answer, ended);
}

/** SOC → Manager: request break-glass approval. Nobody answers: it never proceeds. Null when the question was withdrawn. */
async function askManager(input: BreakGlassInput, plan: Plan, answers: ApprovalResult[]): Promise<ApprovalResult | null> {
  const id = `apr-${digestOf([input.caseKey, 'break-glass', plan.digest]).slice(0, 20)}`;
  setCurrentDetails('waiting for the manager’s approval');
  await startChild(approval, {
    workflowId: id,
    args: [{
      id, incident: input.incident, tier: 'break-glass', title: `Break-glass: use the emergency credential of account ${input.account}`,
      changes: [`check out “${input.credential}”, return and rotate it after use`, ...plan.steps.flatMap((step) => (step.needed ? step.change : [`assert again: ${step.title}: ${step.target.name}`]))],
      because: input.reasons, ifNobodyAnswers: 'the credential stays in the vault; it is escalated', onTimeout: 'stay-undone', digest: plan.digest,
      requester: null, recused: input.recused, ...input.settings.approvals['break-glass'],
      caseKey: input.caseKey, answerTo: `bgl-${digestOf([input.caseKey, input.credential]).slice(0, 20)}`, consoleUrl: input.settings.consoleUrl,
    }],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: 'Break-glass approval',
    typedSearchAttributes: [{ key: searchAttributes.incident, value: input.incident }],
  });
  try {
    await condition(() => answers.some((one) => one.id === id));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    // The incident was undone or closed: nobody may say yes to this any more.
    await CancellationScope.nonCancellable(() => getExternalWorkflowHandle(id).cancel().catch(() => undefined));
    return null;
  }
  return answers.find((one) => one.id === id)!;
}

/** Vault → SOC → cloud → vault. The return is registered before the checkout and cannot be cancelled. */
async function useLease(input: BreakGlassInput, plan: Plan, answer: ApprovalResult, ended: (outcome: BreakGlassResult['outcome'], more?: Partial<BreakGlassResult>) => BreakGlassResult): Promise<BreakGlassResult> {
  let lease: LeaseRef | null = null;
  const steps: StepOutcome[] = [];
  let error: string | null = null;
  try {
    setCurrentDetails('checking the emergency credential out');
    lease = await breakGlassActivities({ ...risk.contain, scheduleToCloseTimeout: '1h' }, 'Retrieve the emergency credential').checkOut({
      incident: input.incident, caseKey: input.caseKey, credential: input.credential, account: input.account, holder: input.incident,
      approval: answer.id, digest: plan.digest, ttlMs: input.settings.leaseMs,
    });
    setCurrentDetails(`using the emergency credential until ${lease.deadline}`);
    const held = lease;
    await CancellationScope.withTimeout(Math.max(1, Date.parse(lease.deadline) - Date.now()), async () => {
      for (const wave of waves(plan.steps)) {
        steps.push(...(await Promise.all(wave.map((step) => actUnder(held, input, plan, step, answer.id)))));
      }
    });
  } catch (cause) {
    error = `${failureCode(cause)}: ${messageOf(cause)}`;
  }
  if (!lease) return ended('failed', { approval: answer.id, error });
  const proof = await CancellationScope.nonCancellable(() => giveBack(input, lease));
  const failed = steps.filter((step) => step.state === 'failed').map((step) => `${step.step}: ${step.error}`);
  return ended(error || failed.length ? 'failed' : 'used', { approval: answer.id, steps, proof, error: error ?? (failed.length ? failed.join('; ') : null) });
}

async function actUnder(lease: LeaseRef, input: BreakGlassInput, plan: Plan, step: Plan['steps'][number], approvalId: string): Promise<StepOutcome> {
  try {
    return await actionActivity('apply', { incident: input.incident, caseKey: input.caseKey, step, digest: plan.digest, plan: plan.kept, approval: approvalId, lease });
  } catch (error) {
    const code = failureCode(error);
    const at = new Date().toISOString();
    // Eradication may have deleted it while the manager was asked: what is gone cannot act.
    if (code === 'NOT_FOUND') return { step: step.id, state: 'already', holds: true, error: null, seen: { exists: false }, at };
    return { step: step.id, state: 'failed', holds: false, error: code, seen: {}, at };
  }
}

/** Never gives up: whatever happened, the credential goes back, a new one is proven, and the old one is refused. */
async function giveBack(input: BreakGlassInput, lease: LeaseRef): Promise<RotationProof> {
  setCurrentDetails('returning and rotating the emergency credential');
  const late = condition(() => false, '10 minutes').then(() => tellLate(input, lease)).catch(() => undefined);
  await breakGlassActivities(risk.compensate, 'Return the emergency credential').returnCredential({ caseKey: input.caseKey, lease });
  const proof = await breakGlassActivities(risk.compensate, 'Rotate the emergency credential, prove the new one, kill the old one').rotateCredential({ caseKey: input.caseKey, lease });
  void late;
  await record(input, 'lease', `lease/${lease.leaseId}/proof`, `Returned and rotated: ${lease.credential}, new version ${proof.newVersion} logs in, the old one is ${proof.oldRefused ? 'refused' : 'NOT refused'}`, proof);
  return proof;
}

async function tellLate(input: BreakGlassInput, lease: LeaseRef): Promise<void> {
  await caseActivities('Page: the credential is not back yet', risk.notify).notify({
    caseKey: input.caseKey, key: `lease/${lease.leaseId}/late`, level: 'page', title: 'The emergency credential is not returned and rotated yet',
    lines: [`${lease.credential}, lease ${lease.leaseId}; it is tried again without end.`],
  });
}

async function record(input: BreakGlassInput, kind: RecordEntry['kind'], key: string, text: string, data: object): Promise<void> {
  await caseActivities('Record').record({ caseKey: input.caseKey, entries: [{ key, at: new Date().toISOString(), kind, text, data: { ...data } as RecordEntry['data'] }] });
}
