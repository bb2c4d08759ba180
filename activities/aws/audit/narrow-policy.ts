import { CreatePolicyVersionCommand, DeletePolicyVersionCommand, SetDefaultPolicyVersionCommand, type IAMClient } from '@aws-sdk/client-iam';
import { sha256Hex } from '../../../playbook/digest';
import type { Json, JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import { diffPolicies } from '../../../playbook/policy-diff';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction, type Verified } from '../define';
import { attach, attachedPolicies, deleteInline, detach, findIdentity, inlinePolicy, putInline, readIdentity } from '../eradicate/identity';
import { findPolicy } from '../eradicate/managed-policy';
import { assertSame, keepFirst, removed, sameDocument, toJson } from '../eradicate/support';
import { dropOwnPolicy, ensureOwnPolicy, ownPolicyArn, ownPolicyDocument, ownPolicyPermissions } from '../recover/own-policy';
import { assertProposable, exemptPermissions } from './exempt';
import { lookAt, lookPermissions, usedIn } from './look';
import { narrowingsOf, type Narrowing } from './narrowings';
import { kindOf, windowOf } from './quarantine-unused';

const changesOf = (step: Pick<Step, 'params'>): Narrowing[] => step.params.changes as unknown as Narrowing[];
const MOST_VERSIONS = 5;

/** Row audit.4, for what is used but granted too widely. Target: a role or user. The plan fixes each narrower document; `undo` puts back the version, the inline policy or the attachment. */
export const narrowPolicy = defineAwsAction('aws.narrow-policy', {
  permissions: [...new Set([
    ...exemptPermissions, ...lookPermissions, ...ownPolicyPermissions, 'iam:SimulateCustomPolicy', 'iam:SetDefaultPolicyVersion', 'iam:ListAttachedRolePolicies', 'iam:ListAttachedUserPolicies', 'iam:ListRolePolicies', 'iam:ListUserPolicies',
    'iam:PutRolePolicy', 'iam:PutUserPolicy', 'iam:DeleteRolePolicy', 'iam:DeleteUserPolicy', 'iam:AttachRolePolicy', 'iam:AttachUserPolicy', 'iam:DetachRolePolicy', 'iam:DetachUserPolicy',
  ])],
  async plan(ctx, { target, params }) {
    const { iam } = ctx.access.clients(target.account);
    const kind = kindOf(target);
    const identity = await readIdentity(iam, target);
    await assertProposable(ctx, target, target.name, windowOf(params));
    const window = { from: new Date(ctx.now().getTime() - windowOf(params)), to: ctx.now() };
    const seen = await lookAt(ctx, { provider: 'aws', account: target.account, kind, id: identity.arn, name: target.name }, window);
    if (seen.failed.length > 0) throw fail('NOT_SUPPORTED', `the use of ${target.name} could not be read: ${seen.failed.join('; ')}`);
    const used = usedIn(seen, window);
    const { narrowings, left } = await narrowingsOf(iam, kind, target.name, used);
    return {
      needed: narrowings.length > 0, before: { ...toJson(identity), policies: narrowings.map(({ policy, before, version }) => ({ policy, document: before, version })) },
      params: { ...params, changes: narrowings.map(toJson) },
      change: narrowings.length === 0 ? [] : [...narrowings.flatMap((one) => [headline(one, target), ...diffPolicies(one.before, one.after).lines.map((line) => `  ${line}`)]), ...left.map((line) => `careful: ${line}`)],
    };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const { target } = step;
    const { iam } = ctx.access.clients(target.account);
    await assertProposable(ctx, target, target.name, windowOf(step.params));
    assertSame(step, toJson(await readIdentity(iam, target)), ['id', 'arn']);
    const open: Narrowing[] = [];
    for (const change of changesOf(step)) if (!(await isDone(ctx, target, change))) open.push(change);
    for (const change of open) await assertAsPlanned(iam, target, change);
    if (open.length === 0) return { already: true };
    const kept = await keepFirst(ctx, step, 'policy', step.before);
    for (const change of open) await carryOut(ctx, target, change);
    return { narrowed: open.map((one) => one.policy), kept };
  },
  async verify(ctx, step): Promise<Verified> {
    const { iam } = ctx.access.clients(step.target.account);
    if (!(await findIdentity(iam, kindOf(step.target), step.target.name))) return { holds: true, seen: { exists: false } };
    const wide: string[] = [];
    for (const change of changesOf(step)) if (!(await isDone(ctx, step.target, change))) wide.push(change.policy);
    return { holds: wide.length === 0, seen: { wide } };
  },
  async undo(ctx, step) {
    const { target } = step;
    const { iam } = ctx.access.clients(target.account);
    const identity = await findIdentity(iam, kindOf(target), target.name);
    if (!identity || identity.id !== step.before.id) throw fail('UNDO_IMPOSSIBLE', `${target.name} is gone: there is nothing to give policies back to`);
    for (const change of changesOf(step)) await putBack(ctx, target, change);
    return { seen: { restored: changesOf(step).map((one) => one.policy) }, left: [] };
  },
});

