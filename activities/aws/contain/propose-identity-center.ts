import { GetUserIdCommand } from '@aws-sdk/client-identitystore';
import { DescribePermissionSetCommand, paginateListAccountAssignmentsForPrincipal, type AccountAssignmentForPrincipal } from '@aws-sdk/client-sso-admin';
import type { Alert } from '../../../playbook/model/alert';
import type { Proposal } from '../../../playbook/model/plan';
import type { Principal } from '../../../playbook/model/principal';
import { objectOf, textOf } from '../../../playbook/triage/reading';
import type { AwsContext } from '../context';
import { all, orNull } from '../eradicate/support';
import { findIdentityCenter, ssoClient, type IdentityCenter } from './identity-center';
import { proposal, regional } from './targets';

/** Row 2.1.2 for a person of Identity Center: own assignments go, and every permission set that lets the person in denies them. */
export async function proposeIdentityCenter(ctx: AwsContext, principal: Principal, alerts: readonly Alert[]): Promise<{ proposals: Proposal[]; left: string[] }> {
  const center = await findIdentityCenter(ctx);
  if (!center) return { proposals: [], left: [`${principal.name}: no IAM Identity Center instance in the configured regions of the management account`] };
  const userId = userIdOf(alerts) ?? (await findUserId(ctx, center, principal.name));
  if (!userId) return { proposals: [], left: [`${principal.name} is not in the identity store ${center.storeId}: contain the person at the identity provider`] };
  const sso = ssoClient(ctx, center.region);
  const pages = paginateListAccountAssignmentsForPrincipal({ client: sso }, { InstanceArn: center.instanceArn, PrincipalId: userId, PrincipalType: 'USER' });
  const assignments = await all(pages, (page) => page.AccountAssignments);
  const sets = new Map<string, string>();
  for (const PermissionSetArn of new Set(assignments.map((one) => one.PermissionSetArn ?? ''))) {
    const found = await orNull(sso.send(new DescribePermissionSetCommand({ InstanceArn: center.instanceArn, PermissionSetArn })));
    sets.set(PermissionSetArn, found?.PermissionSet?.Name ?? PermissionSetArn);
  }
  return { proposals: proposed(center, principal, userId, assignments, sets), left: [`end the access-portal sessions of ${principal.name} in the IAM Identity Center console (Users, Active sessions): no API does it`] };
}

function proposed(center: IdentityCenter, { name }: Principal, userId: string, assignments: readonly AccountAssignmentForPrincipal[], sets: ReadonlyMap<string, string>): Proposal[] {
  const { instanceArn, region, account } = center;
  const because = `${name} is the identity of the alerts`;
  const own = assignments.filter((one) => one.PrincipalType === 'USER').map((one) => {
    const set = one.PermissionSetArn ?? '';
    const target = regional('account-assignment', one.AccountId ?? '', region, `${set}/${userId}`, `${sets.get(set)} for ${name}`);
    return proposal('aws.remove-account-assignment', target, because, { instanceArn, permissionSetArn: set, userId });
  });
  const denies = [...sets].map(([set, setName]) => {
    const throughGroup = assignments.some((one) => one.PermissionSetArn === set && one.PrincipalType === 'GROUP');
    return proposal('aws.deny-permission-set', regional('permission-set', account, region, set, setName), because, { instanceArn, userId, throughGroup });
  });
  return [...own, ...denies];
}

/** CloudTrail says on whose behalf an Identity Center session acts (CloudTrail User Guide: “CloudTrail userIdentity element”, onBehalfOf). */
const userIdOf = (alerts: readonly Alert[]): string | null => alerts.map((alert) => textOf(objectOf(alert.facts.onBehalfOf).userId)).find((id) => id !== '') ?? null;

async function findUserId(ctx: AwsContext, center: IdentityCenter, userName: string): Promise<string | null> {
  const { identityStore } = ctx.access.clients(center.account, center.region);
  const unique = { UniqueAttribute: { AttributePath: 'userName', AttributeValue: userName } };
  return (await orNull(identityStore.send(new GetUserIdCommand({ IdentityStoreId: center.storeId, AlternateIdentifier: unique }))))?.UserId ?? null;
}
