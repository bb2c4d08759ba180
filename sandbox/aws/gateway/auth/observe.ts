import { isObject, textOf, type Json } from '../protocol/shapes';
import type { Credentials } from './credentials';
import type { AccountIam, Entity, Estate, Role, User } from './estate';

export interface Observed {
  estate: Estate;
  credentials: Credentials;
  account: string;
  input: Json;
  output: Json;
  now: number;
}

type Change = (iam: AccountIam, seen: Observed) => void;

const document = (text: unknown): object => {
  if (typeof text !== 'string') return {};
  const plain = text.startsWith('%7B') ? decodeURIComponent(text) : text;
  return JSON.parse(plain) as object;
};
const entity = (shape: Json, name: string, id: string, now: number): Entity => ({
  name: String(shape[name]), path: textOf(shape, 'Path') ?? '/', arn: String(shape.Arn), id: String(shape[id]),
  inline: new Map(), attached: new Set(), boundary: null, createdAt: now,
});
const shape = (output: Json, key: string): Json => (isObject(output[key]) ? output[key] : {});

type Holder = 'users' | 'roles' | 'groups';
const names: Record<Holder, string> = { users: 'UserName', roles: 'RoleName', groups: 'GroupName' };
const holder = (iam: AccountIam, kind: Holder, input: Json): Entity | undefined => iam[kind].get(textOf(input, names[kind]) ?? '');

const put = (kind: Holder): Change => (iam, { input }) => void holder(iam, kind, input)?.inline.set(String(input.PolicyName), document(input.PolicyDocument));
const unput = (kind: Holder): Change => (iam, { input }) => void holder(iam, kind, input)?.inline.delete(String(input.PolicyName));
const attach = (kind: Holder): Change => (iam, { input }) => void holder(iam, kind, input)?.attached.add(String(input.PolicyArn));
const detach = (kind: Holder): Change => (iam, { input }) => void holder(iam, kind, input)?.attached.delete(String(input.PolicyArn));
const bound = (kind: Holder): Change => (iam, { input }) => {
  const found = holder(iam, kind, input);
  if (found) found.boundary = textOf(input, 'PermissionsBoundary') ?? null;
};