const headline = ({ how, policy, after }: Narrowing, { kind, name }: Target): string => {
  if (after === null) return how === 'inline' ? `delete inline policy ${policy} of ${kind} ${name}: nothing of it was used` : `detach ${policy} from ${kind} ${name}: nothing of it was used`;
  if (how === 'version') return `new default version of ${policy}; the version of today stays beside it`;
  return how === 'inline' ? `rewrite inline policy ${policy} of ${kind} ${name}` : `detach ${policy} from ${kind} ${name}, which others have too, and attach a narrower one of its own`;
};

/** Our own policy in the place of one that is shared; a policy's name has 128 characters at most. */
function ownArn(ctx: AwsContext, target: Target, policy: string): string {
  const account = ctx.access.config.accounts.find((one) => one.id === target.account);
  if (!account) throw fail('INVALID_CONFIG', `account ${target.account} is not in tourniquet.yaml (aws.accounts)`);
  return ownPolicyArn(account, `TourniquetNarrowed-${target.kind}-${target.name}-${sha256Hex(policy).slice(0, 10)}`);
}

const defaultOf = async (iam: IAMClient, arn: string): Promise<{ version: string; document: JsonObject } | undefined> => (await findPolicy(iam, arn))?.versions.find((one) => one.isDefault);
const holds = async (iam: IAMClient, target: Target, arn: string): Promise<boolean> => (await attachedPolicies(iam, kindOf(target), target.name)).some((one) => one.arn === arn);

async function isDone(ctx: AwsContext, target: Target, { how, policy, after }: Narrowing): Promise<boolean> {
  const { iam } = ctx.access.clients(target.account);
  if (how === 'inline') return sameDocument(await inlinePolicy(iam, kindOf(target), target.name, policy), after);
  if (how === 'version' && after !== null) return sameDocument((await defaultOf(iam, policy))?.document, after);
  if (await holds(iam, target, policy)) return false;
  if (after === null) return true;
  const own = ownArn(ctx, target, policy);
  return (await holds(iam, target, own)) && sameDocument(await ownPolicyDocument(iam, own), after);
}

/** What is to be narrowed must be what people saw. Throws PLAN_CHANGED. */
async function assertAsPlanned(iam: IAMClient, target: Target, { how, policy, before }: Narrowing): Promise<void> {
  const now = how === 'inline' ? await inlinePolicy(iam, kindOf(target), target.name, policy) : (await defaultOf(iam, policy))?.document;
  if (!sameDocument(now, before)) throw fail('PLAN_CHANGED', `${policy} is not what was planned: nothing was changed`);
}

async function carryOut(ctx: AwsContext, target: Target, { how, policy, after }: Narrowing): Promise<void> {
  const { iam } = ctx.access.clients(target.account);
  const kind = kindOf(target);
  if (how === 'inline') return void (await (after ? putInline(iam, kind, target.name, policy, after as Json) : removed(deleteInline(iam, kind, target.name, policy))));
  if (how === 'version' && after) {
    const versions = (await findPolicy(iam, policy))!.versions;
    const oldest = versions.find((one) => !one.isDefault);
    if (versions.length >= MOST_VERSIONS && oldest) await iam.send(new DeletePolicyVersionCommand({ PolicyArn: policy, VersionId: oldest.version }));
    return void (await iam.send(new CreatePolicyVersionCommand({ PolicyArn: policy, PolicyDocument: JSON.stringify(after), SetAsDefault: true })));
  }
  // The narrower one first: the identity is never without what it needs.
  if (after) {
    const own = ownArn(ctx, target, policy);
    await ensureOwnPolicy(iam, own, after, `What ${target.name} used of ${policy.split('/').pop()}`);
    await attach(iam, kind, target.name, own);
  }
  await removed(detach(iam, kind, target.name, policy));
}

async function putBack(ctx: AwsContext, target: Target, { how, policy, before, after, version }: Narrowing): Promise<void> {
  const { iam } = ctx.access.clients(target.account);
  const kind = kindOf(target);
  if (how === 'inline') return void (await putInline(iam, kind, target.name, policy, before as Json));
  if (how === 'version' && after) {
    const ours = await defaultOf(iam, policy);
    if (ours?.version === version) return;
    if (!sameDocument(ours?.document, after)) throw fail('PLAN_CHANGED', `${policy} was changed since: it is not put back over that`);
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn: policy, VersionId: version! }));
    return void (await removed(iam.send(new DeletePolicyVersionCommand({ PolicyArn: policy, VersionId: ours!.version }))));
  }
  await attach(iam, kind, target.name, policy);
  if (!after) return;
  const own = ownArn(ctx, target, policy);
  await removed(detach(iam, kind, target.name, own));
  await dropOwnPolicy(iam, own);
}
