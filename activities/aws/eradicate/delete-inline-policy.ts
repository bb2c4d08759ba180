import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { deleteInline, findIdentity, identityKind, identityPermissions, inlinePolicy, putInline, readIdentity } from './identity';
import { already, assertSame, keepFirst, removed, sameDocument, text, toJson } from './support';

const previousOf = (params: JsonObject) => (params.previous ?? null) as JsonObject | null;

/**
 * Row 3.2. Target: the user, role or group; `params.policyName`: the inline policy that the attacker wrote;
 * `params.previous`: the document that it overwrote, put back instead of deleting (null or missing = there was none).
 */
export const deleteInlinePolicy = guardedAction('aws.delete-inline-policy', {
  permissions: [...identityPermissions.read, ...identityPermissions.getInline, ...identityPermissions.deleteInline, ...identityPermissions.putInline],
  async plan(ctx, { target, params }) {
    const { iam } = ctx.access.clients(target.account);
    const identity = await readIdentity(iam, target);
    const name = text(params, 'policyName');
    const document = await inlinePolicy(iam, identity.kind, identity.name, name);
    const previous = previousOf(params);
    const needed = !sameDocument(document, previous);
    const what = previous ? `put inline policy ${name} of ${identity.kind} ${identity.name} back to what it was` : `delete inline policy ${name} of ${identity.kind} ${identity.name}`;
    return { needed, before: { ...toJson(identity), document }, change: needed ? [what] : [] };
  },
  async apply(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const kind = identityKind(step.target);
    const identity = await findIdentity(iam, kind, step.target.name);
    if (!identity) return already;
    const name = text(step.params, 'policyName');
    const document = await inlinePolicy(iam, kind, identity.name, name);
    const previous = previousOf(step.params);
    if (sameDocument(document, previous)) return already;
    assertSame(step, { ...toJson(identity), document }, ['id', 'arn', 'document']);
    const kept = await keepFirst(ctx, step, 'policy', { identity: toJson(identity), name, document });
    if (previous) await putInline(iam, kind, identity.name, name, previous);
    else await removed(deleteInline(iam, kind, identity.name, name));
    return { [previous ? 'restored' : 'deleted']: name, kept };
  },
  async verify(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const kind = identityKind(step.target);
    const identity = await findIdentity(iam, kind, step.target.name);
    const document = identity ? await inlinePolicy(iam, kind, identity.name, text(step.params, 'policyName')) : null;
    return { holds: identity === null || sameDocument(document, previousOf(step.params)), seen: { document } };
  },
  async undo(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const kind = identityKind(step.target);
    const identity = await findIdentity(iam, kind, step.target.name);
    if (!identity || identity.id !== step.before.id) throw fail('UNDO_IMPOSSIBLE', `${step.target.name} is gone: nothing to put the policy on`);
    if (step.before.document) await putInline(iam, kind, identity.name, text(step.params, 'policyName'), step.before.document);
    return { seen: { document: step.before.document ?? null }, left: [] };
  },
});
