import { SimulateCustomPolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import { canonicalJson, type JsonObject } from '../../../playbook/json';
import { allowsMore, loses } from '../../../playbook/permission-audit/compare';
import { narrower, textLength, type Used } from '../../../playbook/permission-audit/narrow';
import { attachedPolicies, inlinePolicies } from '../eradicate/identity';
import { findPolicy, holdersOf, type ManagedPolicy } from '../eradicate/managed-policy';

/** One policy that becomes narrower. `version`: a new default version, the old one stays; `inline`: rewritten; `replace`: detached for one of our own, because others have it too. */
export interface Narrowing {
  how: 'version' | 'inline' | 'replace';
  /** Name of an inline policy, ARN of a managed one. */
  policy: string;
  before: JsonObject;
  /** Null: nothing of it was used. */
  after: JsonObject | null;
  /** The default version that `undo` goes back to; managed policies only. */
  version: string | null;
}

/** Characters (IAM and AWS STS quotas); a user's inline policies share theirs, a role's too. */
const LIMITS = { managed: 6_144, user: 2_048, role: 10_240 };
const ASKED_AT_ONCE = 40;

/** The identity's own policies, each as narrow as its use; what could not be narrowed provably is said in `left`. */
export async function narrowingsOf(iam: IAMClient, kind: 'role' | 'user', name: string, used: readonly Used[]): Promise<{ narrowings: Narrowing[]; left: string[] }> {
  const [attached, inline] = await Promise.all([attachedPolicies(iam, kind, name), inlinePolicies(iam, kind, name)]);
  const narrowings: Narrowing[] = [];
  const left: string[] = [];
  const consider = async (how: Narrowing['how'], policy: string, before: JsonObject, version: string | null, limit: number): Promise<void> => {
    const after = narrower(before, used, limit);
    if (canonicalJson(after) === canonicalJson(before)) return;
    const problems = [...allowsMore(before, after), ...loses(before, after, used), ...(await simulated(iam, before, after, used))];
    if (problems.length > 0) left.push(`${policy} is left as it is: ${problems.slice(0, 3).join('; ')}`);
    else narrowings.push({ how, policy, before, after, version });
  };
  const spent = inline.reduce((sum, one) => sum + textLength(one.document), 0);
  for (const one of inline) await consider('inline', one.name, one.document, null, LIMITS[kind] - spent + textLength(one.document));
  for (const { arn } of attached) {
    const policy = await findPolicy(iam, arn);
    const current = policy?.versions.find((one) => one.isDefault);
    if (policy && current) await consider(await howOf(iam, policy, kind, name), arn, current.document, current.version, LIMITS.managed);
  }
  return { narrowings, left };
}

async function howOf(iam: IAMClient, policy: ManagedPolicy, kind: string, name: string): Promise<Narrowing['how']> {
  if (/:iam::aws:policy\//.test(policy.arn) || policy.boundaries > 0) return 'replace';
  const holders = await holdersOf(iam, policy.arn);
  return holders.every((one) => one.kind === kind && one.name === name) ? 'version' : 'replace';
}

/** IAM's own evaluator over both documents: what was used must come out the same (SimulateCustomPolicy, IAM API). */
async function simulated(iam: IAMClient, before: JsonObject, after: JsonObject | null, used: readonly Used[]): Promise<string[]> {
  const actions = used.flatMap((one) => (one.actions ?? []).map((action) => `${one.service}:${action}`));
  const problems: string[] = [];
  for (let at = 0; at < actions.length; at += ASKED_AT_ONCE) {
    const names = actions.slice(at, at + ASKED_AT_ONCE);
    const [was, is] = await Promise.all([before, after].map((document) => (document ? decisions(iam, document, names) : Promise.resolve(new Map<string, string>()))));
    for (const action of names) if ((was!.get(action) === 'allowed') !== (is!.get(action) === 'allowed')) problems.push(`${action} would be ${is!.get(action) === 'allowed' ? 'allowed' : 'refused'}, says IAM`);
  }
  return problems;
}

async function decisions(iam: IAMClient, document: JsonObject, ActionNames: string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let Marker: string | undefined;
  do {
    const page = await iam.send(new SimulateCustomPolicyCommand({ PolicyInputList: [JSON.stringify(document)], ActionNames, Marker }));
    for (const one of page.EvaluationResults ?? []) found.set(one.EvalActionName ?? '', one.EvalDecision ?? '');
    Marker = page.IsTruncated ? page.Marker : undefined;
  } while (Marker);
  return found;
}
