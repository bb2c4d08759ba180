import { paginateListGroupsForUser, type IAMClient } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import type { Verified } from '../define';
import {
  attach, attachedPolicies, deleteInline, detach, findIdentity, identityKind, inlinePolicies, putInline, readIdentity, type Identity,
} from '../eradicate/identity';
import { findPolicy } from '../eradicate/managed-policy';
import { all, assertSame, keepFirst, removed, sameDocument, texts, toJson } from '../eradicate/support';
import { guardedAction } from '../guarded';
import { lastUsed } from './last-used';
import { isBroad, narrow } from './narrow';
import { dropOwnPolicy, ensureOwnPolicy, ownPolicyArn, ownPolicyDocument, ownPolicyPermissions } from './own-policy';

/** Policies of AWS that are broad by design; their documents are not read. */
const broadManaged = /:aws:policy\/(AdministratorAccess|PowerUserAccess|IAMFullAccess|job-function\/SystemAdministrator)$/;

interface Broad {
  attached: string[];
  inline: { name: string; document: JsonObject }[];
}

async function broadOf(iam: IAMClient, identity: Pick<Identity, 'kind' | 'name'>): Promise<Broad> {
  const [attached, inline] = await Promise.all([attachedPolicies(iam, identity.kind, identity.name), inlinePolicies(iam, identity.kind, identity.name)]);
  const arns = await Promise.all(
    attached.map(async ({ arn }) => {
      if (broadManaged.test(arn)) return [arn];
      if (/:iam::aws:policy\//.test(arn)) return [];
      const policy = await findPolicy(iam, arn);
      return isBroad(policy?.versions.find((one) => one.isDefault)?.document ?? null) ? [arn] : [];
    }),
  );
  return { attached: arns.flat().sort(), inline: inline.filter((one) => isBroad(one.document)) };
}

/** Broad policies that come through groups: others depend on the group, so a person decides. */
async function broadGroups(iam: IAMClient, identity: Identity): Promise<string[]> {
  if (identity.kind !== 'user') return [];
  const groups = await all(paginateListGroupsForUser({ client: iam }, { UserName: identity.name }), (page) => page.Groups);
  const read = await Promise.all(groups.map(async (group) => ({ name: group.GroupName ?? '', broad: await broadOf(iam, { kind: 'group', name: group.GroupName ?? '' }) })));
  return read.filter(({ broad }) => broad.attached.length + broad.inline.length > 0).map(({ name }) => name);
}

function policyArn(ctx: AwsContext, target: Target): string {
  const account = ctx.access.config.accounts.find((one) => one.id === target.account);
  if (!account) throw fail('INVALID_CONFIG', `account ${target.account} is not in tourniquet.yaml (aws.accounts)`);
  // A policy's name has 128 characters at most; a user's or role's 64.
  return ownPolicyArn(account, `TourniquetLeastPrivilege-${target.kind}-${target.name}`);
}

const documentOf = (params: JsonObject) => (params.document ?? null) as JsonObject | null;

/**
 * Row 4.2. Target: a user or role with broad policies; `params.compromisedFrom`: ISO time from which its use may have been the attacker's.
 * The plan reads what it used in 90 days and fixes the policy that grants just that; the broad ones are detached, and `undo` puts them back.
 */
export const applyLeastPrivilege = guardedAction('aws.apply-least-privilege', {
  permissions: [
    'iam:GetUser', 'iam:GetRole', 'iam:ListAttachedUserPolicies', 'iam:ListAttachedRolePolicies', 'iam:ListUserPolicies', 'iam:ListRolePolicies', 'iam:GetUserPolicy', 'iam:GetRolePolicy',
    'iam:ListGroupsForUser', 'iam:ListAttachedGroupPolicies', 'iam:ListGroupPolicies', 'iam:GetGroupPolicy', 'iam:GenerateServiceLastAccessedDetails', 'iam:GetServiceLastAccessedDetails',
    'iam:AttachUserPolicy', 'iam:AttachRolePolicy', 'iam:DetachUserPolicy', 'iam:DetachRolePolicy', 'iam:PutUserPolicy', 'iam:PutRolePolicy', 'iam:DeleteUserPolicy', 'iam:DeleteRolePolicy',
    ...ownPolicyPermissions,
  ],
  async plan(ctx, { target, params }) {
    const { iam } = ctx.access.clients(target.account);
    const identity = await readIdentity(iam, target);
    const arn = policyArn(ctx, target);
    const [broad, groups] = await Promise.all([broadOf(iam, identity), broadGroups(iam, identity)]);
    const byGroup = groups.map((group) => `careful: ${target.name} also has broad rights through group ${group}, which others share: a person decides`);
    const before = { ...toJson(identity), attached: broad.attached, inline: broad.inline.map(toJson) };
    if (broad.attached.length + broad.inline.length === 0) {
      if (groups.length > 0) throw fail('STILL_IN_USE', byGroup.join('; '));
      return { needed: false, before, change: [] };
    }
    const from = typeof params.compromisedFrom === 'string' ? params.compromisedFrom : null;
    const { document, withheld, whole } = narrow(await lastUsed(iam, identity.arn, ctx.now()), from);
    const actions = document ? (document.Statement as { Action: string[] }[])[0]!.Action : [];
    return {
      needed: true,
      before,
      params: { ...params, document, attached: broad.attached, inline: broad.inline.map((one) => one.name) },
      change: [
        document ? `attach ${arn.split('/').pop()}: ${actions.join(', ')}` : `grant nothing instead: ${target.name} used nothing in 90 days`,
        ...broad.attached.map((policy) => `detach ${policy}`), ...broad.inline.map((one) => `delete inline policy ${one.name} (it is in the before-state)`),
        ...(whole.length > 0 ? [`granted whole, because IAM does not track their use by action: ${whole.join(', ')}`] : []),
        ...withheld.map((line) => `not granted: ${line}`), ...byGroup,
      ],
    };
  },
  async apply(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const kind = identityKind(step.target);
    const identity = await readIdentity(iam, step.target);
    assertSame(step, toJson(identity), ['id', 'arn']);
    const document = documentOf(step.params);
    const arn = policyArn(ctx, step.target);
    const [has, inline] = await Promise.all([attachedPolicies(iam, kind, identity.name), inlinePolicies(iam, kind, identity.name)]);
    const detached = texts(step.params, 'attached').filter((policy) => has.some((one) => one.arn === policy));
    const deleted = texts(step.params, 'inline').filter((name) => inline.some((one) => one.name === name));
    const kept = await keepFirst(ctx, step, 'policy', step.before);
    // The narrow one first: the identity is never without what it needs.
    if (document) {
      await ensureOwnPolicy(iam, arn, document, `What ${step.target.name} used in 90 days`);
      if (!has.some((one) => one.arn === arn)) await attach(iam, kind, identity.name, arn);
    }
    for (const policy of detached) await removed(detach(iam, kind, identity.name, policy));
    for (const name of deleted) await removed(deleteInline(iam, kind, identity.name, name));
    return { attached: document ? arn : null, detached, deleted, kept };
  },
  async verify(ctx, step): Promise<Verified> {
    const { iam } = ctx.access.clients(step.target.account);
    const kind = identityKind(step.target);
    if (!(await findIdentity(iam, kind, step.target.name))) return { holds: true, seen: { exists: false } };
    const arn = policyArn(ctx, step.target);
    const document = documentOf(step.params);
    const attached = (await attachedPolicies(iam, kind, step.target.name)).map((policy) => policy.arn);
    const inline = (await inlinePolicies(iam, kind, step.target.name)).map((one) => one.name);
    const granted = document === null || (attached.includes(arn) && sameDocument(await ownPolicyDocument(iam, arn), document));
    const broadLeft = [...texts(step.params, 'attached').filter((policy) => attached.includes(policy)), ...texts(step.params, 'inline').filter((name) => inline.includes(name))];
    return { holds: granted && broadLeft.length === 0, seen: { granted, broadLeft } };
  },
  async undo(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const kind = identityKind(step.target);
    const identity = await findIdentity(iam, kind, step.target.name);
    if (!identity || identity.id !== step.before.id) throw fail('UNDO_IMPOSSIBLE', `${step.target.name} is gone: nothing to give the policies back to`);
    for (const policy of texts(step.before, 'attached')) await attach(iam, kind, identity.name, policy);
    for (const one of step.before.inline as { name: string; document: JsonObject }[]) await putInline(iam, kind, identity.name, one.name, one.document);
    const arn = policyArn(ctx, step.target);
    await removed(detach(iam, kind, identity.name, arn));
    const holders = await dropOwnPolicy(iam, arn);
    return { seen: { attached: texts(step.before, 'attached') }, left: holders.map((holder) => `${arn} stays: ${holder} has it too`) };
  },
});
