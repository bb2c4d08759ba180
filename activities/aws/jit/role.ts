import { CreateRoleCommand, DeleteRoleCommand, GetRoleCommand, UpdateAssumeRolePolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import { digestOf } from '../../../playbook/digest';
import type { JsonObject } from '../../../playbook/json';
import type { Entitlement, GrantOrder, Looked } from '../../../playbook/jit/model';
import { fail } from '../../boundary';
import type { GrantExecutor } from '../../jit/executor';
import { cutOff } from '../contain/revoke-role-sessions';
import type { AwsContext } from '../context';
import { attach, attachedPolicies, deleteInline, detach, documentOf, inlinePolicies, inlinePolicy, putInline } from '../eradicate/identity';
import { orNull, removed, sameDocument, whileBusy } from '../eradicate/support';
import { refuseProtected } from '../protect';

type Role = Extract<Entitlement, { kind: 'aws-role' }>;

export const JIT_PATH = '/tourniquet-jit/';
const END_POLICY = 'TourniquetJitEnd';
const TAG = { Key: 'made-by', Value: 'tourniquet-jit' };

/** For accounts without Identity Center: a role of the person's own, whose trust and whose permissions both end by themselves. */
export const roleExecutor: GrantExecutor<AwsContext> = {
  kind: 'aws-role',
  permissions: [
    'iam:GetRole', 'iam:CreateRole', 'iam:TagRole', 'iam:UpdateAssumeRolePolicy', 'iam:PutRolePolicy', 'iam:GetRolePolicy', 'iam:ListRolePolicies', 'iam:DeleteRolePolicy',
    'iam:AttachRolePolicy', 'iam:DetachRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:DeleteRole',
  ],
  async look(ctx, order) {
    const identities = identitiesOf(order);
    refuseProtected(ctx, { id: identities[0]!, name: order.person }, ...identities);
    const name = nameOf(order);
    const role = await ours(iamOf(ctx, order), name);
    // A role of this name is ours alone: what a dead worker left behind is taken over, and ended with this grant.
    return { present: false, principal: role?.Arn ?? name };
  },
  async give(ctx, order, _before, until) {
    const iam = iamOf(ctx, order);
    const name = nameOf(order);
    const identities = identitiesOf(order);
    refuseProtected(ctx, { id: identities[0]!, name: order.person }, ...identities);
    const trust = trustUntil(order, identities, until);
    if (await ours(iam, name)) await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument: JSON.stringify(trust) }));
    else {
      await iam.send(new CreateRoleCommand({
        RoleName: name, Path: JIT_PATH, AssumeRolePolicyDocument: JSON.stringify(trust), MaxSessionDuration: 3600, Tags: [TAG, { Key: 'grant', Value: order.grant }], Description: `Just-in-time access ${order.grant}`,
      }));
    }
    await putInline(iam, 'role', name, END_POLICY, denyAfter(until));
    for (const arn of policiesOf(order)) await attach(iam, 'role', name, arn);
    return readBack(iam, name, trust, until, policiesOf(order));
  },
  async end(ctx, order): Promise<Looked> {
    const iam = iamOf(ctx, order);
    const name = nameOf(order);
    if (await ours(iam, name)) {
      await putInline(iam, 'role', name, ctx.access.config.names.revokePolicy, revokeBefore(cutOff(ctx.now())));
      await whileBusy(async () => {
        for (const policy of (await orNull(attachedPolicies(iam, 'role', name))) ?? []) await removed(detach(iam, 'role', name, policy.arn));
        for (const policy of (await orNull(inlinePolicies(iam, 'role', name))) ?? []) await removed(deleteInline(iam, 'role', name, policy.name));
        await removed(iam.send(new DeleteRoleCommand({ RoleName: name })));
      }, ['DeleteConflictException', 'DeleteConflict', 'ConcurrentModificationException', 'EntityTemporarilyUnmodifiableException']);
    }
    const present = (await ours(iam, name)) !== null;
    return { present, sessionsDead: !present, seen: { role: name } };
  },
};

const iamOf = (ctx: AwsContext, { entitlement }: GrantOrder): IAMClient => ctx.access.clients(entitlement.account).iam;

const policiesOf = ({ entitlement }: GrantOrder): string[] => (entitlement as Role).policyArns;

/** Opaque, and the same for every grant of this access to this person. */
const nameOf = ({ person, entitlement }: GrantOrder): string => `tourniquet-jit-${digestOf([person, entitlement]).slice(0, 20)}`;

function identitiesOf({ identities, person }: GrantOrder): string[] {
  const arns = identities.filter((identity) => /^arn:[^:]+:iam::\d{12}:(user|role)\//.test(identity)).sort();
  if (arns.length === 0) throw fail('GRANT_REFUSED', `${person} has no IAM user or role that could enter (people[].identities)`);
  return arns;
}

/** The role of that name when it is ours, or null. Throws CONFLICT when somebody else made it: nothing of theirs is touched. */
async function ours(iam: IAMClient, name: string) {
  const role = (await orNull(iam.send(new GetRoleCommand({ RoleName: name }))))?.Role;
  if (!role) return null;
  if (role.Path !== JIT_PATH || !(role.Tags ?? []).some((tag) => tag.Key === TAG.Key && tag.Value === TAG.Value)) throw fail('REJECTED_BY_CLOUD', `a role ${name} is there that Tourniquet did not make`);
  return role;
}

const statement = (one: JsonObject): JsonObject => ({ Version: '2012-10-17', Statement: [one] });

/** Nobody enters after `until`, whoever is alive to close the door (IAM User Guide, "aws:CurrentTime"). */
function trustUntil({ entitlement }: GrantOrder, identities: string[], until: string): JsonObject {
  const mfa: JsonObject = (entitlement as Role).requireMfa ? { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } : {};
  return statement({ Effect: 'Allow', Principal: { AWS: identities.length === 1 ? identities[0]! : identities }, Action: 'sts:AssumeRole', Condition: { DateLessThan: { 'aws:CurrentTime': until }, ...mfa } });
}

/** And nobody who is in does anything after it. */
const denyAfter = (until: string): JsonObject => statement({ Sid: END_POLICY, Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateGreaterThan: { 'aws:CurrentTime': until } } });

const revokeBefore = (cutoff: string): JsonObject => statement({ Sid: 'TourniquetRevokeOlderSessions', Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': cutoff } } });

async function readBack(iam: IAMClient, name: string, trust: JsonObject, until: string, policies: readonly string[]): Promise<Looked> {
  const [role, end, attached] = await Promise.all([ours(iam, name), inlinePolicy(iam, 'role', name, END_POLICY), attachedPolicies(iam, 'role', name)]);
  const has = new Set(attached.map((policy) => policy.arn));
  const boxed = role !== null && sameDocument(documentOf(role.AssumeRolePolicyDocument), trust) && sameDocument(end, denyAfter(until));
  if (!boxed || !policies.every((arn) => has.has(arn))) throw fail('NOT_IN_EFFECT', `role ${name} is not as it was made yet`);
  return { present: true, sessionsDead: false, seen: { role: role.Arn ?? name, endsByItself: until } };
}
