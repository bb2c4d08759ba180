import { requestProblem } from '../approvals/policy';
import type { Signature, SignedAct } from '../playbook/signed-request';
import { caseActivities, risk } from './options';

/** What is wrong with what a person asked for on the command line at `now`, by the keys that the directory holds for them at this moment; null when nothing is. */
export async function unsigned(act: SignedAct, signature: Signature | undefined, now: number): Promise<string | null> {
  return requestProblem(act, signature, await caseActivities(`Which keys ${act.person} signs with`, risk.read).lookUpKeys({ person: act.person }), now);
}
