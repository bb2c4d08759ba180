import { isCancellation, sleep } from '@temporalio/workflow';
import { digestOf } from '../../playbook/digest';
import type { Grant } from '../../playbook/jit/model';
import { lastEnd, orderOf, sharing } from '../../playbook/jit/rules';
import { failureCode, messageOf } from '../incident/engine';
import { risk } from '../options';
import { nameOf, type Desk } from './desk';
import { ENDING, jitProvider } from './options';

const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 10 * 60_000;

/** Ended means ended: what is not proven gone is tried again without end, and somebody is woken. */
export async function end(desk: Desk, grant: Grant): Promise<void> {
  grant.state = 'ending';
  desk.show();
  const failed = grant.note;
  if (grant.before !== null) {
    for (let attempt = 1, pause = FIRST_PAUSE_MS; ; attempt += 1, pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const wrong = await desk.alone(digestOf(grant.terms!.entitlement), () => take(desk, grant));
      if (wrong === null) break;
      grant.note = `not ended yet: ${wrong}`;
      desk.tell('page', `${grant.id}/not-ended/${attempt}`, `Access that is over is still there: ${desk.person}, ${nameOf(grant)}`, [wrong, 'It is tried again without end; take it away by hand if this goes on.']);
      await sleep(pause, { summary: 'the end is not proven: tried again' });
    }
  }
  if (grant.ending?.why === 'failed') grant.note = failed;
  grant.state = 'ended';
  grant.endedAt = Date.now();
  desk.show();
  const why = grant.ending?.why ?? 'expired';
  desk.record('action', `${grant.id}/ended`, `Ended (${why}): ${desk.person}, ${nameOf(grant)}${grant.note ? `: ${grant.note}` : ''}`, { grant: grant.id, why, by: grant.ending?.by ?? null });
  desk.tell(why === 'failed' ? 'warn' : 'info', `${grant.id}/ended`, `Access ended (${why}): ${desk.person}, ${nameOf(grant)}`, [grant.note || 'Taken away, sessions ended, read back.']);
}

/** Null when it is gone, or is somebody else's to keep; else what is wrong. */
async function take(desk: Desk, grant: Grant): Promise<string | null> {
  const { terms, before } = grant;
  try {
    const others = sharing(desk.grants, grant);
    if (others.length > 0) {
      await keepForOthers(desk, grant, others);
      grant.note = `the access stays for ${others.map((other) => other.id).join(', ')}`;
      return null;
    }
    const since = new Date(grant.ending?.at ?? Date.now()).toISOString();
    const looked = await jitProvider(terms!.entitlement, ENDING, `End: ${nameOf(grant)}`).end({ caseKey: desk.caseKey, order: orderOf(desk.person, grant), before: before!, since });
    desk.record('verify', `${grant.id}/look/${Date.now()}`, `Read back: ${looked.present ? 'still there' : 'gone'}, sessions ${looked.sessionsDead ? 'dead' : 'alive'}`, { ...looked.seen });
    if (before!.present) {
      grant.note = 'the access was there before, and is left';
      return null;
    }
    if (looked.present) return 'the access is still there';
    if (!looked.sessionsDead) return 'its sessions are still alive';
    grant.note = '';
    return null;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return `${failureCode(error)}: ${messageOf(error)}`;
  }
}

/** The provider's own end moves to that of the grants that are left. */
async function keepForOthers(desk: Desk, grant: Grant, others: readonly Grant[]): Promise<void> {
  const given = others.filter((other) => other.state === 'active');
  const until = given.length > 0 ? lastEnd(given) : null;
  // One that is being given sets the end by itself.
  if (until === null || (grant.until ?? 0) <= until) return;
  const last = given.find((other) => other.until === until)!;
  await jitProvider(last.terms!.entitlement, risk.contain, `Move the end: ${nameOf(last)}`).give({
    caseKey: desk.caseKey, order: orderOf(desk.person, last), approval: last.approval!, before: last.before!, until: new Date(until).toISOString(),
  });
}
