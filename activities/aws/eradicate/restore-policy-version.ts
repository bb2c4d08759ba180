import { CreatePolicyVersionCommand, DeletePolicyVersionCommand, SetDefaultPolicyVersionCommand } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { findPolicy, policyReadPermissions, type ManagedPolicy } from './managed-policy';
import { already, assertSame, keepFirst, removed, text, texts, toJson } from './support';

const defaultOf = (policy: ManagedPolicy) => policy.versions.find((one) => one.isDefault)?.version ?? null;
const existing = (policy: ManagedPolicy, versions: readonly string[]) => versions.filter((version) => policy.versions.some((one) => one.version === version));

/**
 * Row 3.2. Target: a managed policy that was there before (`id` = ARN). `params.previous`: the version that was the default before the attacker;
 * when it is not known, the newest version older than the attacker's is taken at planning. `params.versions`: those the attacker made (may be empty
 * when only the default was moved).
 */
export const restorePolicyVersion = guardedAction('aws.restore-policy-version', {
  permissions: [...policyReadPermissions, 'iam:SetDefaultPolicyVersion', 'iam:DeletePolicyVersion', 'iam:CreatePolicyVersion'],
  async plan(ctx, { target, params }) {
    const policy = await findPolicy(ctx.access.clients(target.account).iam, target.id);
    if (!policy) throw fail('NOT_FOUND', `no policy ${target.id}`);
    const attackers = texts(params, 'versions');
    const previous = typeof params.previous === 'string' ? params.previous : earlier(policy, attackers);
    if (!previous || !policy.versions.some((one) => one.version === previous)) {
      throw fail('UNDO_IMPOSSIBLE', `${target.id} has no version left from before the attacker (${previous ?? 'unknown'}): write it anew by hand`);
    }
    const remove = existing(policy, attackers);
    const move = defaultOf(policy) !== previous;
    return {
      needed: move || remove.length > 0,
      params: { previous, versions: attackers },
      before: { id: policy.id, arn: policy.arn, default: defaultOf(policy), versions: policy.versions.map((one) => toJson(one)) },
      change: [...(move ? [`make ${previous} the default version of ${policy.arn} again (now ${defaultOf(policy)})`] : []), ...remove.map((version) => `delete its version ${version}`)],
    };
  },
  async apply(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const policy = await findPolicy(iam, step.target.id);
    if (!policy) throw fail('NOT_FOUND', `no policy ${step.target.id}`);
    const previous = text(step.params, 'previous');
    const remove = existing(policy, texts(step.params, 'versions'));
    if (defaultOf(policy) === previous && remove.length === 0) return already;
    assertSame(step, { id: policy.id }, ['id']);
    const atPlanning = (step.before.versions as JsonObject[]).map((one) => one.version);
    const unforeseen = policy.versions.filter((one) => !atPlanning.includes(one.version));
    if (unforeseen.length > 0) throw fail('PLAN_CHANGED', `${policy.arn} has a version that was not there at planning: ${unforeseen.map((one) => one.version).join(', ')}`);
    const kept = await keepFirst(ctx, step, 'policy', { policy: toJson(policy) });
    if (defaultOf(policy) !== previous) await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn: policy.arn, VersionId: previous }));
    for (const version of remove) await removed(iam.send(new DeletePolicyVersionCommand({ PolicyArn: policy.arn, VersionId: version })));
    return { default: previous, deletedVersions: remove, kept };
  },
  async verify(ctx, step): Promise<{ holds: boolean; seen: JsonObject }> {
    const policy = await findPolicy(ctx.access.clients(step.target.account).iam, step.target.id);
    if (!policy) return { holds: false, seen: { exists: false } };
    const left = existing(policy, texts(step.params, 'versions'));
    return { holds: defaultOf(policy) === text(step.params, 'previous') && left.length === 0, seen: { default: defaultOf(policy), attackersLeft: left } };
  },
  async undo(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const policy = await findPolicy(iam, step.target.id);
    if (!policy || policy.id !== step.before.id) throw fail('UNDO_IMPOSSIBLE', `${step.target.id} is gone`);
    const wanted = (step.before.versions as JsonObject[]).find((one) => one.version === step.before.default);
    const there = policy.versions.find((one) => JSON.stringify(one.document) === JSON.stringify(wanted?.document));
    // A deleted version does not come back under its number: its document does.
    if (there) await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn: policy.arn, VersionId: there.version }));
    else await iam.send(new CreatePolicyVersionCommand({ PolicyArn: policy.arn, PolicyDocument: JSON.stringify(wanted?.document), SetAsDefault: true }));
    return { seen: { document: (wanted?.document ?? null) as JsonObject | null }, left: there ? [] : [`version ${String(step.before.default)} came back under a new number`] };
  },
});

function earlier(policy: ManagedPolicy, attackers: readonly string[]): string | null {
  const first = policy.versions.findIndex((one) => attackers.includes(one.version));
  return first > 0 ? policy.versions[first - 1]!.version : null;
}
