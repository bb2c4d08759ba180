import type { Call } from '../protocol/request';

/** Operations that CloudTrail names otherwise than the API does. Lambda's carry the API version (Lambda Developer Guide, "Logging with CloudTrail"); S3's are the bucket-level names of the S3 User Guide's event list. */
const names: Record<string, string> = {
  'lambda.CreateFunction': 'CreateFunction20150331', 'lambda.DeleteFunction': 'DeleteFunction20150331', 'lambda.UpdateFunctionCode': 'UpdateFunctionCode20150331v2',
  'lambda.UpdateFunctionConfiguration': 'UpdateFunctionConfiguration20150331v2', 'lambda.AddPermission': 'AddPermission20150331v2', 'lambda.RemovePermission': 'RemovePermission20150331v2',
  'lambda.GetFunction': 'GetFunction20150331v2', 'lambda.GetFunctionConfiguration': 'GetFunctionConfiguration20150331v2', 'lambda.ListFunctions': 'ListFunctions20150331', 'lambda.GetPolicy': 'GetPolicy20150331v2',
  'lambda.PutFunctionConcurrency': 'PutFunctionConcurrency20171031', 'lambda.DeleteFunctionConcurrency': 'DeleteFunctionConcurrency20171031', 'lambda.GetFunctionConcurrency': 'GetFunctionConcurrency20190930',
  'lambda.CreateEventSourceMapping': 'CreateEventSourceMapping20150331', 'lambda.UpdateEventSourceMapping': 'UpdateEventSourceMapping20150331', 'lambda.DeleteEventSourceMapping': 'DeleteEventSourceMapping20150331',
  'lambda.ListEventSourceMappings': 'ListEventSourceMappings20150331', 'lambda.TagResource': 'TagResource20170331v2', 'lambda.PublishVersion': 'PublishVersion20150331', 'lambda.CreateAlias': 'CreateAlias20150331',
  's3.PutPublicAccessBlock': 'PutBucketPublicAccessBlock', 's3.DeletePublicAccessBlock': 'DeleteBucketPublicAccessBlock', 's3.GetPublicAccessBlock': 'GetBucketPublicAccessBlock',
};

export const eventNameOf = (call: Call): string => names[`${call.service.name}.${call.operation.name}`] ?? call.operation.name;

/** Data events: a trail records them only when its selectors ask; LookupEvents never has them (CloudTrail User Guide, "Logging data events"). */
const objectCalls = new Set(['GetObject', 'PutObject', 'DeleteObject', 'DeleteObjects', 'HeadObject', 'CopyObject', 'ListObjects', 'ListObjectsV2', 'ListObjectVersions', 'UploadPart', 'UploadPartCopy', 'CreateMultipartUpload', 'CompleteMultipartUpload', 'AbortMultipartUpload', 'ListParts', 'ListMultipartUploads', 'GetObjectAcl', 'PutObjectAcl', 'GetObjectTagging', 'PutObjectTagging', 'GetObjectAttributes', 'HeadBucket']);
export const isDataEvent = (service: string, operation: string): boolean => (service === 's3' && objectCalls.has(operation)) || (service === 'lambda' && operation.startsWith('Invoke'));

export const isReadOnly = (service: string, operation: string): boolean =>
  /^(Get|List|Describe|Lookup|Search|Head|Simulate|Generate|BatchGet|Filter|View|Check|Decode|Preview|Validate)/.test(operation) || (service === 'sts' && operation.startsWith('Assume'));

/** Lookup attributes and the record's own resources: which members name a resource of which type. */
const resourceMembers: [string, string, string][] = [
  ['iam', 'UserName', 'AWS::IAM::User'], ['iam', 'RoleName', 'AWS::IAM::Role'], ['iam', 'GroupName', 'AWS::IAM::Group'], ['iam', 'PolicyArn', 'AWS::IAM::Policy'], ['iam', 'AccessKeyId', 'AWS::IAM::AccessKey'],
  ['s3', 'Bucket', 'AWS::S3::Bucket'], ['ec2', 'GroupId', 'AWS::EC2::SecurityGroup'], ['ec2', 'InstanceId', 'AWS::EC2::Instance'], ['ec2', 'InstanceIds', 'AWS::EC2::Instance'], ['ec2', 'NetworkAclId', 'AWS::EC2::NetworkAcl'],
  ['lambda', 'FunctionName', 'AWS::Lambda::Function'], ['cloudtrail', 'Name', 'AWS::CloudTrail::Trail'], ['cloudtrail', 'TrailName', 'AWS::CloudTrail::Trail'], ['sts', 'RoleArn', 'AWS::IAM::Role'], ['guardduty', 'DetectorId', 'AWS::GuardDuty::Detector'],
];

export function resourcesOf(call: Call, output: Record<string, unknown>): { ResourceType: string; ResourceName: string }[] {
  const found: { ResourceType: string; ResourceName: string }[] = [];
  const add = (type: string, value: unknown): void => {
    for (const one of Array.isArray(value) ? value : [value]) if (typeof one === 'string' && !found.some((known) => known.ResourceName === one)) found.push({ ResourceType: type, ResourceName: one });
  };
  for (const [service, member, type] of resourceMembers) if (service === call.service.name) add(type, call.input[member]);
  if (call.service.name === 'ec2' && call.operation.name === 'RunInstances') for (const instance of (output.Instances as { InstanceId?: string }[] | undefined) ?? []) add('AWS::EC2::Instance', instance.InstanceId);
  if (call.service.name === 'iam' && call.operation.name === 'CreateAccessKey') add('AWS::IAM::AccessKey', (output.AccessKey as { AccessKeyId?: string } | undefined)?.AccessKeyId);
  return found;
}
