import { GetPolicyCommand } from '@aws-sdk/client-iam';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { attach, attachedPolicies, detach, findIdentity, identityKind, identityPermissions, readIdentity } from './identity';
import { already, assertSame, keepFirst, orNull, removed, text, toJson } from './support';

/** Row 3.2. Target: the user, role or group; `params.policyArn`: what the attacker attached to it. */
export const detachPolicy = guardedAction('aws.detach-policy', {
  permissions: [...identityPermissions.read, ...identityPermissions.attached, ...identityPermissions.detach, ...identityPermissions.attach, 'iam:GetPolicy'],
  async plan(ctx, { target, params }) {
    const { iam } = ctx.access.clients(target.account);
    const identity = await readIdentity(iam, target);
    const arn = text(params, 'policyArn');
    const attached = (await attachedPolicies(iam, identity.kind, identity.name)).some((policy) => policy.arn === arn);
    return { needed: attached, before: { ...toJson(identity), attached }, change: attached ? [`detach ${arn} from ${identity.kind} ${identity.name}`] : [] };
  },
  async apply(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const kind = identityKind(step.target);
    const identity = await findIdentity(iam, kind, step.target.name);
    if (!identity) return already;
    assertSame(step, toJson(identity), ['id', 'arn']);
    const attached = await attachedPolicies(iam, kind, identity.name);
    const arn = text(step.params, 'policyArn');
    if (!attached.some((policy) => policy.arn === arn)) return already;
    const policy = await orNull(iam.send(new GetPolicyCommand({ PolicyArn: arn })));
    const kept = await keepFirst(ctx, step, 'attachments', { identity: toJson(identity), attached, policy: toJson(policy?.Policy ?? {}) });
    await removed(detach(iam, kind, identity.name, arn));
    return { detached: arn, kept };
  },
  async verify(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const kind = identityKind(step.target);
    const identity = await findIdentity(iam, kind, step.target.name);
    const attached = identity ? (await attachedPolicies(iam, kind, identity.name)).map((policy) => policy.arn) : [];
    return { holds: !attached.includes(text(step.params, 'policyArn')), seen: { attached } };
  },
  async undo(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const kind = identityKind(step.target);
    const identity = await findIdentity(iam, kind, step.target.name);
    if (!identity || identity.id !== step.before.id) throw fail('UNDO_IMPOSSIBLE', `${step.target.name} is gone: nothing to attach the policy to`);
    if (step.before.attached !== true) return { seen: { attached: false }, left: [] };
    await attach(iam, kind, identity.name, text(step.params, 'policyArn'));
    return { seen: { attached: text(step.params, 'policyArn') }, left: [] };
  },
});
