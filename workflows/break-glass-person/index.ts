import { CancellationScope, condition, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { ApprovalResult } from '../../playbook/model/approval';
import { stolenAlert, stolenWrappingOf } from '../../playbook/stolen-wrapping';
import { detailOf, failureCode, messageOf } from '../incident/engine';
import { approvalDecidedSignal } from '../messages';
import { breakGlassActivities, caseActivities, risk } from '../options';
import { alarm, askManagers, askReview } from './ask';
import { heldUntil, returnAndChange } from './change';
import { claimUpdate, giveBackUpdate, openedUpdate, personalQuery, sealedQuery, type PersonalInput, type PersonalResult } from './messages';
import { record, tell } from './say';
import { Desk } from './state';

/** Break-glass for a person: ask → claim with their own passkey → show once → give back → change → proof. Holds no secret at any time. */
export async function breakGlassForPerson(input: PersonalInput): Promise<PersonalResult> {
  const desk = new Desk(input);
  const answers: ApprovalResult[] = [];
  setHandler(approvalDecidedSignal, (answer) => void answers.push(answer));
  setHandler(personalQuery, () => desk.view());
  setHandler(sealedQuery, () => desk.sealed);
  setHandler(claimUpdate, (claim) => {
    desk.claim = { ...claim, at: new Date().toISOString() };
    desk.status = 'lending';
    return desk.view();
  }, { validator: (claim) => desk.checkClaim(claim, Date.now()), description: 'The requester’s passkey; once' });
  setHandler(openedUpdate, () => {
    desk.opened = true;
    desk.sealed = null;
    return desk.view();
  }, { validator: ({ by }) => desk.checkBy(by) });
  setHandler(giveBackUpdate, (back) => {
    void desk.giveBack(back, Date.now());
    return desk.view();
  }, { validator: ({ by, via }) => desk.checkBy(by, via), description: 'By the requester, before the time is over' });
  const result = await CancellationScope.nonCancellable(() => sequence(desk, answers));
  desk.status = 'ended';
  desk.result = result;
  await record(input, `ended/${result.outcome}`, `Break-glass for ${input.request.requester} ended: ${result.outcome}${result.error ? ` (${result.error})` : ''}`, result);
  return result;
}

async function sequence(desk: Desk, answers: ApprovalResult[]): Promise<PersonalResult> {
  const { input } = desk;
  const { request } = input;
  const ended = (outcome: PersonalResult['outcome'], more: Partial<PersonalResult> = {}): PersonalResult => ({ outcome, bypassed: desk.bypassed, proof: null, error: null, ...more });
  const unproven = await desk.unsigned(workflowInfo().startTime.getTime());
  if (unproven) {
    await tell(input, 'unsigned', 'warn', `${request.what} was asked for in the name of ${request.requester}, not by them`, [unproven, 'Nobody is asked, and nothing is lent.']);
    return ended('refused', { error: unproven });
  }
  await record(input, 'asked', `${request.requester} asks for ${request.what}: ${request.reason}`, { ...request });
  setCurrentDetails('waiting for the manager’s approval');
  const answer = await askManagers(desk, answers);
  if (!answer) return ended('withdrawn');
  await record(input, 'answer', `Break-glass for ${request.requester}: ${answer.outcome} (${answer.votes.map((vote) => `${vote.person} ${vote.decision}`).join(', ') || 'nobody'})`, answer);
  if (answer.outcome === 'expired' && request.bypass) await bypass(desk, answer);
  else if (answer.outcome !== 'approved') return ended(answer.outcome === 'denied' ? 'denied' : answer.outcome === 'withdrawn' ? 'withdrawn' : 'expired');

  desk.status = 'ready';
  desk.until = new Date(Date.now() + input.claimMs).toISOString();
  setCurrentDetails(`${request.requester} may claim it until ${desk.until}`);
  await tell(input, 'ready', 'info', `${request.requester} may use ${request.what} now`, [`${(input.consoleUrl ?? '').replace(/\/$/, '')}/claim/${input.id}`, `Until ${desk.until}; it is shown once, to ${request.requester}’s own passkey. The time of the lease starts then.`]);
  await condition(() => desk.claim !== null || desk.givenBack, input.claimMs, { summary: 'until it is claimed' });
  if (!desk.claim) {
    desk.status = 'ended';
    return ended(desk.givenBack ? 'withdrawn' : 'unclaimed');
  }
  return lend(desk, answers, ended);
}

/** Nobody answered, and the configuration allows it: everybody who was passed over is told, loudly, by name. */
async function bypass(desk: Desk, answer: ApprovalResult): Promise<void> {
  const { input } = desk;
  const { request } = input;
  desk.bypassed = true;
  const skipped = await caseActivities('Who was passed over', risk.read).lookUpApprovers({ request: { tier: 'break-glass', requester: request.requester, recused: [] }, backup: true }).catch(() => []);
  const lines = [`Passed over: ${skipped.map((one) => one.name).join(', ') || 'nobody could have answered'}`, `Reason: ${request.reason}`, `Nobody answered ${answer.id}; it is lent for ${Math.round(Math.min(request.bypass!.ttlMs, request.ttlMs) / 60_000)} min, must be changed afterwards, and somebody else must review it.`];
  await record(input, 'bypass', `BYPASS: nobody answered, and ${request.requester} may use ${request.what}`, { reason: request.reason, passedOver: skipped.map((one) => one.id) });
  await alarm(input, 'bypass', `BYPASS: ${request.requester} uses ${request.what} without an approval`, lines).catch(() => undefined);
  await tell(input, 'bypass', 'page', `BYPASS: ${request.requester} uses ${request.what} without an approval`, lines);
}

/** The return and the change are owed from the moment of the checkout, whatever happens after it. */
async function lend(desk: Desk, answers: ApprovalResult[], ended: (outcome: PersonalResult['outcome'], more?: Partial<PersonalResult>) => PersonalResult): Promise<PersonalResult> {
  const { input } = desk;
  const { request } = input;
  const loan = { id: input.id, caseKey: input.id, approval: desk.approval, request, claim: desk.claim! };
  let error: string | null = null;
  let aftermath: Promise<void> | null = null;
  try {
    desk.lease = await breakGlassActivities({ ...risk.contain, scheduleToCloseTimeout: '1h' }, `Lend: ${request.what}`).checkOutForPerson(loan);
    const { lease } = desk;
    const { sealed, accessor } = await breakGlassActivities({ ...risk.contain, scheduleToCloseTimeout: '10m' }, 'Seal it to the page that claimed it').deliverToPerson({ ...loan, lease });
    desk.sealed = sealed;
    desk.status = 'shown';
    desk.until = lease.deadline;
    setCurrentDetails(`with ${request.requester} until ${lease.deadline}`);
    await record(input, 'shown', `${request.what} is shown to ${request.requester}, once, until ${lease.deadline}`, { lease, wrapping: accessor });
    const early = await heldUntil(desk, Date.parse(lease.deadline) - Date.now());
    if (!early) await tell(input, 'time-over', 'page', `The time for ${request.what} is over`, [`${request.requester} did not give it back: it is taken back now, and must be changed.`]);
  } catch (cause) {
    error = `${failureCode(cause)}: ${messageOf(cause)}`;
    await record(input, 'failed', `${request.what} could not be handed over: ${error}`, {});
    if (failureCode(cause) === 'WRAPPING_COMPROMISED') aftermath = stolen(desk, cause, error);
  }
  desk.sealed = null;
  desk.status = 'changing';
  if (!desk.lease) return ended('failed', { error });
  setCurrentDetails(`${request.what} must be changed`);
  // Side by side: neither the return waits for the incident, nor the incident for the return.
  const [proof] = await Promise.all([returnAndChange(desk), aftermath]);
  if (desk.bypassed) await review(desk, answers);
  return ended(error ? 'failed' : 'changed', { proof, error });
}

/** An incident on whoever it signs in as, which contains what the thief does with it; and people are woken. */
async function stolen(desk: Desk, cause: unknown, error: string): Promise<void> {
  const { input } = desk;
  const { request, principal } = input;
  desk.stolen = true;
  const found = stolenWrappingOf(detailOf(cause)) ?? { accessor: 'unknown', path: request.credential, madeFrom: null, at: new Date().toISOString() };
  const { incident } = await caseActivities(`Open the incident: ${request.what}`.slice(0, 200), risk.compensate).raiseAlert({ principal, alert: stolenAlert({ id: input.id, ...request }, principal, found) });
  await record(input, 'stolen', `Stolen: ${request.what}; ${incident} is open`, { incident, ...found });
  const lines = [error, `${incident} is open on ${principal.name}. It is returned, and must be changed at once; look into who reads the vault’s answers.`];
  await alarm(input, 'stolen', `INCIDENT: ${request.what} was opened by somebody else`, lines).catch(() => undefined);
  await tell(input, 'stolen', 'page', `INCIDENT: ${request.what} was opened by somebody else`, lines);
}

async function review(desk: Desk, answers: ApprovalResult[]): Promise<void> {
  setCurrentDetails('waiting for the review of the bypass');
  desk.givenBack = false;
  const answer = await askReview(desk, answers);
  const said = answer?.outcome === 'approved' ? 'justified' : answer?.outcome === 'denied' ? 'MISUSE' : 'not reviewed by anybody';
  await record(desk.input, 'review', `The bypass is reviewed: ${said} (${answer?.votes.map((vote) => `${vote.person}: ${vote.reason}`).join('; ') ?? ''})`, answer ?? {});
  if (answer?.outcome !== 'approved') await alarm(desk.input, 'review', `The bypass by ${desk.input.request.requester}: ${said}`, [desk.input.request.reason]).catch(() => undefined);
}
