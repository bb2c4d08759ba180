import type { JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import type { AwsContext } from '../context';
import { defineAwsAction, type Verified } from '../define';
import { deleteInline, findIdentity, inlinePolicy, putInline } from '../eradicate/identity';
import { removed, sameDocument, text } from '../eradicate/support';
import { changeableRole, findRole, statementsOf } from '../iam-read';
import { refuseProtected } from '../protect';
import { describeWorkloads, roleWorkloads } from './role-workloads';

/** Half a minute ahead: sessions issued while IAM spreads the policy fall under it too. */
const AHEAD_MS = 30_000;

/** ISO time to the second, the form that policy conditions compare. */
export function cutOff(now: Date): string {
  return new Date(Math.ceil((now.getTime() + AHEAD_MS) / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

const revoking = (cutoff: string): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Sid: 'TourniquetRevokeOlderSessions', Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': cutoff } } }],
});

/** The cut-off time of a policy that is ours and untouched, or null. */
function cutOffOf(policy: JsonObject | null): string | null {
  const time = statementsOf(policy)[0]?.Condition?.DateLessThan?.['aws:TokenIssueTime'];
  return typeof time === 'string' && sameDocument(policy, revoking(time)) ? time : null;
}

/**
 * Row 2.1.2. Target: a role; `params.attackerMade`: nobody's workload, so the tier is not raised. The plan fixes `params.cutoff`:
 * every session issued before it is denied everything, whoever holds it (IAM User Guide: “Revoking IAM role temporary security credentials”).
 */
export const revokeRoleSessions = defineAwsAction('aws.revoke-role-sessions', {
  permissions: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:PutRolePolicy', 'iam:DeleteRolePolicy', 'iam:ListInstanceProfilesForRole', 'lambda:ListFunctions'],
  async plan(ctx, { target, params }) {
    refuseProtected(ctx, target);
    const role = await changeableRole(ctx.access.clients(target.account).iam, target);
    refuseProtected(ctx, target, role.arn);
    const [policy, workloads] = await Promise.all([ourPolicy(ctx, target), roleWorkloads(ctx, target.account, role)]);
    const cutoff = cutOff(ctx.now());
    const raised = workloads.services.length > 0 && params.attackerMade !== true;
    return {
      needed: true,
      before: { policy, maxSessionSeconds: role.maxSessionSeconds, workloads },
      params: { ...params, cutoff },
      tier: raised ? 'approve' : undefined,
      change: [`put inline policy ${ctx.access.config.names.revokePolicy} on role ${target.name}: deny everything to sessions issued before ${cutoff}`, ...describeWorkloads(workloads)],
    };
  },
  async apply(ctx, { target, params }) {
    refuseProtected(ctx, target);
    const wanted = text(params, 'cutoff');
    const there = cutOffOf(await ourPolicy(ctx, target));
    // A later incident may have set a later cut-off: it is never moved back.
    if (there !== null && there >= wanted) return { cutoff: there };
    await putInline(ctx.access.clients(target.account).iam, 'role', target.name, ctx.access.config.names.revokePolicy, revoking(wanted));
    return { cutoff: wanted };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    const cutoff = cutOffOf(await ourPolicy(ctx, target));
    if (cutoff !== null && cutoff >= text(params, 'cutoff')) return { holds: true, seen: { cutoff } };
    const exists = (await findIdentity(ctx.access.clients(target.account).iam, 'role', target.name)) !== null;
    return { holds: !exists, seen: { cutoff, exists } };
  },
  async undo(ctx, step) {
    const { target, before } = step;
    refuseProtected(ctx, target);
    const { iam } = ctx.access.clients(target.account);
    const policy = await ourPolicy(ctx, target);
    const role = await findRole(iam, target.name);
    if (!role || !policy) return { seen: { policy }, left: [] };
    const until = expiry(step, role.maxSessionSeconds);
    if (ctx.now().getTime() < until.getTime()) {
      return { seen: { policy }, left: [`sessions of ${target.name} issued before ${text(step.params, 'cutoff')} stay revoked; new sessions work, and the policy can go after ${until.toISOString()}`] };
    }
    if (before.policy) await putInline(iam, 'role', target.name, ctx.access.config.names.revokePolicy, before.policy);
    else await removed(deleteInline(iam, 'role', target.name, ctx.access.config.names.revokePolicy));
    return { seen: { policy: await ourPolicy(ctx, target) }, left: [] };
  },
});

/** When the last session that the cut-off hits has expired by itself; the role's limit may have been lowered since, so the longer of both counts. */
function expiry({ params, before }: Step, maxSessionSeconds: number): Date {
  const longest = Math.max(maxSessionSeconds, typeof before.maxSessionSeconds === 'number' ? before.maxSessionSeconds : 0);
  return new Date(Date.parse(text(params, 'cutoff')) + longest * 1000);
}

function ourPolicy(ctx: AwsContext, target: Target): Promise<JsonObject | null> {
  return inlinePolicy(ctx.access.clients(target.account).iam, 'role', target.name, ctx.access.config.names.revokePolicy);
}
