import {
  DescribeTrailsCommand, GetEventSelectorsCommand, type AdvancedEventSelector, type EventSelector,
} from '@aws-sdk/client-cloudtrail';
import { GetBucketAclCommand, GetBucketPolicyStatusCommand, GetPublicAccessBlockCommand, HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { textDetail } from '../../../../playbook/artifacts';
import type { JsonObject } from '../../../../playbook/json';
import type { Artifact } from '../../../../playbook/model/finding';
import type { AwsContext } from '../../context';
import { counted, merged, named, settled, withDetails } from '../artifact';
import { createReader, defineCheck, each, plain } from '../check';
import { partBefore, storageArtifacts } from '../storage-changes';
import { trail, type Trail } from '../trail';

type Reader = ReturnType<typeof createReader>;

/** 1.3.2: buckets made, opened or changed, whether they are public now, and whether downloads could be seen at all. */
export const storage = defineCheck(
  '1.3.2-storage',
  [
    'cloudtrail:LookupEvents', 'cloudtrail:DescribeTrails', 'cloudtrail:GetEventSelectors', 's3:GetBucketPolicyStatus', 's3:GetBucketAcl', 's3:GetBucketPublicAccessBlock', 's3:ListBucket',
  ],
  async (ctx, aCase) => {
    const seen = await trail(ctx, aCase);
    const reader = createReader();
    const all = settled(merged(storageArtifacts(seen.events, seen.partition)));
    const buckets = [...new Set(all.flatMap((one) => (textDetail(one, 'bucket') ? [`${one.account}|${one.region}|${textDetail(one, 'bucket')}`] : [])))];
    const states = new Map(await each(buckets, 4, async (key): Promise<[string, JsonObject]> => {
      const [account, region, bucket] = key.split('|') as [string, string, string];
      return [key, await publicity(ctx.access.clients(account, region).s3, bucket, reader, `${account}: bucket ${bucket}`)];
    }));
    const artifacts = await each(all, 4, async (artifact) => {
      const bucket = textDetail(artifact, 'bucket');
      const state = bucket ? states.get(`${artifact.account}|${artifact.region}|${bucket}`) : undefined;
      const now: JsonObject = state ? { exists: state.exists ?? null, publicNow: state.publicNow ?? null } : {};
      if (!bucket || artifact.how !== 'changed' || !['bucket-policy', 'bucket-acl', 'public-access-block'].includes(artifact.kind)) return withDetails(artifact, now);
      return withDetails(artifact, { ...now, ...(await before(seen, artifact, bucket)) });
    });
    const touched = aCase.alerts.filter((alert) => /^(GetObject|CopyObject|ListObjects(V2)?|DeleteObjects?|PutObject)$/.test(alert.event));
    const data = await dataEvents(ctx, seen, reader);
    const open = artifacts.filter((one) => one.details.publicNow === true);
    const notes = [
      data.recordedIn.length > 0
        ? `object reads are recorded by ${data.recordedIn.map((one) => `${one.trail} to bucket ${one.bucket}`).slice(0, 3).join(', ')}; event look-ups do not have them: read the logs there`
        : data.known ? 'object reads are not recorded by any trail: downloads cannot be seen' : 'it could not be seen whether object reads are recorded',
    ];
    return {
      found: artifacts.length > 0 || touched.length > 0,
      summary: artifacts.length > 0
        ? `${artifacts.length} storage changes (${counted(artifacts)}); ${new Set(open.map((one) => one.name)).size} buckets public now: ${named(artifacts)}`
        : touched.length > 0 ? `${touched.length} alerts on objects` : 'no bucket was made, opened or changed',
      artifacts, notes, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated,
      facts: {
        publicNow: [...new Set(open.map((one) => one.name))].slice(0, 50), madePublic: [...new Set(artifacts.filter((one) => one.details.madePublic === true).map((one) => one.name))].slice(0, 50),
        objectEvents: touched.length, dataEvents: { known: data.known, recordedIn: data.recordedIn },
      },
      records: seen.events.map((one) => one.record).filter((record) => record.eventSource === 's3.amazonaws.com' && record.readOnly !== true), raw: plain(Object.fromEntries(states)),
    };
  },
);

/** Public by policy or by access list, with the block taken into account (Amazon S3 User Guide: “The meaning of public”). */
async function publicity(s3: S3Client, bucket: string, reader: Reader, where: string): Promise<JsonObject> {
  const Bucket = bucket;
  const head = await reader.exists(`${where} s3:ListBucket`, () => s3.send(new HeadBucketCommand({ Bucket })));
  if (head.exists === false) return { exists: false, publicNow: false };
  const absent = async <T>(call: () => Promise<T>): Promise<T | null> => {
    try {
      return await call();
    } catch (error) {
      if (error instanceof Error && /^NoSuch(BucketPolicy|PublicAccessBlockConfiguration)$/.test(error.name)) return null;
      throw error;
    }
  };
  const [status, acl, block] = await Promise.all([
    reader.read(`${where} s3:GetBucketPolicyStatus`, async () => ({ value: await absent(() => s3.send(new GetBucketPolicyStatusCommand({ Bucket }))) })),
    reader.read(`${where} s3:GetBucketAcl`, () => s3.send(new GetBucketAclCommand({ Bucket }))),
    reader.read(`${where} s3:GetBucketPublicAccessBlock`, async () => ({ value: await absent(() => s3.send(new GetPublicAccessBlockCommand({ Bucket }))) })),
  ]);
  const config = block?.value?.PublicAccessBlockConfiguration;
  const byPolicy = status ? status.value?.PolicyStatus?.IsPublic === true : null;
  const byAcl = acl ? (acl.Grants ?? []).some((grant) => /\/global\/(AllUsers|AuthenticatedUsers)$/.test(grant.Grantee?.URI ?? '')) : null;
  const open = [byPolicy === null ? null : byPolicy && config?.RestrictPublicBuckets !== true, byAcl === null ? null : byAcl && config?.IgnorePublicAcls !== true];
  return { exists: head.exists, byPolicy, byAcl, block: plain(config ?? null), publicNow: open.includes(true) ? true : open.includes(null) ? null : false };
}

async function before(seen: Trail, artifact: Artifact, bucket: string): Promise<JsonObject> {
  const attackers = new Set(seen.events.filter((one) => one.attribution === 'attacker').map((one) => one.record.eventID));
  const history = await seen.historyOf(artifact.account, artifact.region ?? '', bucket, textDetail(artifact, 'time') ?? seen.to);
  return { ...partBefore(artifact.kind, history.filter((one) => one.errorCode === null && !attackers.has(one.eventID))) };
}

/** Which trails record S3 object events. */
async function dataEvents(ctx: AwsContext, seen: Trail, reader: Reader): Promise<{ known: boolean; recordedIn: { trail: string; bucket: string }[] }> {
  const { cloudtrail } = ctx.access.clients(seen.account);
  const trails = await reader.read(`${seen.account} cloudtrail:DescribeTrails`, () => cloudtrail.send(new DescribeTrailsCommand({})));
  if (!trails) return { known: false, recordedIn: [] };
  const answers = await each(trails.trailList ?? [], 3, async (one) => {
    const home = ctx.access.clients(seen.account, one.HomeRegion).cloudtrail;
    const found = await reader.exists(`${seen.account}/${one.HomeRegion} cloudtrail:GetEventSelectors`, () => home.send(new GetEventSelectorsCommand({ TrailName: one.TrailARN ?? one.Name })));
    return { one, known: found.exists !== null, records: recordsObjects(found.value?.EventSelectors, found.value?.AdvancedEventSelectors) };
  });
  return { known: answers.every((one) => one.known), recordedIn: answers.filter((one) => one.records).map(({ one }) => ({ trail: one.Name ?? '', bucket: one.S3BucketName ?? '' })) };
}

function recordsObjects(basic: EventSelector[] | undefined, advanced: AdvancedEventSelector[] | undefined): boolean {
  const reads = (basic ?? []).some((one) => one.ReadWriteType !== 'WriteOnly' && (one.DataResources ?? []).some((data) => data.Type === 'AWS::S3::Object' && (data.Values ?? []).length > 0));
  return reads || (advanced ?? []).some((one) => {
    const fields = one.FieldSelectors ?? [];
    return fields.some((field) => field.Field === 'resources.type' && field.Equals?.includes('AWS::S3::Object')) && !fields.some((field) => field.Field === 'readOnly' && field.Equals?.includes('false'));
  });
}
