import { CreateSnapshotCommand, paginateDescribeSnapshots, type EC2Client, type Snapshot } from '@aws-sdk/client-ec2';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../../boundary';
import { all } from './support';

export interface KeptSnapshot {
  snapshot: string;
  volume: string;
  state: string;
}

/** How long a snapshot is waited for; a pending one is a fixed point in time already (EC2 User Guide: “Create Amazon EBS snapshots”). */
const waitMs = 20_000;

/**
 * One snapshot of each volume, tagged with the incident; those of an earlier try are found again by their tag.
 * Throws EVIDENCE_UNAVAILABLE when one ends in error: the instance is not terminated then.
 */
export async function snapshotVolumes(ec2: EC2Client, volumes: readonly string[], incident: string, instance: string): Promise<KeptSnapshot[]> {
  if (volumes.length === 0) return [];
  const found = async (): Promise<Snapshot[]> =>
    all(
      paginateDescribeSnapshots({ client: ec2 }, { OwnerIds: ['self'], Filters: [{ Name: 'volume-id', Values: [...volumes] }, { Name: 'tag:tourniquet-incident', Values: [incident] }] }),
      (page) => page.Snapshots,
    );
  const known = (await found()).filter((one) => one.State !== 'error');
  for (const volume of volumes.filter((one) => !known.some((snapshot) => snapshot.VolumeId === one))) {
    await ec2.send(
      new CreateSnapshotCommand({
        VolumeId: volume,
        Description: `Evidence of ${incident}: ${volume} of ${instance}`,
        TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'tourniquet-incident', Value: incident }, { Key: 'tourniquet-instance', Value: instance }] }],
      }),
    );
  }
  for (const until = Date.now() + waitMs; ; await sleep(2_000)) {
    const now = await found();
    const best = volumes.map((volume) => pick(now.filter((one) => one.VolumeId === volume)));
    const bad = volumes.filter((_, index) => !best[index] || best[index].State === 'error');
    const pending = best.some((one) => one?.State === 'pending');
    if (bad.length > 0 && (!pending || Date.now() >= until)) throw fail('EVIDENCE_UNAVAILABLE', `no usable snapshot of ${bad.join(', ')}: ${instance} stays`);
    if (bad.length === 0 && (!pending || Date.now() >= until)) return best.map((one) => ({ snapshot: one?.SnapshotId ?? '', volume: one?.VolumeId ?? '', state: one?.State ?? '' }));
  }
}

const pick = (snapshots: readonly Snapshot[]): Snapshot | undefined =>
  snapshots.find((one) => one.State === 'completed') ?? snapshots.find((one) => one.State === 'pending') ?? snapshots[0];
