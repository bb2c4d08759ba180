import type { NormalizedSchema } from '@smithy/core/schema';
import type { Call } from '../protocol/request';
import { isObject, lowerFirst, type Json } from '../protocol/shapes';

/** Members that CloudTrail leaves out of a record. */
const secret = new Set(['Password', 'NewPassword', 'OldPassword', 'SecretAccessKey', 'UserData', 'PrivateKey', 'KeyMaterial', 'Base32StringSeed', 'QRCodePNG', 'AuthenticationCode1', 'AuthenticationCode2', 'SecretString', 'SecretBinary', 'ZipFile']);

/** EC2's list members as its own event schema names them: `[list, item]`; a plain id becomes `{item: id}`. */
const ec2Lists: Record<string, [string, string | null]> = {
  InstanceIds: ['instancesSet', 'instanceId'], SecurityGroupIds: ['groupSet', 'groupId'], SecurityGroups: ['groupSet', 'groupName'], Groups: ['groupSet', 'groupId'], GroupIds: ['securityGroupIdSet', 'groupId'],
  GroupNames: ['securityGroupSet', 'groupName'], VolumeIds: ['volumeSet', 'volumeId'], SnapshotIds: ['snapshotSet', 'snapshotId'], VpcIds: ['vpcSet', 'vpcId'], SubnetIds: ['subnetSet', 'subnetId'], NetworkAclIds: ['networkAclIdSet', 'networkAclId'],
  ImageIds: ['imagesSet', 'imageId'], Resources: ['resourcesSet', 'resourceId'], Tags: ['tagSet', null], Filters: ['filterSet', null], Values: ['valueSet', 'value'], RegionNames: ['regionSet', 'regionName'],
  SecurityGroupRuleIds: ['securityGroupRuleIds', null], TagSpecifications: ['tagSpecificationSet', null], BlockDeviceMappings: ['blockDeviceMapping', null], UserIdGroupPairs: ['groups', null],
};
/** The lists of an IP permission are always there, empty as an object (seen in AuthorizeSecurityGroupIngress records). */
const permissionLists = ['groups', 'ipRanges', 'ipv6Ranges', 'prefixListIds'];

/** `requestParameters` of a record; null when there are none. */
export function requestParameters(call: Call): Json | null {
  const { service, input } = call;
  const shaped = service.name === 'ec2' ? ec2Request(call) : service.name === 's3' ? s3Request(call) : (plain(call.operation.input, input) as Json);
  return Object.keys(shaped).length ? shaped : null;
}

/** `responseElements` of a successful write; null for reads and for calls that answer nothing. */
export function responseElements(call: Call, output: Json): Json | null {
  if (call.service.name === 's3') return null;
  if (call.service.name === 'ec2') {
    const wire = call.operation.output.isUnitSchema() ? {} : (ec2Response(call.operation.output, output) as Json);
    return { requestId: call.raw.headers['x-sandbox-request-id'] ?? '', ...(Object.keys(wire).length ? wire : { _return: true }) };
  }
  if (call.operation.output.isUnitSchema()) return null;
  const shaped = plain(call.operation.output, output) as Json;
  return Object.keys(shaped).length ? shaped : null;
}

function plain(schema: NormalizedSchema, value: unknown): unknown {
  if (value instanceof Date) return spokenDate(value);
  if (Array.isArray(value)) return value.map((one) => plain(schema.isListSchema() ? schema.getValueSchema() : schema, one));
  if (!isObject(value)) return value;
  const out: Json = {};
  const members = schema.isStructSchema() ? schema.getMemberSchemas() : null;
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined || inner === null || secret.has(name)) continue;
    const member = members?.[name];
    out[members ? lowerFirst(name) : name] = member ? plain(member, inner) : inner;
  }
  return out;
}

/** `Aug 1, 2024 1:33:28 PM`, in UTC: how IAM and STS records write dates. */
export function spokenDate(date: Date): string {
  const day = date.toLocaleDateString('en-US', { month: 'short', day: 'numeric', year: 'numeric', timeZone: 'UTC' });
  return `${day} ${date.toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit', second: '2-digit', hour12: true, timeZone: 'UTC' }).replaceAll('\u202f', ' ')}`;
}

function ec2Request(call: Call): Json {
  const { input, operation } = call;
  if (operation.name === 'RunInstances') {
    const { ImageId, MinCount, MaxCount, KeyName, DryRun: _dry, ...rest } = input;
    const item = Object.fromEntries(Object.entries({ imageId: ImageId, minCount: MinCount, maxCount: MaxCount, keyName: KeyName }).filter(([, value]) => value !== undefined));
    return { instancesSet: { items: [item] }, blockDeviceMapping: {}, monitoring: { enabled: false }, disableApiTermination: false, ...(ec2Items(rest) as Json) };
  }
  return ec2Items(input) as Json;
}

function ec2Items(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (!isObject(value)) return value;
  const out: Json = {};
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined || secret.has(name)) continue;
    if (!Array.isArray(inner)) {
      out[lowerFirst(name)] = ec2Items(inner);
      continue;
    }
    const [list, item] = ec2Lists[name] ?? [lowerFirst(name), null];
    const items = inner.map((one) => (isObject(one) ? ec2Items(one) : item ? { [item]: one } : one));
    out[list] = items.length ? { items } : {};
  }
  if ('ipProtocol' in out) for (const list of permissionLists) out[list] ??= {};
  return out;
}

/** EC2 records its answers in the wire's own names: `instancesSet.items[]`. */
function ec2Response(schema: NormalizedSchema, value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return value.length ? { items: value.map((one) => ec2Response(schema.getValueSchema(), one)) } : {};
  if (!isObject(value) || !schema.isStructSchema()) return value;
  const out: Json = {};
  for (const [name, member] of schema.structIterator()) {
    const inner = value[name];
    if (inner === undefined || inner === null || secret.has(name)) continue;
    const wire = (member.getMergedTraits() as { xmlName?: string }).xmlName ?? lowerFirst(name);
    out[wire === 'return' ? '_return' : wire] = ec2Response(member, inner);
  }
  return out;
}

/** S3 names the bucket `bucketName`, echoes the sub-resource of the query, and gives policies as objects. */
function s3Request(call: Call): Json {
  const { input, raw, operation } = call;
  const out: Json = {};
  for (const [name, value] of Object.entries(raw.query)) if (name !== 'x-id') out[name] = value;
  if (typeof input.Bucket === 'string') {
    out.bucketName = input.Bucket;
    out.Host = `${input.Bucket}.s3.${call.region}.amazonaws.com`;
  }
  if (typeof input.Key === 'string') out.key = input.Key;
  for (const [header, value] of Object.entries(raw.headers)) if (header === 'x-amz-acl' || header.startsWith('x-amz-grant-')) out[header] = value;
  if (operation.name === 'PutBucketPolicy' && typeof input.Policy === 'string') {
    try {
      out.bucketPolicy = JSON.parse(input.Policy) as Json;
    } catch {
      out.bucketPolicy = input.Policy;
    }
  }
  for (const [name, value] of Object.entries(input)) if (isObject(value) && name !== 'Body') out[name] = value;
  return out;
}
