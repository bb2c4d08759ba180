import { condition, isCancellation } from '@temporalio/workflow';
import { digestOf } from '../../playbook/digest';
import type { Grant, ReturnRequest } from '../../playbook/jit/model';
import { checkTerms, inheritedBefore, isOpen, lastEnd, orderOf, sharing } from '../../playbook/jit/rules';
import { failureCode, messageOf } from '../incident/engine';
import { risk } from '../options';
import { unsigned } from '../signed';
import { answerTo, startQuestion } from './ask';
import { nameOf, type Desk } from './desk';
import { end } from './end';
import { jitCase, jitProvider } from './options';

/** One grant from its request to its proven end; goes on from its state after continue-as-new. */
export async function follow(desk: Desk, grant: Grant): Promise<void> {
  try {
    if (grant.state === 'asked') await readTerms(desk, grant);
    if (grant.state === 'waiting') await askPeople(desk, grant);
    if (grant.state === 'granting') await give(desk, grant);
    if (grant.state === 'active') await keep(desk, grant);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const note = `${failureCode(error)}: ${messageOf(error)}`;
    if (grant.before === null) return refuse(desk, grant, note);
    // Whatever it was: nothing stays open because of it.
    grant.note = note;
    desk.wantEnd(grant, 'failed', 'tourniquet');
  }
  if (isOpen(grant)) await end(desk, grant);
}

/** What the configuration allows, and whether an incident stands against the person. */
async function readTerms(desk: Desk, grant: Grant): Promise<void> {
  try {
    const activities = jitCase('What the roles allow', risk.read);
    if (desk.incidents.length > 0) desk.incidents = await desk.during(() => activities.jitOpenIncidents({ incidents: desk.incidents }));
    if (desk.incidents.length > 0) return refuse(desk, grant, 'an incident is open on one of your identities: no access until it is closed');
    if (grant.request.via === 'cli') {
      const { request, role, account, forMs, reason, signature } = grant.request;
      const problem = await desk.during(() => unsigned({ act: 'jit-request', person: desk.person, request, role, account, forMs, reason }, signature, grant.askedAt));
      if (problem) return refuse(desk, grant, problem);
    }
    grant.terms = await desk.during(() => activities.jitTerms({ person: desk.person, request: grant.request }));
  } catch (error) {
    if (isCancellation(error)) throw error;
    return refuse(desk, grant, messageOf(error));
  }
  const refusal = checkTerms(grant.request, grant.terms);
  if (refusal) return refuse(desk, grant, refusal.message);
  if (grant.ending) return refuse(desk, grant, endedEarly(grant));
  grant.state = 'waiting';
}

async function askPeople(desk: Desk, grant: Grant): Promise<void> {
  grant.approval ??= await startQuestion(desk, grant, grant.request.forMs, grant.request.reason);
  const answer = await answerTo(desk, grant, grant.approval);
  if (!answer) return refuse(desk, grant, endedEarly(grant));
  if (answer.outcome !== 'approved') return refuse(desk, grant, `the request was ${answer.outcome}`);
  grant.approvers = answer.votes.map((vote) => vote.person);
  if (grant.ending) return refuse(desk, grant, endedEarly(grant));
  grant.state = 'granting';
}

/** What was there before is read and kept first, the clock is started, and only then the provider is asked. */
async function give(desk: Desk, grant: Grant): Promise<void> {
  const { entitlement } = grant.terms!;
  const provider = jitProvider(entitlement, risk.contain, `Give: ${nameOf(grant)}`);
  await desk.alone(digestOf(entitlement), async () => {
    const order = orderOf(desk.person, grant);
    grant.before = inheritedBefore(desk.grants, grant) ?? (await provider.look({ caseKey: desk.caseKey, order }));
    if (grant.ending) return;
    grant.grantedAt = Date.now();
    grant.until = grant.grantedAt + grant.request.forMs;
    const until = lastEnd([...sharing(desk.grants, grant), grant]);
    const looked = await provider.give({ caseKey: desk.caseKey, order, approval: grant.approval!, before: grant.before, until: new Date(until).toISOString() });
    if (grant.before.present) grant.note = 'the access was there already: nothing was added, and nothing will be taken away';
    grant.state = 'active';
    desk.show();
    desk.record('action', `${grant.id}/given`, `Given: ${desk.person}, ${nameOf(grant)}`, { grant: grant.id, approval: grant.approval, until: new Date(grant.until).toISOString(), standing: grant.before.present, seen: looked.seen });
    desk.tell('info', `${grant.id}/given`, `Access given: ${desk.person}, ${nameOf(grant)}`, [`Until ${new Date(grant.until).toISOString()}. Approved by ${grant.approvers.join(', ')}. Return it when you are done.`, ...(grant.note ? [grant.note] : [])]);
  });
}

