import { awsCatalogue, type AwsActionId } from '../../../playbook/catalogue';
import { digestOf } from '../../../playbook/digest';
import type { JsonObject } from '../../../playbook/json';
import type { Proposal, Target } from '../../../playbook/model/plan';

/** User or role name of an ARN (without its path), or the name as it is. */
export const lastName = (arnOrName: string): string => arnOrName.slice(arnOrName.lastIndexOf('/') + 1);

export const accountOfArn = (arn: string): string | null => /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(arn)?.[1] ?? null;

/** An IAM user or role, by ARN or by name. */
export function iamTarget(kind: 'user' | 'role', account: string, arnOrName: string): Target {
  const name = lastName(arnOrName);
  return { provider: 'aws', account, region: null, kind, id: arnOrName.startsWith('arn:') ? arnOrName : `arn:aws:iam::${account}:${kind}/${name}`, name };
}

export function regional(kind: string, account: string, region: string | null, id: string, name = lastName(id)): Target {
  return { provider: 'aws', account, region, kind, id, name };
}

export function proposal(action: AwsActionId, target: Target, because: string, params: JsonObject = {}): Proposal {
  return { action, target, params, because };
}

const order = Object.keys(awsCatalogue);

/** One proposal for each action and target, in the playbook's order; lists of several (`keys`, `principals`, …) are joined. */
export function inOrder(proposals: readonly Proposal[]): Proposal[] {
  const byKey = new Map<string, Proposal>();
  for (const one of proposals) {
    const key = `${one.action} ${one.target.account} ${one.target.region ?? ''} ${one.target.kind} ${one.target.id.toLowerCase()} ${apart(one)}`;
    const known = byKey.get(key);
    byKey.set(key, known ? { ...known, params: joined(one.action, known.params, one.params) } : one);
  }
  return [...byKey.values()].map((one, index) => ({ one, index })).sort((a, b) => order.indexOf(a.one.action) - order.indexOf(b.one.action) || a.index - b.index).map(({ one }) => one);
}

/** Addresses and scopes are separate steps on the same target. */
const apart = ({ params }: Proposal): string => digestOf([params.address ?? null, params.scope ?? null]).slice(0, 8);

function joined(action: string, a: JsonObject, b: JsonObject): JsonObject {
  const both: JsonObject = { ...b, ...a };
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [left, right] = [a[name], b[name]];
    if (Array.isArray(left) && Array.isArray(right)) both[name] = [...new Set([...left, ...right])];
    // What the investigation knows comes later and is better than what an alert alone says.
    else if (isObject(left) && isObject(right)) both[name] = { ...left, ...right };
  }
  // No list of keys means all of them, which is the wider.
  if (action === 'aws.disable-access-keys' && !(Array.isArray(a.keys) && Array.isArray(b.keys))) delete both.keys;
  return both;
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