/** What each successful IAM call changes for authorisation (IAM API reference, one action page each). */
export const iamChanges: Record<string, Change> = {
  CreateUser: (iam, { input, output, now }) => {
    const made: User = { ...entity(shape(output, 'User'), 'UserName', 'UserId', now), groups: new Set(), boundary: textOf(input, 'PermissionsBoundary') ?? null };
    iam.users.set(made.name, made);
  },
  DeleteUser: (iam, { input }) => void iam.users.delete(String(input.UserName)),
  UpdateUser: (iam, { input }) => {
    const user = iam.users.get(String(input.UserName));
    if (!user) return;
    iam.users.delete(user.name);
    if (textOf(input, 'NewPath')) user.path = String(input.NewPath);
    if (textOf(input, 'NewUserName')) user.name = String(input.NewUserName);
    user.arn = user.arn.replace(/user\/.*/, `user${user.path}${user.name}`);
    iam.users.set(user.name, user);
  },
  CreateGroup: (iam, { output, now }) => {
    const made = entity(shape(output, 'Group'), 'GroupName', 'GroupId', now);
    iam.groups.set(made.name, made);
  },
  DeleteGroup: (iam, { input }) => void iam.groups.delete(String(input.GroupName)),
  AddUserToGroup: (iam, { input }) => void iam.users.get(String(input.UserName))?.groups.add(String(input.GroupName)),
  RemoveUserFromGroup: (iam, { input }) => void iam.users.get(String(input.UserName))?.groups.delete(String(input.GroupName)),
  CreateRole: (iam, { input, output, now }) => {
    const made: Role = { ...entity(shape(output, 'Role'), 'RoleName', 'RoleId', now), trust: document(input.AssumeRolePolicyDocument), boundary: textOf(input, 'PermissionsBoundary') ?? null };
    iam.roles.set(made.name, made);
  },
  DeleteRole: (iam, { input }) => void iam.roles.delete(String(input.RoleName)),
  UpdateAssumeRolePolicy: (iam, { input }) => {
    const role = iam.roles.get(String(input.RoleName));
    if (role) role.trust = document(input.PolicyDocument);
  },
  PutUserPolicy: put('users'), DeleteUserPolicy: unput('users'), AttachUserPolicy: attach('users'), DetachUserPolicy: detach('users'),
  PutRolePolicy: put('roles'), DeleteRolePolicy: unput('roles'), AttachRolePolicy: attach('roles'), DetachRolePolicy: detach('roles'),
  PutGroupPolicy: put('groups'), DeleteGroupPolicy: unput('groups'), AttachGroupPolicy: attach('groups'), DetachGroupPolicy: detach('groups'),
  PutUserPermissionsBoundary: bound('users'), DeleteUserPermissionsBoundary: bound('users'),
  PutRolePermissionsBoundary: bound('roles'), DeleteRolePermissionsBoundary: bound('roles'),
  AddRoleToInstanceProfile: (iam, { input }) => void iam.profiles.set(String(input.InstanceProfileName), String(input.RoleName)),
  RemoveRoleFromInstanceProfile: (iam, { input }) => void iam.profiles.delete(String(input.InstanceProfileName)),
  CreatePolicy: (iam, { input, output }) => {
    const arn = String(shape(output, 'Policy').Arn);
    iam.policies.set(arn, { arn, versions: new Map([['v1', document(input.PolicyDocument)]]), current: 'v1', next: 2 });
  },
  DeletePolicy: (iam, { input }) => void iam.policies.delete(String(input.PolicyArn)),
  CreatePolicyVersion: (iam, { input, output }) => {
    const policy = iam.policies.get(String(input.PolicyArn));
    if (!policy) return;
    const version = String(shape(output, 'PolicyVersion').VersionId ?? `v${policy.next}`);
    policy.next += 1;
    policy.versions.set(version, document(input.PolicyDocument));
    if (input.SetAsDefault === true) policy.current = version;
  },
  SetDefaultPolicyVersion: (iam, { input }) => {
    const policy = iam.policies.get(String(input.PolicyArn));
    if (policy) policy.current = String(input.VersionId);
  },
  DeletePolicyVersion: (iam, { input }) => void iam.policies.get(String(input.PolicyArn))?.versions.delete(String(input.VersionId)),
  CreateAccessKey: (iam, { credentials, account, input, output }) => {
    const key = shape(output, 'AccessKey');
    const name = textOf(key, 'UserName') ?? textOf(input, 'UserName') ?? '';
    const user = iam.users.get(name);
    if (!user) return;
    credentials.add({
      accessKeyId: String(key.AccessKeyId), secret: String(key.SecretAccessKey), token: null, issuedAt: null, expiresAt: null, mfa: false, sessionToken: false, sessionPolicies: [],
      identity: { kind: 'user', account, name, id: user.id },
    });
  },
  UpdateAccessKey: (_iam, { credentials, input }) => credentials.setStatus(String(input.AccessKeyId), input.Status === 'Active' ? 'Active' : 'Inactive'),
  DeleteAccessKey: (_iam, { credentials, input }) => credentials.remove(String(input.AccessKeyId)),
};

