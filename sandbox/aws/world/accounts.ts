import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, PutRolePolicyCommand, PutUserPolicyCommand, EnableOrganizationsRootCredentialsManagementCommand, EnableOrganizationsRootSessionsCommand } from '@aws-sdk/client-iam';
import { CreateAccountCommand, CreateOrganizationCommand, EnableAWSServiceAccessCommand, EnablePolicyTypeCommand, ListRootsCommand } from '@aws-sdk/client-organizations';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { Clients } from '../clients';
import type { Keys } from '../control';
import { mayAssume, trustPrincipal } from './policies';
import type { AwsWorld } from './types';

/** The organisation with its two accounts; SCPs and centralised root access may be used. */
export async function makeOrganization(root: Clients): Promise<{ organizationId: string; rootId: string; production: string }> {
  const { Organization } = await root.organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const { Roots } = await root.organizations.send(new ListRootsCommand({}));
  const rootId = Roots![0]!.Id!;
  await root.organizations.send(new EnablePolicyTypeCommand({ RootId: rootId, PolicyType: 'SERVICE_CONTROL_POLICY' }));
  for (const ServicePrincipal of ['iam.amazonaws.com', 'sso.amazonaws.com']) await root.organizations.send(new EnableAWSServiceAccessCommand({ ServicePrincipal }));
  // Centralised root access, so that a member's root credentials can be removed (IAM User Guide, "Centrally manage root access").
  await root.iam.send(new EnableOrganizationsRootCredentialsManagementCommand({}));
  await root.iam.send(new EnableOrganizationsRootSessionsCommand({}));
  const { CreateAccountStatus } = await root.organizations.send(new CreateAccountCommand({ AccountName: 'production', Email: 'aws-production@example.com' }));
  return { organizationId: Organization!.Id!, rootId, production: CreateAccountStatus!.AccountId! };
}

export const keysOf = (key: { AccessKeyId?: string; SecretAccessKey?: string } | undefined): Keys => ({ accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! });

export async function makeUser(clients: Clients, UserName: string, options: { policies?: string[]; tags?: Record<string, string>; path?: string } = {}): Promise<string> {
  const { User } = await clients.iam.send(new CreateUserCommand({ UserName, Path: options.path, Tags: Object.entries(options.tags ?? {}).map(([Key, Value]) => ({ Key, Value })) }));
  for (const PolicyArn of options.policies ?? []) await clients.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
  return User!.Arn!;
}

export async function makeKey(clients: Clients, UserName: string): Promise<Keys> {
  return keysOf((await clients.iam.send(new CreateAccessKeyCommand({ UserName }))).AccessKey);
}

export async function assume(clients: Clients, RoleArn: string, RoleSessionName: string, ExternalId?: string): Promise<Keys> {
  const { Credentials } = await clients.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName, ExternalId }));
  return { accessKeyId: Credentials!.AccessKeyId!, secretAccessKey: Credentials!.SecretAccessKey!, sessionToken: Credentials!.SessionToken! };
}

const roleName = 'TourniquetResponder';
const externalId = 'tourniquet-sandbox';

/** The responder role in each account, trusted to one user of the management account with an external id. */
export async function makeResponder(accounts: { account: string; clients: Clients }[], management: Clients, policy: object): Promise<AwsWorld['responder']> {
  const baseArn = await makeUser(management, 'tourniquet');
  const roleArns: Record<string, string> = {};
  for (const { account, clients } of accounts) {
    const { Role } = await clients.iam.send(new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument: JSON.stringify(trustPrincipal(baseArn, externalId)), MaxSessionDuration: 3600 }));
    await clients.iam.send(new PutRolePolicyCommand({ RoleName: roleName, PolicyName: 'TourniquetResponder', PolicyDocument: JSON.stringify(policy) }));
    roleArns[account] = Role!.Arn!;
  }
  await management.iam.send(new PutUserPolicyCommand({ UserName: 'tourniquet', PolicyName: 'AssumeResponder', PolicyDocument: JSON.stringify(mayAssume(...Object.values(roleArns))) }));
  return { base: await makeKey(management, 'tourniquet'), baseArn, roleName, roleArns, externalId };
}
