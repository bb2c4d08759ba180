import { GetRoleCommand, UpdateAssumeRolePolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { documentOf, readIdentity } from './identity';
import { already, assertSame, keepFirst, orNull, sameDocument } from './support';

async function readTrust(iam: IAMClient, role: string): Promise<{ id: string; document: JsonObject } | null> {
  const found = (await orNull(iam.send(new GetRoleCommand({ RoleName: role }))))?.Role;
  return found ? { id: found.RoleId ?? '', document: documentOf(found.AssumeRolePolicyDocument) } : null;
}

function previousOf(params: JsonObject): JsonObject {
  const previous = params.previous;
  if (previous === null || typeof previous !== 'object' || Array.isArray(previous)) throw fail('INVALID_INPUT', 'params.previous (the trust policy before the attacker) is missing');
  return previous;
}

/** Row 3.2. Target: a role that was there before; `params.previous`: its trust policy before the attacker's UpdateAssumeRolePolicy. */
export const restoreTrust = guardedAction('aws.restore-trust', {
  permissions: ['iam:GetRole', 'iam:UpdateAssumeRolePolicy'],
  async plan(ctx, { target, params }) {
    const { iam } = ctx.access.clients(target.account);
    await readIdentity(iam, target);
    const previous = previousOf(params);
    const trust = await readTrust(iam, target.name);
    const needed = !sameDocument(trust?.document, previous);
    return { needed, before: { id: trust?.id ?? '', document: trust?.document ?? null }, change: needed ? [`put the trust policy of role ${target.name} back: ${JSON.stringify(previous)}`] : [] };
  },
  async apply(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const trust = await readTrust(iam, step.target.name);
    if (!trust) throw fail('NOT_FOUND', `no role ${step.target.name}`);
    const previous = previousOf(step.params);
    if (sameDocument(trust.document, previous)) return already;
    assertSame(step, { id: trust.id, document: trust.document }, ['id', 'document']);
    const kept = await keepFirst(ctx, step, 'trust', { role: step.target.id, document: trust.document });
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: step.target.name, PolicyDocument: JSON.stringify(previous) }));
    return { restored: true, kept };
  },
  async verify(ctx, step) {
    const trust = await readTrust(ctx.access.clients(step.target.account).iam, step.target.name);
    return { holds: sameDocument(trust?.document, previousOf(step.params)), seen: { trust: trust?.document ?? null } };
  },
  async undo(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const trust = await readTrust(iam, step.target.name);
    if (!trust || trust.id !== step.before.id || !step.before.document) throw fail('UNDO_IMPOSSIBLE', `role ${step.target.name} is gone`);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: step.target.name, PolicyDocument: JSON.stringify(step.before.document) }));
    return { seen: { trust: step.before.document }, left: [] };
  },
});
