import { sha256Hex } from '../../../playbook/digest';
import type { Json, JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { defineAwsAction } from '../define';
import { sameDocument, text } from '../eradicate/support';
import { statementsOf, type Statement } from '../iam-read';
import { refuseProtected } from '../protect';
import { inlineOf, isProvisioned, provision, provisionedAccounts, putInline, type PermissionSet } from './permission-set';
import { cutOff } from './revoke-role-sessions';

/**
 * Row 2.1.2. Target: kind `permission-set`, id its ARN, region = Identity Center's; params `instanceArn`, `userId`, and `throughGroup` when a group
 * lets the person in, so that removing the assignment does not. A session of one person is denied by `identitystore:UserId`
 * (IAM Identity Center User Guide: “Use a Deny policy to revoke active user permissions”): everything issued before `params.cutoff`, or, through a group, everything.
 */
export const denyPermissionSet = defineAwsAction('aws.deny-permission-set', {
  permissions: [
    'sso:GetInlinePolicyForPermissionSet', 'sso:PutInlinePolicyToPermissionSet', 'sso:DeleteInlinePolicyFromPermissionSet', 'sso:ProvisionPermissionSet',
    'sso:DescribePermissionSetProvisioningStatus', 'sso:ListAccountsForProvisionedPermissionSet', 'sso:ListPermissionSetsProvisionedToAccount',
  ],
  async plan(ctx, { target, params }) {
    refuseProtected(ctx, target, text(params, 'userId'));
    const policy = await inlineOf(ctx, setOf(target, params));
    const cutoff = params.throughGroup === true ? null : cutOff(ctx.now());
    const fixed = { ...params, cutoff };
    const accounts = await provisionedAccounts(ctx, setOf(target, params));
    return {
      needed: !hasDeny(policy, fixed) || !(await isProvisioned(ctx, setOf(target, params), accounts)),
      before: { policy, accounts },
      params: fixed,
      change: [`deny everything to ${text(params, 'userId')} in permission set ${target.name}${cutoff ? ` for sessions issued before ${cutoff}` : ''}, and provision it to ${accounts.join(', ') || 'no account'}`],
    };
  },
  async apply(ctx, { target, params }) {
    refuseProtected(ctx, target, text(params, 'userId'));
    const policy = await inlineOf(ctx, setOf(target, params));
    const changed = !hasDeny(policy, params);
    if (changed) await putInline(ctx, setOf(target, params), withStatements(policy, [...others(policy, params), denial(params)]));
    const accounts = await provisionedAccounts(ctx, setOf(target, params));
    if (changed || !(await isProvisioned(ctx, setOf(target, params), accounts))) await provision(ctx, setOf(target, params));
    return { denied: text(params, 'userId'), accounts };
  },
  async verify(ctx, { target, params }) {
    const policy = await inlineOf(ctx, setOf(target, params));
    const provisioned = await isProvisioned(ctx, setOf(target, params), await provisionedAccounts(ctx, setOf(target, params)));
    return { holds: hasDeny(policy, params) && provisioned, seen: { denied: hasDeny(policy, params), provisioned } };
  },
  async undo(ctx, { target, params, before }) {
    refuseProtected(ctx, target, text(params, 'userId'));
    const policy = await inlineOf(ctx, setOf(target, params));
    if (statementsOf(policy).length > others(policy, params).length) {
      const rest = others(policy, params);
      if (rest.length === 0) await putInline(ctx, setOf(target, params), null);
      else await putInline(ctx, setOf(target, params), sameDocument(rest, statementsOf(before.policy as JsonObject | null)) ? (before.policy as JsonObject) : withStatements(policy, rest));
      await provision(ctx, setOf(target, params));
    }
    return { seen: { policy: await inlineOf(ctx, setOf(target, params)) }, left: [] };
  },
});

const sidOf = (params: JsonObject): string => `TourniquetDeny${sha256Hex(text(params, 'userId')).slice(0, 12)}`;

function denial(params: JsonObject): Statement {
  const cutoff = params.cutoff === null ? null : text(params, 'cutoff');
  return {
    Sid: sidOf(params), Effect: 'Deny', Action: '*', Resource: '*',
    Condition: { StringEquals: { 'identitystore:UserId': text(params, 'userId') }, ...(cutoff ? { DateLessThan: { 'aws:TokenIssueTime': cutoff } } : {}) },
  };
}

const others = (policy: JsonObject | null, params: JsonObject): Statement[] => statementsOf(policy).filter((statement) => statement.Sid !== sidOf(params));

const hasDeny = (policy: JsonObject | null, params: JsonObject): boolean => statementsOf(policy).some((statement) => sameDocument(statement, denial(params)));

const withStatements = (policy: JsonObject | null, statements: Statement[]): JsonObject => ({ Version: '2012-10-17', ...policy, Statement: statements as unknown as Json });

const setOf = (target: Target, params: JsonObject): PermissionSet => ({ region: target.region, instanceArn: text(params, 'instanceArn'), arn: target.id, name: target.name });
