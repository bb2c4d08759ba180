import { GetUserIdCommand } from '@aws-sdk/client-identitystore';
import {
  CreateAccountAssignmentCommand, DeleteAccountAssignmentCommand, DescribeAccountAssignmentCreationStatusCommand, DescribeAccountAssignmentDeletionStatusCommand,
  paginateListAccountAssignmentsForPrincipal,
} from '@aws-sdk/client-sso-admin';
import type { Entitlement, GrantOrder, Looked } from '../../../playbook/jit/model';
import { fail } from '../../boundary';
import type { GrantExecutor } from '../../jit/executor';
import { findIdentityCenter, followed, ssoClient, type IdentityCenter } from '../contain/identity-center';
import { inlineOf, isProvisioned, provision, provisionedAccounts, putInline, type PermissionSet } from '../contain/permission-set';
import { cutOff } from '../contain/revoke-role-sessions';
import type { AwsContext } from '../context';
import { all, orNull } from '../eradicate/support';
import { refuseProtected } from '../protect';
import { alone } from './alone';
import { hasEnd, isBoxed, sessionsDenied, withEnd, withoutSessions, type Boxed } from './time-box';

type Assignment = Extract<Entitlement, { kind: 'aws-identity-center' }>;

interface Place {
  center: IdentityCenter;
  set: PermissionSet;
  account: string;
}

/**
 * An assignment of a permission set to the person's own user. Identity Center knows no assignment that ends, so the end is put into the permission set first,
 * as a deny by `identitystore:UserId` and time: with nobody left to remove the assignment it opens nothing any more.
 */
export const identityCenterExecutor: GrantExecutor<AwsContext> = {
  kind: 'aws-identity-center',
  permissions: [
    'sso:ListInstances', 'identitystore:GetUserId', 'sso:ListAccountAssignmentsForPrincipal', 'sso:CreateAccountAssignment', 'sso:DescribeAccountAssignmentCreationStatus',
    'sso:DeleteAccountAssignment', 'sso:DescribeAccountAssignmentDeletionStatus', 'sso:GetInlinePolicyForPermissionSet', 'sso:PutInlinePolicyToPermissionSet',
    'sso:ProvisionPermissionSet', 'sso:DescribePermissionSetProvisioningStatus', 'sso:ListAccountsForProvisionedPermissionSet', 'sso:ListPermissionSetsProvisionedToAccount',
  ],
  async look(ctx, order) {
    const place = await placeOf(ctx, order);
    const principal = await userIdOf(ctx, place.center, order);
    refuseProtected(ctx, { id: principal, name: order.person }, ...order.identities);
    return { principal, present: await isAssigned(ctx, place, principal) };
  },
  async give(ctx, order, before, until): Promise<Looked> {
    if (before.present) return { present: true, sessionsDead: false, seen: { standing: true } };
    const place = await placeOf(ctx, order);
    const who: Boxed = { userId: before.principal, account: place.account };
    refuseProtected(ctx, { id: before.principal, name: order.person }, ...order.identities);
    await rewrite(ctx, place, (policy) => withEnd(policy, who, until, ctx.now().getTime()));
    if (!(await isAssigned(ctx, place, before.principal))) await assign(ctx, place, before.principal);
    // The deny in force, and the person in: read back, both.
    const boxed = hasEnd(await inlineOf(ctx, place.set), who, until) && (await isProvisioned(ctx, place.set, [place.account]));
    const present = await isAssigned(ctx, place, before.principal);
    if (!boxed || !present) throw fail('NOT_IN_EFFECT', `the assignment is ${present ? 'there, its end is not' : 'not there yet'}`);
    return { present, sessionsDead: false, seen: { endsByItself: until } };
  },
  async end(ctx, order, before, since): Promise<Looked> {
    if (before.present) return { present: true, sessionsDead: true, seen: { standing: true } };
    const place = await placeOf(ctx, order);
    const who: Boxed = { userId: before.principal, account: place.account };
    const denySince = (from: string): Promise<void> =>
      rewrite(ctx, place, (policy) => (sessionsDenied(policy, who, from) && !isBoxed(policy, who) ? policy : withoutSessions(policy, who, cutOff(ctx.now()), ctx.now().getTime())));
    await denySince(since);
    await unassign(ctx, place, before.principal);
    // Sessions that were opened while the assignment went.
    await denySince(ctx.now().toISOString());
    return found(ctx, place, who, since);
  },
};