/** Holds it until its end, which only an approved extension moves. */
async function keep(desk: Desk, grant: Grant): Promise<void> {
  let extending = false;
  while (!grant.ending) {
    const { until } = grant;
    if (Date.now() >= until!) return desk.wantEnd(grant, 'expired', 'tourniquet');
    if (grant.extension && !extending) {
      extending = true;
      void extend(desk, grant).finally(() => (extending = false));
    }
    await condition(() => grant.ending !== null || grant.until !== until || (grant.extension !== null && !extending), until! - Date.now(), { summary: `end of ${nameOf(grant)}` });
  }
}

/** A longer grant is a new question; the end stays where it is until it is answered. */
async function extend(desk: Desk, grant: Grant): Promise<void> {
  const extension = grant.extension!;
  try {
    const problem = extension.approval ? null : await desk.during(() => unsigned({ act: 'jit-extend', person: desk.person, grant: grant.id, forMs: extension.forMs, reason: extension.reason }, extension.signature, extension.at));
    if (problem) {
      grant.note = `not extended: ${problem}`;
      return;
    }
    extension.approval ??= await startQuestion(desk, grant, extension.forMs, extension.reason);
    const answer = await answerTo(desk, grant, extension.approval);
    if (answer?.outcome !== 'approved' || grant.ending) return;
    await desk.alone(digestOf(grant.terms!.entitlement), async () => {
      const before = grant.until!;
      if (grant.state !== 'active' || grant.ending || Date.now() >= before) return;
      grant.until = grant.grantedAt! + extension.forMs;
      try {
        const until = new Date(lastEnd([...sharing(desk.grants, grant), grant])).toISOString();
        await jitProvider(grant.terms!.entitlement, risk.contain, `Extend: ${nameOf(grant)}`).give({ caseKey: desk.caseKey, order: orderOf(desk.person, grant, extension.forMs), approval: extension.approval!, before: grant.before!, until });
        grant.request = { ...grant.request, forMs: extension.forMs };
        grant.approval = extension.approval;
        desk.record('action', `${grant.id}/extended/${extension.forMs}`, `Extended: ${desk.person}, ${nameOf(grant)}`, { grant: grant.id, approval: grant.approval, until: new Date(grant.until).toISOString() });
      } catch (error) {
        grant.until = before;
        grant.note = `not extended: ${failureCode(error)}`;
      }
    });
  } catch (error) {
    if (isCancellation(error)) throw error;
    grant.note = `not extended: ${failureCode(error)}`;
  } finally {
    grant.extension = null;
  }
}

/** A return counts when it is signed by its person; it only ends what there is, so nothing waits for it. */
export async function giveBack(desk: Desk, grant: Grant, { by, signature }: ReturnRequest, now: number): Promise<void> {
  const problem = await desk.during(() => unsigned({ act: 'jit-return', person: by, grant: grant.id }, signature, now)).catch((error: unknown) => `${failureCode(error)}: ${messageOf(error)}`);
  if (problem === null) desk.wantEnd(grant, 'returned', by);
  else if (isOpen(grant)) grant.note = `not returned: ${problem}`;
}

const endedEarly = (grant: Grant): string => (grant.ending?.why === 'incident' ? 'an incident is open on one of your identities' : 'the request was taken back');

function refuse(desk: Desk, grant: Grant, note: string): void {
  grant.state = 'refused';
  grant.note = note;
  grant.endedAt = Date.now();
  desk.show();
  desk.record('note', `${grant.id}/refused`, `Not given: ${nameOf(grant)}: ${note}`, { grant: grant.id });
}
