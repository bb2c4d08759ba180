import { DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import { paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { GetBucketLocationCommand } from '@aws-sdk/client-s3';
import { objectDetail, textDetail } from '../../../playbook/artifacts';
import type { JsonObject } from '../../../playbook/json';
import type { Artifact } from '../../../playbook/model/finding';
import type { Proposal } from '../../../playbook/model/plan';
import type { AwsContext } from '../context';
import { all, orNull, texts } from '../eradicate/support';
import { lastFunctionName, trailWish } from './alert-artifacts';
import { accountOfArn, lastName, proposal, regional } from './targets';

const why = (artifact: Artifact): string => textDetail(artifact, 'why') ?? 'the attacker changed it';

/** Instances and functions that the attacker made or took over. Pure. */
export function proposeIsolation(artifacts: readonly Artifact[]): Proposal[] {
  return artifacts.filter((artifact) => artifact.how !== 'deleted' && artifact.how !== 'read' && artifact.details.exists !== false).flatMap((artifact) => {
    const { account, region, id, how } = artifact;
    if (artifact.kind === 'instance') return [proposal('aws.isolate-instance', regional('instance', account, region, id), why(artifact))];
    const taken = how === 'created' || ['code', 'configuration', 'url'].includes(textDetail(artifact, 'change') ?? '');
    if (artifact.kind === 'function' && taken) return [proposal('aws.isolate-function', regional('function', account, region, id, lastFunctionName(id)), why(artifact))];
    return [];
  });
}

/** The other instances of the same RunInstances: an alert keeps only the beginning of a long answer. Reads the reservations. */
export async function proposeReservations(ctx: AwsContext, artifacts: readonly Artifact[]): Promise<Proposal[]> {
  const started = new Map(artifacts.filter((artifact) => artifact.kind === 'instance' && textDetail(artifact, 'reservation')).map((artifact) => [textDetail(artifact, 'reservation')!, artifact]));
  const lists = await Promise.all(
    [...started].map(async ([id, artifact]) => {
      const { ec2 } = ctx.access.clients(artifact.account, artifact.region);
      const live = { Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] }] };
      const reservations = await all(paginateDescribeInstances({ client: ec2 }, live), (page) => page.Reservations);
      const ids = reservations.filter((one) => one.ReservationId === id).flatMap((one) => one.Instances ?? []).flatMap((instance) => instance.InstanceId ?? []);
      return ids.map((instance) => proposal('aws.isolate-instance', regional('instance', artifact.account, artifact.region, instance), why(artifact)));
    }),
  );
  return lists.flat();
}

/** Buckets whose access the attacker changed; one that is known to be closed again is left. Reads each bucket's region. */
export async function proposeBuckets(ctx: AwsContext, artifacts: readonly Artifact[]): Promise<Proposal[]> {
  const changed = artifacts.filter((artifact) => ['bucket-policy', 'bucket-acl', 'public-access-block'].includes(artifact.kind) && artifact.id.startsWith('arn:aws') && artifact.details.publicNow !== false);
  const byName = new Map(changed.map((artifact) => [textDetail(artifact, 'bucket') ?? artifact.name, artifact]));
  return Promise.all(
    [...byName].map(async ([name, artifact]) => {
      const region = await bucketRegion(ctx, artifact.account, name);
      return proposal('aws.close-public-bucket', regional('bucket', artifact.account, region, `arn:aws:s3:::${name}`, name), why(artifact));
    }),
  );
}

/** Null when the bucket is gone: the step then says so. An empty location is us-east-1, `EU` is eu-west-1 (S3 API: GetBucketLocation). */
async function bucketRegion(ctx: AwsContext, account: string, Bucket: string): Promise<string | null> {
  const found = await orNull(ctx.access.clients(account).s3.send(new GetBucketLocationCommand({ Bucket, ExpectedBucketOwner: account })));
  if (!found) return null;
  return found.LocationConstraint === undefined ? 'us-east-1' : found.LocationConstraint === 'EU' ? 'eu-west-1' : found.LocationConstraint;
}

/** Every trail that the attacker touched, and every other one of the account that does not log: what is dark is dark for us. Reads the trails. */
export async function proposeLogging(ctx: AwsContext, artifacts: readonly Artifact[]): Promise<Proposal[]> {
  const touched = artifacts.filter((artifact) => artifact.kind === 'trail' && ['stopped', 'deleted', 'updated', 'selectors'].includes(textDetail(artifact, 'change') ?? ''));
  const proposals: Proposal[] = [];
  for (const account of new Set(touched.map((artifact) => artifact.account))) {
    const trails = await trailsOf(ctx, account);
    for (const artifact of touched.filter((one) => one.account === account)) {
      const there = trails.find((trail) => trail.arn === artifact.id || trail.name === lastName(artifact.id));
      const change = textDetail(artifact, 'change') ?? '';
      const { wanted, unknown } = trailWishOf(artifact, change, ctx.access.config.trailBucket);
      const id = there?.arn ?? artifact.id;
      proposals.push(proposal('aws.restore-logging', regional('trail', accountOfArn(id) ?? account, there?.region ?? artifact.region, id), why(artifact), { wanted, unknown }));
    }
    for (const trail of trails.filter((one) => !one.logging)) {
      proposals.push(proposal('aws.restore-logging', regional('trail', accountOfArn(trail.arn) ?? account, trail.region, trail.arn), 'it does not log while the account is under attack', { wanted: {}, unknown: [] }));
    }
  }
  return proposals;
}

const members = ['multiRegion', 'globalEvents', 'validation', 'bucket', 'prefix', 'kmsKey', 'managementEvents'];

/** The investigation's answer (1.3.5, from the trail's history) where there is one, else what the alert's own request shows. */
function trailWishOf(artifact: Artifact, change: string, trailBucket: string | null): { wanted: JsonObject; unknown: string[] } {
  const known = objectDetail(artifact, 'wanted');
  if (!known) return trailWish(change, objectDetail(artifact, 'request') ?? {}, trailBucket);
  const wanted = Object.fromEntries(Object.entries(known).filter(([member, value]) => members.includes(member) && ['string', 'boolean'].includes(typeof value)));
  const unknown = texts(artifact.details, 'unknown');
  // CloudTrail answers with the key's ARN: an alias could never be compared.
  if (typeof wanted.kmsKey === 'string' && wanted.kmsKey.includes('alias/')) {
    delete wanted.kmsKey;
    unknown.push('kmsKey');
  }
  if (unknown.includes('bucket') && trailBucket) wanted.bucket = trailBucket;
  return { wanted, unknown };
}

async function trailsOf(ctx: AwsContext, account: string): Promise<{ arn: string; name: string; region: string; logging: boolean }[]> {
  const lists = await Promise.all(
    ctx.access.regions(account).map(async (region) => {
      const { cloudtrail } = ctx.access.clients(account, region);
      const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails: false }));
      return Promise.all(
        trailList.map(async (trail) => {
          const arn = trail.TrailARN ?? '';
          const status = await orNull(cloudtrail.send(new GetTrailStatusCommand({ Name: arn })));
          return { arn, name: trail.Name ?? '', region: trail.HomeRegion ?? region, logging: status?.IsLogging ?? false };
        }),
      );
    }),
  );
  return [...new Map(lists.flat().map((trail) => [trail.arn, trail])).values()];
}