async function placeOf(ctx: AwsContext, order: GrantOrder): Promise<Place> {
  const { account, permissionSetArn } = order.entitlement as Assignment;
  const center = await findIdentityCenter(ctx);
  if (!center) throw fail('NOT_SUPPORTED', 'no IAM Identity Center instance in the configured regions of the management account');
  return { center, account, set: { region: center.region, instanceArn: center.instanceArn, arn: permissionSetArn, name: permissionSetArn.split('/').pop()! } };
}

/** The one Identity Center user among the person's identities; none, or two, is refused. */
async function userIdOf(ctx: AwsContext, center: IdentityCenter, order: GrantOrder): Promise<string> {
  const { identityStore } = ctx.access.clients(center.account, center.region);
  const names = order.identities.filter((identity) => !identity.startsWith('arn:'));
  const ids = await Promise.all(names.map(async (AttributeValue) => {
    const unique = { UniqueAttribute: { AttributePath: 'userName', AttributeValue } };
    return (await orNull(identityStore.send(new GetUserIdCommand({ IdentityStoreId: center.storeId, AlternateIdentifier: unique }))))?.UserId;
  }));
  const found = [...new Set(ids.filter((id) => id !== undefined))];
  if (found.length !== 1) throw fail('GRANT_REFUSED', `${order.person} is ${found.length === 0 ? 'no user' : 'more than one user'} of Identity Center (people[].identities names the user)`);
  return found[0]!;
}

/** Theirs, or through a group: either way the person is in. */
async function isAssigned(ctx: AwsContext, { set, account }: Place, userId: string): Promise<boolean> {
  const pages = paginateListAccountAssignmentsForPrincipal({ client: ssoClient(ctx, set.region) }, { InstanceArn: set.instanceArn, PrincipalId: userId, PrincipalType: 'USER', Filter: { AccountId: account } });
  return (await all(pages, (page) => page.AccountAssignments)).some((one) => one.PermissionSetArn === set.arn && one.AccountId === account);
}

/** The inline policy has no compare-and-set: one writer at a time here, and every caller reads back what it wanted. */
async function rewrite(ctx: AwsContext, { set, account }: Place, change: (policy: Awaited<ReturnType<typeof inlineOf>>) => Awaited<ReturnType<typeof inlineOf>>): Promise<void> {
  await alone(set.arn, async () => {
    const policy = await inlineOf(ctx, set);
    const wanted = change(policy);
    if (wanted !== policy) await putInline(ctx, set, wanted);
    const accounts = await provisionedAccounts(ctx, set);
    if (accounts.includes(account) && !(await isProvisioned(ctx, set, [account]))) await provision(ctx, set);
  });
}

const assignment = ({ set, account }: Place, userId: string) =>
  ({ InstanceArn: set.instanceArn, PermissionSetArn: set.arn, PrincipalId: userId, PrincipalType: 'USER', TargetId: account, TargetType: 'AWS_ACCOUNT' }) as const;

async function assign(ctx: AwsContext, place: Place, userId: string): Promise<void> {
  const sso = ssoClient(ctx, place.set.region);
  await followed(
    `the assignment in ${place.account}`,
    async () => (await sso.send(new CreateAccountAssignmentCommand(assignment(place, userId)))).AccountAssignmentCreationStatus,
    async (id) => (await sso.send(new DescribeAccountAssignmentCreationStatusCommand({ InstanceArn: place.set.instanceArn, AccountAssignmentCreationRequestId: id }))).AccountAssignmentCreationStatus,
  );
}

async function unassign(ctx: AwsContext, place: Place, userId: string): Promise<void> {
  if (!(await isAssigned(ctx, place, userId))) return;
  const sso = ssoClient(ctx, place.set.region);
  await followed(
    `the end of the assignment in ${place.account}`,
    async () => (await orNull(sso.send(new DeleteAccountAssignmentCommand(assignment(place, userId)))))?.AccountAssignmentDeletionStatus ?? { Status: 'SUCCEEDED' },
    async (id) => (await sso.send(new DescribeAccountAssignmentDeletionStatusCommand({ InstanceArn: place.set.instanceArn, AccountAssignmentDeletionRequestId: id }))).AccountAssignmentDeletionStatus,
  );
}

/** The last assignment takes the role with it; a role that others still use has to have the deny. */
async function found(ctx: AwsContext, place: Place, who: Boxed, since: string): Promise<Looked> {
  const [present, accounts, policy] = await Promise.all([isAssigned(ctx, place, who.userId), provisionedAccounts(ctx, place.set), inlineOf(ctx, place.set)]);
  const roleThere = accounts.includes(place.account);
  const denied = sessionsDenied(policy, who, since) && (!roleThere || (await isProvisioned(ctx, place.set, [place.account])));
  return { present, sessionsDead: denied, seen: { roleThere, denied } };
}
