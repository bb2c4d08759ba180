import { CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, DescribeImagesCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateDetectorCommand } from '@aws-sdk/client-guardduty';
import {
  AddRoleToInstanceProfileCommand, AddUserToGroupCommand, AttachGroupPolicyCommand, AttachUserPolicyCommand, CreateGroupCommand, CreateInstanceProfileCommand, CreatePolicyCommand, CreateRoleCommand, PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, DeletePublicAccessBlockCommand, PutBucketPolicyCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Clients } from '../clients';
import { makeUser } from './accounts';
import { deploy, ordersTable, publicRead, readOnly, trailBucket, trustPrincipal, trustService } from './policies';
import type { AwsWorld } from './types';
import { zipOf } from './zip';

/** What the production account runs before anybody attacks it. */
export async function makeEstate(account: string, at: (region: string) => Clients, regions: string[]): Promise<AwsWorld['names']> {
  const home = at(regions[0]!);
  const [identities, buckets] = await Promise.all([makeIdentities(home, account), makeBuckets(home, account)]);
  const [workload] = await Promise.all([makeWorkload(home, account, identities.appRole), makeTrail(home, buckets.logBucket), ...regions.map((region) => at(region).guardduty.send(new CreateDetectorCommand({ Enable: true })))]);
  return { ...identities, ...buckets, ...workload, trail: 'main-trail' };
}

async function makeIdentities(home: Clients, account: string): Promise<Pick<AwsWorld['names'], 'appRole' | 'syncRole' | 'auditorRole' | 'sharedPolicyArn' | 'sharedPolicyUser'>> {
  const { iam } = home;
  await iam.send(new CreateGroupCommand({ GroupName: 'finance' }));
  await iam.send(new AttachGroupPolicyCommand({ GroupName: 'finance', PolicyArn: readOnly }));
  await makeUser(home, 'omar.finance', { tags: { team: 'finance' } });
  await iam.send(new AddUserToGroupCommand({ GroupName: 'finance', UserName: 'omar.finance' }));
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'release-artifacts', PolicyDocument: JSON.stringify(deploy(`northwind-orders-${account}`)) }));
  await makeUser(home, 'release-bot', { tags: { team: 'platform' } });
  await iam.send(new AttachUserPolicyCommand({ UserName: 'release-bot', PolicyArn: Policy!.Arn }));
  await iam.send(new CreateRoleCommand({ RoleName: 'app-web', AssumeRolePolicyDocument: JSON.stringify(trustService('ec2.amazonaws.com')) }));
  await iam.send(new PutRolePolicyCommand({ RoleName: 'app-web', PolicyName: 'read-orders', PolicyDocument: JSON.stringify(ordersTable) }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'app-web' }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'app-web', RoleName: 'app-web' }));
  await iam.send(new CreateRoleCommand({ RoleName: 'orders-function', AssumeRolePolicyDocument: JSON.stringify(trustService('lambda.amazonaws.com')) }));
  await iam.send(new CreateRoleCommand({ RoleName: 'data-sync', AssumeRolePolicyDocument: JSON.stringify(trustPrincipal(`arn:aws:iam::${account}:root`)) }));
  await iam.send(new PutRolePolicyCommand({ RoleName: 'data-sync', PolicyName: 'read-orders', PolicyDocument: JSON.stringify(ordersTable) }));
  // A documented outside party: an auditor's own account, with an external id.
  await iam.send(new CreateRoleCommand({ RoleName: 'external-audit', AssumeRolePolicyDocument: JSON.stringify(trustPrincipal('arn:aws:iam::123456789012:root', 'audit-2026')) }));
  return { appRole: 'app-web', syncRole: 'data-sync', auditorRole: 'external-audit', sharedPolicyArn: Policy!.Arn!, sharedPolicyUser: 'release-bot' };
}

async function makeBuckets(home: Clients, account: string): Promise<Pick<AwsWorld['names'], 'websiteBucket' | 'ordersBucket' | 'logBucket'>> {
  const { s3 } = home;
  const websiteBucket = `northwind-website-${account}`;
  const ordersBucket = `northwind-orders-${account}`;
  const logBucket = `northwind-cloudtrail-${account}`;
  for (const Bucket of [websiteBucket, ordersBucket, logBucket]) await s3.send(new CreateBucketCommand({ Bucket }));
  // Public on purpose: it is the company's website.
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket: websiteBucket }));
  await s3.send(new PutBucketPolicyCommand({ Bucket: websiteBucket, Policy: JSON.stringify(publicRead(websiteBucket)) }));
  await s3.send(new PutObjectCommand({ Bucket: websiteBucket, Key: 'index.html', Body: '<h1>Northwind</h1>', ContentType: 'text/html' }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: ordersBucket, VersioningConfiguration: { Status: 'Enabled' } }));
  for (const month of ['2026-08', '2026-09', '2026-10']) await s3.send(new PutObjectCommand({ Bucket: ordersBucket, Key: `exports/${month}/orders.csv`, Body: `order,customer,total\n1,Chai & Co,${month.slice(-2)}00\n` }));
  await s3.send(new PutBucketPolicyCommand({ Bucket: logBucket, Policy: JSON.stringify(trailBucket(logBucket, account)) }));
  return { websiteBucket, ordersBucket, logBucket };
}

async function makeWorkload({ ec2, lambda }: Clients, account: string, appRole: string): Promise<Pick<AwsWorld['names'], 'webGroup' | 'webInstance' | 'ordersFunction'>> {
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'Web servers' }));
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'the website' }] }] }));
  const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'], MaxResults: 5 }));
  const { Instances } = await ec2.send(new RunInstancesCommand({
    ImageId: Images![0]!.ImageId, MinCount: 1, MaxCount: 1, InstanceType: 't3.small', SecurityGroupIds: [GroupId!], IamInstanceProfile: { Name: appRole },
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web-1' }] }],
  }));
  const { FunctionName } = await lambda.send(new CreateFunctionCommand({
    FunctionName: 'orders-export', Runtime: 'nodejs20.x', Handler: 'index.handler', Role: `arn:aws:iam::${account}:role/orders-function`, Code: { ZipFile: zipOf('index.js', 'exports.handler = async () => "ok";') },
  }));
  return { webGroup: GroupId!, webInstance: Instances![0]!.InstanceId!, ordersFunction: FunctionName! };
}

async function makeTrail({ cloudtrail }: Clients, bucket: string): Promise<void> {
  await cloudtrail.send(new CreateTrailCommand({ Name: 'main-trail', S3BucketName: bucket, IsMultiRegionTrail: true, IncludeGlobalServiceEvents: true, EnableLogFileValidation: true }));
  await cloudtrail.send(new StartLoggingCommand({ Name: 'main-trail' }));
}
