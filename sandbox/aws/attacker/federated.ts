import { CreateUserCommand } from '@aws-sdk/client-identitystore';
import { ListUsersCommand } from '@aws-sdk/client-iam';
import { AttachManagedPolicyToPermissionSetCommand, CreateAccountAssignmentCommand, CreatePermissionSetCommand, ListAccountAssignmentsCommand } from '@aws-sdk/client-sso-admin';
import { clientsFor } from '../clients';
import type { Keys } from '../control';
import type { Aws } from '../start';
import type { AwsWorld } from '../world';
import { waitFor } from '../../tools';
import { admin } from '../world/policies';
import { lookAround, plantUser } from './identities';
import { openGroup } from './resources';
import { during, hostile, patiently } from './tools';
import { nothing, type Attack, type Live } from './types';

/** Somebody whom another directory signs in: what that person has in Identity Center. */
export interface Federated {
  userId: string;
  userName: string;
  permissionSetArn: string;
  permissionSet: string;
  /** A session of a colleague in the same permission set. */
  colleague: Keys;
}

/** A user of Identity Center as a directory provisions it, assigned to production with an administrator’s permission set that a colleague has too. */
export async function federate(aws: Aws, world: AwsWorld, userName: string): Promise<Federated> {
  const top = clientsFor(aws.endpoint, aws.rootKeys(world.management.account));
  const { instanceArn, identityStoreId, account, userId: colleague, userName: colleagueName } = world.identityCenter;
  try {
    const [GivenName = userName, FamilyName = userName] = userName.split('.');
    const { UserId } = await top.identityStore.send(new CreateUserCommand({ IdentityStoreId: identityStoreId, UserName: userName, DisplayName: userName, Name: { GivenName, FamilyName } }));
    const { PermissionSet } = await top.ssoAdmin.send(new CreatePermissionSetCommand({ InstanceArn: instanceArn, Name: 'Platform', SessionDuration: 'PT1H' }));
    const permissionSetArn = PermissionSet!.PermissionSetArn!;
    await top.ssoAdmin.send(new AttachManagedPolicyToPermissionSetCommand({ InstanceArn: instanceArn, PermissionSetArn: permissionSetArn, ManagedPolicyArn: admin }));
    for (const PrincipalId of [UserId!, colleague]) await top.ssoAdmin.send(new CreateAccountAssignmentCommand({ InstanceArn: instanceArn, PermissionSetArn: permissionSetArn, PrincipalId, PrincipalType: 'USER', TargetId: account, TargetType: 'AWS_ACCOUNT' }));
    // The role that the set becomes is there after the lag.
    const session = await waitFor(() => aws.signIn({ instance: instanceArn, account, permissionSet: permissionSetArn, userId: colleague, userName: colleagueName }).catch(() => null), 20_000, () => new Error('nobody can sign in with the new permission set'));
    return { userId: UserId!, userName, permissionSetArn, permissionSet: 'Platform', colleague: session };
  } finally {
    top.close();
  }
}

/** Whether the person still has an assignment of the permission set in production. */
export async function isAssigned(aws: Aws, world: AwsWorld, { permissionSetArn, userId }: Federated): Promise<boolean> {
  const top = clientsFor(aws.endpoint, aws.rootKeys(world.management.account));
  try {
    const { AccountAssignments } = await top.ssoAdmin.send(new ListAccountAssignmentsCommand({ InstanceArn: world.identityCenter.instanceArn, PermissionSetArn: permissionSetArn, AccountId: world.identityCenter.account }));
    return (AccountAssignments ?? []).some((one) => one.PrincipalId === userId);
  } finally {
    top.close();
  }
}

/** Whoever has the person’s sign-in at the directory goes on into AWS: a session, and a user of the attacker’s own made with it. */
export async function enterFederated(aws: Aws, world: AwsWorld, who: Federated): Promise<Attack> {
  const { account } = world.production;
  const planted = nothing();
  const live: Live[] = [];
  const startedAt = new Date().toISOString();
  const { events } = await during(aws, async () => {
    const keys = await aws.signIn({ instance: world.identityCenter.instanceArn, account, permissionSet: who.permissionSetArn, userId: who.userId, userName: who.userName });
    const as = clientsFor(aws.endpoint, keys, { ...hostile, region: world.regions[0] });
    live.push({ what: `${who.userName}’s session in AWS`, keys, probe: (clients) => clients.iam.send(new ListUsersCommand({})) });
    await patiently('the session', () => lookAround(as));
    const backdoor = await plantUser(as, planted);
    const pivot = clientsFor(aws.endpoint, backdoor.keys, { ...hostile, region: world.regions[0] });
    await patiently('the planted key', () => backdoor.probe(pivot));
    pivot.close();
    live.push(backdoor);
    await openGroup(as, world.regions[0]!, world.names.webGroup, planted);
    as.close();
  });
  return { scenario: 'federated', account, principal: `${account}:sso:${who.userName}`, ...hostile, startedAt, events: events.filter((one) => one.account === account), finding: null, planted, live };
}
