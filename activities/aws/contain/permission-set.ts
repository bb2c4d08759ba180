import {
  DeleteInlinePolicyFromPermissionSetCommand, DescribePermissionSetProvisioningStatusCommand, GetInlinePolicyForPermissionSetCommand, paginateListAccountsForProvisionedPermissionSet,
  paginateListPermissionSetsProvisionedToAccount, ProvisionPermissionSetCommand, PutInlinePolicyToPermissionSetCommand,
} from '@aws-sdk/client-sso-admin';
import type { JsonObject } from '../../../playbook/json';
import type { AwsContext } from '../context';
import { all } from '../eradicate/support';
import { followed, ssoClient } from './identity-center';

/** A permission set of Identity Center; `region` is the instance's. */
export interface PermissionSet {
  region: string | null;
  instanceArn: string;
  arn: string;
  name: string;
}

const named = ({ instanceArn, arn }: PermissionSet) => ({ InstanceArn: instanceArn, PermissionSetArn: arn });

/** The set's inline policy, or null. */
export async function inlineOf(ctx: AwsContext, set: PermissionSet): Promise<JsonObject | null> {
  const { InlinePolicy: inline } = await ssoClient(ctx, set.region).send(new GetInlinePolicyForPermissionSetCommand(named(set)));
  return inline ? (JSON.parse(inline) as JsonObject) : null;
}

/** Null takes it away. */
export async function putInline(ctx: AwsContext, set: PermissionSet, policy: JsonObject | null): Promise<void> {
  const sso = ssoClient(ctx, set.region);
  if (policy) await sso.send(new PutInlinePolicyToPermissionSetCommand({ ...named(set), InlinePolicy: JSON.stringify(policy) }));
  else await sso.send(new DeleteInlinePolicyFromPermissionSetCommand(named(set)));
}

export function provisionedAccounts(ctx: AwsContext, set: PermissionSet): Promise<string[]> {
  return all(paginateListAccountsForProvisionedPermissionSet({ client: ssoClient(ctx, set.region) }, named(set)), (page) => page.AccountIds);
}

/** The set's newest form is what the accounts have: only then does a deny in it bind anybody. */
export async function isProvisioned(ctx: AwsContext, set: PermissionSet, accounts: readonly string[]): Promise<boolean> {
  const newest = { InstanceArn: set.instanceArn, ProvisioningStatus: 'LATEST_PERMISSION_SET_PROVISIONED' } as const;
  const lists = await Promise.all(accounts.map((AccountId) => all(paginateListPermissionSetsProvisionedToAccount({ client: ssoClient(ctx, set.region) }, { ...newest, AccountId }), (page) => page.PermissionSets)));
  return lists.every((sets) => sets.includes(set.arn));
}

export async function provision(ctx: AwsContext, set: PermissionSet): Promise<void> {
  const sso = ssoClient(ctx, set.region);
  await followed(
    `provisioning of ${set.name}`,
    async () => (await sso.send(new ProvisionPermissionSetCommand({ ...named(set), TargetType: 'ALL_PROVISIONED_ACCOUNTS' }))).PermissionSetProvisioningStatus,
    async (id) => (await sso.send(new DescribePermissionSetProvisioningStatusCommand({ InstanceArn: set.instanceArn, ProvisionPermissionSetRequestId: id }))).PermissionSetProvisioningStatus,
  );
}
