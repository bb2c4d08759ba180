import { condition, sleep } from '@temporalio/workflow';
import type { RotationProof } from '../../activities/contract';
import { failureCode } from '../incident/engine';
import { actionActivity, breakGlassActivities, caseActivities, risk } from '../options';
import { alarm } from './ask';
import type { Desk } from './state';
import { record, tell } from './say';

/**
 * Return is forced, then the change: no API makes it, so a person does, and the cloud's own record proves it. The old version leaves the vault only after both:
 * the record says changed, and a newer version is in. Never gives up; late is escalated.
 */
export async function returnAndChange(desk: Desk): Promise<RotationProof> {
  const { input } = desk;
  const lease = desk.lease!;
  desk.returnedAt = new Date().toISOString();
  const { what } = input.request;
  await breakGlassActivities(risk.compensate, `Return: ${what}`).returnCredential({ caseKey: input.id, lease });
  const { reference } = await caseActivities(`Task for a person: change ${what}`).openHumanTask({
    caseKey: input.id, key: `${input.id}/change`, title: desk.stolen ? `Change ${what} NOW: it was stolen` : `Change ${what}: it was used`,
    instructions: [
      'Make the new one (at least 30 random characters) on a machine that is yours alone',
      `Put it into the vault first: bao kv put -mount=break-glass -cas=${lease.version} people/${lease.credential.replace(/^people\./, '')} … (policy break-glass-custodian)`,
      ...input.change.change, 'Nothing else is needed: the change is read from the cloud’s own record',
    ],
  });
  await tell(input, 'change', desk.stolen ? 'page' : 'warn', `${what} must be changed now`, [desk.stolen ? `Somebody else opened it. Task ${reference}.` : `It was lent to ${input.request.requester} and is returned. Task ${reference}.`]);
  const due = desk.stolen ? Date.now() : Date.now() + input.humanTask.escalateAfterMs;
  let told = false;
  for (let provenAt: string | null = null; ; ) {
    provenAt ??= await changedAt(desk);
    const proof = provenAt && (await breakGlassActivities(risk.compensate, 'Is the new version in the vault?').settleForPerson({ caseKey: input.id, lease, provenAt }));
    if (proof) {
      desk.changedAt = provenAt;
      await record(input, 'proof', `Proven by the cloud’s own record: ${what} was changed at ${provenAt}; version ${proof.newVersion} is in the vault, older ones are destroyed`, proof);
      return proof;
    }
    if (!told && Date.now() >= due) {
      told = true;
      await alarm(input, 'change-late', `${what} is not changed yet`, [`It was lent to ${input.request.requester}; ${provenAt ? 'it was changed, but the vault has no newer version' : 'the cloud has no record of a change'}. Task ${reference}.`]).catch(() => undefined);
    }
    await sleep(input.humanTask.everyMs, { summary: `until ${what} is changed` });
  }
}

/** When the cloud's record says that it was changed; null while it does not, or cannot be asked. */
async function changedAt({ input, claim }: Desk): Promise<string | null> {
  try {
    const outcome = await actionActivity('verify', { incident: input.id, caseKey: input.id, step: { ...input.change, params: { since: claim!.at } }, digest: '', plan: null, approval: null, lease: null });
    return outcome.holds ? outcome.at : null;
  } catch (error) {
    await record(input, `could-not-look/${failureCode(error)}`, `The cloud could not be asked whether it was changed: ${failureCode(error)}`, {});
    return null;
  }
}

/** Until the time is over or it is given back; true when it was given back. */
export const heldUntil = (desk: Desk, ms: number): Promise<boolean> => condition(() => desk.givenBack, Math.max(1, ms), { summary: 'the time of the lease' });