/** What each successful Organizations call changes for service control policies. */
export const organizationChanges: Record<string, (seen: Observed) => void> = {
  CreateOrganization: ({ estate, output, account }) => {
    estate.organization.management = account;
    estate.organization.id = textOf(shape(output, 'Organization'), 'Id') ?? null;
  },
  CreateAccount: ({ estate, output }) => {
    const id = textOf(shape(output, 'CreateAccountStatus'), 'AccountId');
    if (id) estate.account(id);
  },
  CreateOrganizationalUnit: ({ estate, input, output }) => void estate.organization.parents.set(String(shape(output, 'OrganizationalUnit').Id), String(input.ParentId)),
  MoveAccount: ({ estate, input }) => void estate.organization.parents.set(String(input.AccountId), String(input.DestinationParentId)),
  CreatePolicy: ({ estate, input, output }) => {
    const summary = shape(shape(output, 'Policy'), 'PolicySummary');
    if (input.Type === 'SERVICE_CONTROL_POLICY') estate.organization.documents.set(String(summary.Id), document(input.Content));
  },
  UpdatePolicy: ({ estate, input }) => {
    if (estate.organization.documents.has(String(input.PolicyId)) && typeof input.Content === 'string') estate.organization.documents.set(String(input.PolicyId), document(input.Content));
  },
  DeletePolicy: ({ estate, input }) => void estate.organization.documents.delete(String(input.PolicyId)),
  AttachPolicy: ({ estate, input }) => {
    const { organization } = estate;
    if (!organization.documents.has(String(input.PolicyId)) && input.PolicyId !== 'p-FullAWSAccess') return;
    const target = String(input.TargetId);
    organization.attached.set(target, new Set([...(organization.attached.get(target) ?? ['p-FullAWSAccess']), String(input.PolicyId)]));
  },
  DetachPolicy: ({ estate, input }) => {
    const { organization } = estate;
    const target = String(input.TargetId);
    const left = new Set(organization.attached.get(target) ?? ['p-FullAWSAccess']);
    left.delete(String(input.PolicyId));
    organization.attached.set(target, left);
  },
  RegisterDelegatedAdministrator: ({ estate, input }) => void estate.organization.delegatedAdmins.add(String(input.AccountId)),
  DeregisterDelegatedAdministrator: ({ estate, input }) => void estate.organization.delegatedAdmins.delete(String(input.AccountId)),
};

/** What each successful S3 call changes for authorisation and ownership. S3 policies take effect at once. */
export const s3Changes: Record<string, (seen: Observed & { region: string }) => void> = {
  CreateBucket: ({ estate, account, input, region }) => void estate.buckets.set(String(input.Bucket), { account, region, policy: null, block: { policy: true, restrict: true } }),
  DeleteBucket: ({ estate, input }) => void estate.buckets.delete(String(input.Bucket)),
  PutBucketPolicy: ({ estate, input }) => {
    const bucket = estate.buckets.get(String(input.Bucket));
    if (bucket) bucket.policy = document(input.Policy);
  },
  DeleteBucketPolicy: ({ estate, input }) => {
    const bucket = estate.buckets.get(String(input.Bucket));
    if (bucket) bucket.policy = null;
  },
  PutPublicAccessBlock: ({ estate, input }) => {
    const bucket = estate.buckets.get(String(input.Bucket));
    const wanted = shape(input, 'PublicAccessBlockConfiguration');
    if (bucket) bucket.block = { policy: wanted.BlockPublicPolicy === true, restrict: wanted.RestrictPublicBuckets === true };
  },
  DeletePublicAccessBlock: ({ estate, input }) => {
    const bucket = estate.buckets.get(String(input.Bucket));
    if (bucket) bucket.block = { policy: false, restrict: false };
  },
};

export function observe(service: string, operation: string, seen: Observed & { region: string }): void {
  if (service === 'iam') {
    const change = iamChanges[operation];
    if (change) seen.estate.later(() => change(seen.estate.account(seen.account), seen));
  } else if (service === 'organizations') organizationChanges[operation]?.(seen);
  else if (service === 's3') s3Changes[operation]?.(seen);
}

/** Operations whose answer must be read for the view above. */
export const readsOutput = (service: string, operation: string): boolean =>
  (service === 'iam' && operation in iamChanges) || (service === 'organizations' && operation in organizationChanges);

