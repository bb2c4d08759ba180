import { canonicalJson } from '../../../playbook/json';
import type { Aws } from '../start';
import { rootOf } from '../gateway/world';
import type { Json } from '../gateway/protocol/shapes';
import type { AwsWorld } from '../world';
import { iamState } from './iam';
import { regionState } from './region';
import { s3State } from './s3';
import { documentOf, each, sorted, type Reader, type State } from './types';

export type { State } from './types';

/**
 * Everything there is in both accounts, read behind the gateway with full rights and unrecorded: path -> canonical state.
 * Paths: `<account name>/iam/user/<name>`, `<account name>/<region>/ec2/instance/<id>`, `organization/scp/<name>`, …
 */
export async function snapshot(aws: Aws, world: AwsWorld): Promise<State> {
  const parts = await Promise.all([world.management, world.production].map(async ({ account, name }) => {
    const reader = (region: string): Reader => (service, operation, input = {}) => aws.world.upstream.ask(service, operation, input, account, region).catch(absent);
    const home = reader(world.regions[0]!);
    const regions = await Promise.all(world.regions.map(async (region) => prefixed(`${name}/${region}`, await regionState(reader(region)))));
    const root = rootOf(aws.world, account);
    return Object.assign({}, prefixed(name, await iamState(home)), prefixed(name, await s3State(home)), ...regions, { [`${name}/root`]: { password: root.password, mfa: root.mfa, keys: root.keys.map((key) => key.id) } }) as State;
  }));
  return Object.assign({}, ...parts, await organizationState(aws, world)) as State;
}

export interface Difference { path: string; change: 'added' | 'removed' | 'changed'; before: Json | null; after: Json | null }

/** What is not as it was, sorted by path. */
export function compare(before: State, after: State): Difference[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return paths.flatMap((path): Difference[] => {
    const was = before[path] ?? null;
    const is = after[path] ?? null;
    if (canonicalJson(was) === canonicalJson(is)) return [];
    return [{ path, change: was === null ? 'added' : is === null ? 'removed' : 'changed', before: was, after: is }];
  });
}

/** Not there, or nothing of the kind set: both are "nothing" to a snapshot. Anything else is a fault of the reader. */
function absent(error: unknown): null {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  if ($metadata?.httpStatusCode === 404 || /NoSuch|NotFound/.test(name ?? '')) return null;
  throw error;
}

const prefixed = (prefix: string, state: State): State => Object.fromEntries(Object.entries(state).map(([path, value]) => [`${prefix}/${path}`, value]));

async function organizationState(aws: Aws, world: AwsWorld): Promise<State> {
  const read: Reader = (service, operation, input = {}) => aws.world.upstream.ask(service, operation, input, world.management.account).catch(absent);
  const state: State = {};
  for (const policy of each((await read('organizations', 'ListPolicies', { Filter: 'SERVICE_CONTROL_POLICY' }))?.Policies)) {
    const [content, targets] = await Promise.all([read('organizations', 'DescribePolicy', { PolicyId: policy.Id }), read('organizations', 'ListTargetsForPolicy', { PolicyId: policy.Id })]);
    state[`organization/scp/${String(policy.Name)}`] = { content: documentOf((content?.Policy as Json | undefined)?.Content), targets: sorted(each(targets?.Targets).map((one) => one.TargetId)) };
  }
  const { instanceArn, permissionSetArn, account } = world.identityCenter;
  const at = { InstanceArn: instanceArn, PermissionSetArn: permissionSetArn };
  const [inline, assignments] = await Promise.all([read('sso', 'GetInlinePolicyForPermissionSet', at), read('sso', 'ListAccountAssignments', { ...at, AccountId: account })]);
  state[`identity-center/${world.identityCenter.permissionSet}`] = { inline: documentOf(inline?.InlinePolicy || null), assignments: sorted(each(assignments?.AccountAssignments).map((one) => ({ account, principal: one.PrincipalId }))) };
  return state;
}
