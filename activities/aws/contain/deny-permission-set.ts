import {
  DeleteInlinePolicyFromPermissionSetCommand, DescribePermissionSetProvisioningStatusCommand, GetInlinePolicyForPermissionSetCommand, paginateListAccountsForProvisionedPermissionSet,
  paginateListPermissionSetsProvisionedToAccount, ProvisionPermissionSetCommand, PutInlinePolicyToPermissionSetCommand,
} from '@aws-sdk/client-sso-admin';
import { sha256Hex } from '../../../playbook/digest';
import type { Json, JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { all, sameDocument, text } from '../eradicate/support';
import { statementsOf, type Statement } from '../iam-read';
import { refuseProtected } from '../protect';
import { followed, ssoClient } from './identity-center';
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
    const policy = await inlineOf(ctx, target, params);
    const cutoff = params.throughGroup === true ? null : cutOff(ctx.now());
    const fixed = { ...params, cutoff };
    const accounts = await provisionedAccounts(ctx, target, params);
    return {
      needed: !hasDeny(policy, fixed) || !(await isProvisioned(ctx, target, params, accounts)),
      before: { policy, accounts },
      params: fixed,
      change: [`deny everything to ${text(params, 'userId')} in permission set ${target.name}${cutoff ? ` for sessions issued before ${cutoff}` : ''}, and provision it to ${accounts.join(', ') || 'no account'}`],
    };
  },
  async apply(ctx, { target, params }) {
    refuseProtected(ctx, target, text(params, 'userId'));
    const policy = await inlineOf(ctx, target, params);
    const changed = !hasDeny(policy, params);
    if (changed) await putInline(ctx, target, params, withStatements(policy, [...others(policy, params), denial(params)]));
    const accounts = await provisionedAccounts(ctx, target, params);
    if (changed || !(await isProvisioned(ctx, target, params, accounts))) await provision(ctx, target, params);
    return { denied: text(params, 'userId'), accounts };
  },
  async verify(ctx, { target, params }) {
    const policy = await inlineOf(ctx, target, params);
    const provisioned = await isProvisioned(ctx, target, params, await provisionedAccounts(ctx, target, params));
    return { holds: hasDeny(policy, params) && provisioned, seen: { denied: hasDeny(policy, params), provisioned } };
  },
  async undo(ctx, { target, params, before }) {
    refuseProtected(ctx, target, text(params, 'userId'));
    const policy = await inlineOf(ctx, target, params);
    if (statementsOf(policy).length > others(policy, params).length) {
      const rest = others(policy, params);
      if (rest.length === 0) await ssoClient(ctx, target.region).send(new DeleteInlinePolicyFromPermissionSetCommand(named(target, params)));
      else await putInline(ctx, target, params, sameDocument(rest, statementsOf(before.policy as JsonObject | null)) ? (before.policy as JsonObject) : withStatements(policy, rest));
      await provision(ctx, target, params);
    }
    return { seen: { policy: await inlineOf(ctx, target, params) }, left: [] };
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

const named = (target: Target, params: JsonObject) => ({ InstanceArn: text(params, 'instanceArn'), PermissionSetArn: target.id });

async function inlineOf(ctx: AwsContext, target: Target, params: JsonObject): Promise<JsonObject | null> {
  const { InlinePolicy: inline } = await ssoClient(ctx, target.region).send(new GetInlinePolicyForPermissionSetCommand(named(target, params)));
  return inline ? (JSON.parse(inline) as JsonObject) : null;
}

async function putInline(ctx: AwsContext, target: Target, params: JsonObject, policy: JsonObject): Promise<void> {
  await ssoClient(ctx, target.region).send(new PutInlinePolicyToPermissionSetCommand({ ...named(target, params), InlinePolicy: JSON.stringify(policy) }));
}

function provisionedAccounts(ctx: AwsContext, target: Target, params: JsonObject): Promise<string[]> {
  return all(paginateListAccountsForProvisionedPermissionSet({ client: ssoClient(ctx, target.region) }, named(target, params)), (page) => page.AccountIds);
}

/** The set's newest form is what the accounts have: only then does the deny bind anybody. */
async function isProvisioned(ctx: AwsContext, target: Target, params: JsonObject, accounts: readonly string[]): Promise<boolean> {
  const newest = { InstanceArn: text(params, 'instanceArn'), ProvisioningStatus: 'LATEST_PERMISSION_SET_PROVISIONED' } as const;
  const lists = await Promise.all(accounts.map((AccountId) => all(paginateListPermissionSetsProvisionedToAccount({ client: ssoClient(ctx, target.region) }, { ...newest, AccountId }), (page) => page.PermissionSets)));
  return lists.every((sets) => sets.includes(target.id));
}

async function provision(ctx: AwsContext, target: Target, params: JsonObject): Promise<void> {
  const sso = ssoClient(ctx, target.region);
  await followed(
    `provisioning of ${target.name}`,
    async () => (await sso.send(new ProvisionPermissionSetCommand({ ...named(target, params), TargetType: 'ALL_PROVISIONED_ACCOUNTS' }))).PermissionSetProvisioningStatus,
    async (id) => (await sso.send(new DescribePermissionSetProvisioningStatusCommand({ InstanceArn: text(params, 'instanceArn'), ProvisionPermissionSetRequestId: id }))).PermissionSetProvisioningStatus,
  );
}
