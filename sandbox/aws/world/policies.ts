/** Policy documents of the sandbox's legitimate estate. */
type Document = { Version: '2012-10-17'; Statement: object[] };
const document = (...Statement: object[]): Document => ({ Version: '2012-10-17', Statement });

export const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
export const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

export const trustService = (service: string): Document => document({ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' });
export const trustPrincipal = (arn: string, externalId?: string): Document =>
  document({ Effect: 'Allow', Principal: { AWS: arn }, Action: 'sts:AssumeRole', ...(externalId ? { Condition: { StringEquals: { 'sts:ExternalId': externalId } } } : {}) });

export const publicRead = (bucket: string): Document => document({ Sid: 'WebsiteRead', Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` });

/** CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail". */
export const trailBucket = (bucket: string, account: string): Document =>
  document(
    { Sid: 'AclCheck', Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' }, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${bucket}` },
    { Sid: 'Write', Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' }, Action: 's3:PutObject', Resource: `arn:aws:s3:::${bucket}/AWSLogs/${account}/*`, Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } } },
  );

export const mayAssume = (...roles: string[]): Document => document({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roles });
export const deploy = (bucket: string): Document =>
  document({ Effect: 'Allow', Action: ['s3:PutObject', 's3:ListBucket'], Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`] }, { Effect: 'Allow', Action: ['lambda:UpdateFunctionCode', 'lambda:GetFunction'], Resource: '*' });
export const ordersTable = document({ Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: '*' });
