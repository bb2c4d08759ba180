import { UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import type { Step } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { defineAwsAction } from '../define';
import { sameDocument, texts } from '../eradicate/support';
import { changeableRole, findRole } from '../iam-read';
import { protectedBy, refuseProtected } from '../protect';
import type { AwsContext } from '../context';
import { admitting, cutTrust, isOut, wholeAccount } from './trust-cut';

/** Row 2.1.2. Target: a role; `params.principals`: ARNs or account ids of the attacker that may not assume it any more, or `*` when the attacker let everybody in. */
export const cutRoleTrust = defineAwsAction('aws.cut-role-trust', {
  permissions: ['iam:GetRole', 'iam:UpdateAssumeRolePolicy'],
  async plan(ctx, { target, params }) {
    const principals = cutPrincipals(ctx, target.account, params);
    refuseProtected(ctx, target);
    const { arn, trust } = await changeableRole(ctx.access.clients(target.account).iam, target);
    refuseProtected(ctx, target, arn);
    const admits = admitting(trust, principals);
    const needed = !isOut(trust, principals);
    return {
      needed, before: { trust },
      change: needed ? [`cut ${principals.join(', ')} out of the trust policy of role ${target.name} (let in by ${admits.join(', ')}); the rest of it stays`] : [],
    };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const { target, params } = step;
    const principals = cutPrincipals(ctx, target.account, params);
    refuseProtected(ctx, target);
    const { iam } = ctx.access.clients(target.account);
    const { trust } = await changeableRole(iam, target);
    if (isOut(trust, principals)) return { already: true };
    const cut = cutTrust(trust, principals);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: target.name, PolicyDocument: JSON.stringify(cut) }));
    return { trust: cut };
  },
  async verify(ctx, { target, params }) {
    const role = await findRole(ctx.access.clients(target.account).iam, target.name);
    return { holds: role === null || isOut(role.trust, texts(params, 'principals')), seen: { trust: role?.trust ?? null } };
  },
  async undo(ctx, step) {
    const { target } = step;
    refuseProtected(ctx, target);
    const { iam } = ctx.access.clients(target.account);
    const role = await findRole(iam, target.name);
    if (!role) return { seen: { trust: null }, left: [`role ${target.name} is gone: its trust policy before is in the plan`] };
    const before = step.before.trust as JsonObject;
    if (sameDocument(role.trust, before)) return { seen: { trust: before }, left: [] };
    if (!isOurs(step, role.trust)) return { seen: { trust: role.trust }, left: [`the trust policy of ${target.name} was changed since: compare it with the plan and put it right by hand`] };
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: target.name, PolicyDocument: JSON.stringify(before) }));
    return { seen: { trust: (await findRole(iam, target.name))?.trust ?? null }, left: [] };
  },
});

function isOurs({ before, params }: Step, trust: JsonObject): boolean {
  return sameDocument(trust, cutTrust(before.trust as JsonObject, texts(params, 'principals')));
}

/** Throws INVALID_INPUT for none or a pattern, PROTECTED_PRINCIPAL for one of ours, NOT_SUPPORTED for the account as a whole. */
function cutPrincipals(ctx: AwsContext, account: string, params: JsonObject): string[] {
  const principals = texts(params, 'principals');
  if (principals.length === 0 || principals.some((one) => one !== '*' && one.includes('*'))) throw fail('INVALID_INPUT', 'params.principals must name whom to cut, without wildcards');
  const entry = protectedBy(ctx.access.config, ...principals);
  if (entry) throw fail('PROTECTED_PRINCIPAL', `${entry} is on the protected list: it is not cut out of a trust policy`);
  const ours = principals.find((one) => wholeAccount(one) === account || ctx.access.config.accounts.some((own) => own.id === wholeAccount(one)));
  if (ours) throw fail('NOT_SUPPORTED', `${ours} is one of our own accounts as a whole: name the identity instead`);
  return principals;
}
