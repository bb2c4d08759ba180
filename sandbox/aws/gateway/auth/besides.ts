import { Fault } from '../protocol/faults';
import type { Call } from '../protocol/request';
import { isObject, listOf, textOf } from '../protocol/shapes';
import type { Estate } from './estate';
import type { Target } from './targets';

const tagActions: Record<string, string> = { 'iam.CreateUser': 'TagUser', 'iam.CreateRole': 'TagRole', 'iam.CreatePolicy': 'TagPolicy', 'iam.CreateInstanceProfile': 'TagInstanceProfile', 'iam.CreateOpenIDConnectProvider': 'TagOpenIDConnectProvider', 'iam.CreateVirtualMFADevice': 'TagMFADevice' };

/** What a call needs besides its own permission: passing a role, tagging what it makes, reading what it copies (Service Authorization Reference, "Dependent actions"). */
export function besides(call: Call, own: Target[], estate: Estate, account: string): Target[] {
  const { service, operation, input } = call;
  const out: Target[] = [];
  const role = passedRole(call, estate, account);
  if (role) out.push({ action: 'iam:PassRole', resource: role, account });
  const tagged = listOf(input.Tags).length > 0 || (isObject(input.Tags) && Object.keys(input.Tags).length > 0);
  const tag = tagActions[`${service.name}.${operation.name}`];
  if (tag && tagged) out.push(...own.map((target) => ({ ...target, action: `iam:${tag}` })));
  if (tagged && operation.name.startsWith('Create') && (service.name === 'organizations' || service.name === 'guardduty')) {
    const made = service.name === 'organizations' ? `arn:aws:organizations::${account}:policy/o-sandbox/service_control_policy/p-sandbox` : `arn:aws:guardduty:${call.region}:${account}:detector/sandbox`;
    out.push({ action: `${service.name}:TagResource`, resource: made, account });
  }
  if (service.name === 'lambda' && operation.name === 'CreateFunction' && tagged) out.push(...own.map((target) => ({ ...target, action: 'lambda:TagResource' })));
  if (service.name === 'ec2') for (const one of listOf(input.TagSpecifications).filter(isObject)) {
    const kind = String(one.ResourceType);
    out.push({ action: 'ec2:CreateTags', resource: kind === 'snapshot' ? `arn:aws:ec2:${call.region}::snapshot/sandbox` : `arn:aws:ec2:${call.region}:${account}:${kind}/sandbox`, account });
  }
  if (service.name === 's3' && (operation.name === 'CopyObject' || operation.name === 'UploadPartCopy')) {
    const source = (textOf(input, 'CopySource') ?? '').replace(/^\//, '').split('?')[0]!;
    if (!/^[^/]+\/./.test(source)) throw new Fault('InvalidArgument', 'Invalid copy source object key');
    out.push({ action: 's3:GetObject', resource: `arn:aws:s3:::${source}`, account: estate.buckets.get(source.split('/')[0]!)?.account ?? account });
  }
  return out;
}

function passedRole({ service, operation, input }: Call, estate: Estate, account: string): string | null {
  if (service.name === 'lambda') return typeof input.Role === 'string' && input.Role.startsWith('arn:aws:iam::') ? input.Role : null;
  const profile = isObject(input.IamInstanceProfile) ? input.IamInstanceProfile : null;
  const name = profile ? (textOf(profile, 'Name') ?? textOf(profile, 'Arn')?.split('/').at(-1)) : operation.name === 'AddRoleToInstanceProfile' ? textOf(input, 'InstanceProfileName') : undefined;
  const roleName = operation.name === 'AddRoleToInstanceProfile' ? textOf(input, 'RoleName') : name ? estate.account(account).profiles.get(name) : undefined;
  return roleName ? (estate.account(account).roles.get(roleName)?.arn ?? `arn:aws:iam::${account}:role/${roleName}`) : null;
}

/** Reading or deleting one version is an action of its own in S3. */
export const versioned = (action: string, version: unknown): string => (typeof version === 'string' && (action === 'GetObject' || action === 'DeleteObject') ? `${action}Version` : action);
