import { DescribeInstancesCommand, type EC2Client, type Instance } from '@aws-sdk/client-ec2';
import type { Artifact } from '../../../../playbook/model/finding';
import { artifactOf, counted, merged, named, withDetails } from '../artifact';
import type { Attributed } from '../attribution';
import { createReader, defineCheck, each } from '../check';
import { items, object, text } from '../record';
import { trail } from '../trail';

/** Instances that were started or changed. RunInstances answers `instancesSet.items[]`; one event may start many. */
export function computeArtifacts(events: readonly Attributed[]): Artifact[] {
  return events.filter(({ record }) => record.errorCode === null && record.eventSource === 'ec2.amazonaws.com').flatMap((event): Artifact[] => {
    const { record } = event;
    const ids = (from: typeof record.request): string[] => items(from, 'instancesSet').map((one) => text(one, 'instanceId')).filter((id) => id !== null);
    switch (record.eventName) {
      case 'RunInstances':
        return items(record.response, 'instancesSet').flatMap((one) => {
          const id = text(one, 'instanceId');
          return id
            ? [artifactOf(event, { kind: 'instance', id, name: id, how: 'created', details: {
                type: text(one, 'instanceType') ?? text(record.request, 'instanceType'), imageId: text(one, 'imageId'),
                profile: text(object(one, 'iamInstanceProfile'), 'arn') ?? text(object(record.request, 'iamInstanceProfile'), 'name'),
              } })]
            : [];
        });
      case 'StartInstances':
      case 'StopInstances':
      case 'RebootInstances':
        return ids(record.request).map((id) => artifactOf(event, { kind: 'instance', id, name: id, how: 'changed', details: { change: record.eventName } }));
      case 'TerminateInstances':
        return ids(record.request).map((id) => artifactOf(event, { kind: 'instance', id, name: id, how: 'deleted' }));
      case 'ModifyInstanceAttribute':
      case 'AssociateIamInstanceProfile':
      case 'ModifyInstanceMetadataOptions': {
        const id = text(record.request, 'instanceId') ?? text(object(record.request, 'AssociateIamInstanceProfileRequest'), 'InstanceId');
        return id ? [artifactOf(event, { kind: 'instance', id, name: id, how: 'changed', details: { change: record.eventName } })] : [];
      }
      default:
        return [];
    }
  });
}

/** 1.3.1: instances that the attacker started (cryptomining), with their state now, in every region. */
export const compute = defineCheck('1.3.1-compute', ['cloudtrail:LookupEvents', 'ec2:DescribeInstances'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const reader = createReader();
  const own = merged(computeArtifacts(seen.events));
  const known = new Set(own.map((one) => one.id));
  // An instance that a finding names is looked at even when nobody of ours is seen to have touched it.
  const named_ = aCase.alerts.filter((alert) => alert.target?.kind === 'instance' && /^i-[0-9a-f]{8,17}$/.test(alert.target.id) && !known.has(alert.target.id)).map((alert): Artifact => ({
    provider: 'aws', account: alert.target!.account ?? alert.account, region: alert.region, kind: 'instance', id: alert.target!.id, name: alert.target!.id, attribution: 'unattributed', how: 'read',
    events: [], details: { why: `named by ${alert.event}; not seen to be the attacker’s own`, time: alert.time },
  }));
  const artifacts = await each([...own, ...new Map(named_.map((one) => [one.id, one])).values()], 5, async (artifact) => {
    const where = `${artifact.account}/${artifact.region ?? ''}`;
    const { value, exists } = await reader.exists(`${where} ec2:DescribeInstances`, () => readInstance(ctx.access.clients(artifact.account, artifact.region).ec2, artifact.id));
    if (!value) return withDetails(artifact, { exists });
    return withDetails(artifact, {
      exists: value.State?.Name !== 'terminated' && value.State?.Name !== 'shutting-down', state: value.State?.Name ?? null, type: value.InstanceType ?? artifact.details.type ?? null, imageId: value.ImageId ?? null,
      profile: value.IamInstanceProfile?.Arn ?? artifact.details.profile ?? null, publicIp: value.PublicIpAddress ?? null, vpc: value.VpcId ?? null, launchedAt: value.LaunchTime?.toISOString() ?? null,
    });
  });
  const attempts = seen.events.filter(({ record, attribution }) => record.eventName === 'RunInstances' && record.errorCode !== null && attribution === 'attacker');
  const running = artifacts.filter((one) => one.details.state === 'running' && one.attribution === 'attacker').length;
  return {
    found: artifacts.length > 0 || attempts.length > 0,
    summary: artifacts.length > 0 ? `${artifacts.length} instances (${counted(artifacts)}; ${running} of the attacker’s still running): ${named(artifacts)}` : attempts.length > 0 ? `${attempts.length} failed attempts to start instances` : 'no instance was started or changed',
    artifacts, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated,
    facts: { running, failedAttempts: attempts.length, types: [...new Set(artifacts.map((one) => String(one.details.type ?? 'unknown')))].slice(0, 20), regions: [...new Set(artifacts.map((one) => one.region))] },
    records: seen.events.map((one) => one.record).filter((record) => record.eventSource === 'ec2.amazonaws.com' && record.readOnly !== true),
  };
});

async function readInstance(ec2: EC2Client, id: string): Promise<Instance> {
  const found = (await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations?.[0]?.Instances?.[0];
  // Terminated machines vanish after about an hour.
  if (!found) throw Object.assign(new Error(`no instance ${id}`), { name: 'InvalidInstanceID.NotFound' });
  return found;
}
