import {
  CreateTrailCommand, DeleteTrailCommand, GetEventSelectorsCommand, PutEventSelectorsCommand, StartLoggingCommand, UpdateTrailCommand, type CloudTrailClient,
} from '@aws-sdk/client-cloudtrail';
import { GetBucketPolicyCommand } from '@aws-sdk/client-s3';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { codeOf, fail, toFailure } from '../../boundary';
import { differences, readTrail, type TrailState, type WantedTrail } from '../contain/trail-state';
import type { AwsContext } from '../context';
import { defineAwsAction, type Verified } from '../define';
import { setting } from '../eradicate/bucket-state';
import { removed } from '../eradicate/support';
import { classifyAws } from '../errors';
import { principalsOf, statementsOf } from '../iam-read';

const wanted: WantedTrail = { multiRegion: true, globalEvents: true, validation: true, managementEvents: true };
const nameOf = (target: Target) => (target.id.startsWith('arn:') ? target.id : target.name);
const client = (ctx: AwsContext, target: Target): CloudTrailClient => ctx.access.clients(target.account, target.region).cloudtrail;
const holds = (trail: TrailState | null) => trail !== null && differences(trail, wanted).length === 0 && trail.deliveryError === '';

/**
 * Row 4.4. Target: the trail in its home region; made anew in `aws.trailBucket` when it does not exist.
 * An organization's trail (`params.own: false`) is looked at and not touched.
 */
export const protectTrail = defineAwsAction('aws.protect-trail', {
  permissions: [
    'cloudtrail:GetTrail', 'cloudtrail:GetTrailStatus', 'cloudtrail:GetEventSelectors', 'cloudtrail:CreateTrail', 'cloudtrail:AddTags', 'cloudtrail:UpdateTrail',
    'cloudtrail:PutEventSelectors', 'cloudtrail:StartLogging', 'cloudtrail:DeleteTrail', 's3:GetBucketPolicy',
  ],
  async plan(ctx, { target, params }) {
    if (params.own === false) return foreign(target, params);
    const trail = await readTrail(client(ctx, target), nameOf(target));
    if (!trail) {
      const bucket = bucketOf(ctx, target);
      const said = await bucketAccepts(ctx, target, bucket);
      return { needed: true, before: { trail: null }, change: [`make trail ${target.name} in ${target.region}: multi-region, log file validation, all management events, to bucket ${bucket}`, ...said] };
    }
    const change = differences(trail, wanted).map((line) => `trail ${target.name}: ${line}`);
    if (trail.deliveryError) change.push(`trail ${target.name} cannot deliver (${trail.deliveryError}): its bucket’s policy must let CloudTrail write, a person looks`);
    const selectors = await client(ctx, target).send(new GetEventSelectorsCommand({ TrailName: nameOf(target) }));
    const before = { trail, selectors: JSON.parse(JSON.stringify({ basic: selectors.EventSelectors ?? [], advanced: selectors.AdvancedEventSelectors ?? [] })) as JsonObject };
    return { needed: change.length > 0, before, change };
  },
  async apply(ctx, step) {
    const cloudtrail = client(ctx, step.target);
    const Name = nameOf(step.target);
    const flags = { IsMultiRegionTrail: true, IncludeGlobalServiceEvents: true, EnableLogFileValidation: true };
    const trail = await readTrail(cloudtrail, Name);
    if (!trail) {
      const TagsList = [{ Key: 'made-by', Value: 'tourniquet' }];
      await cloudtrail.send(new CreateTrailCommand({ Name: step.target.name, S3BucketName: bucketOf(ctx, step.target), ...flags, TagsList }));
    } else if (!trail.multiRegion || !trail.globalEvents || !trail.validation) {
      await cloudtrail.send(new UpdateTrailCommand({ Name, ...flags }));
    }
    if (trail && !trail.managementEvents) await selectManagement(cloudtrail, Name);
    if (!trail?.logging) await cloudtrail.send(new StartLoggingCommand({ Name }));
    return { done: trail ? differences(trail, wanted) : ['made', 'logging'] };
  },
  async verify(ctx, step): Promise<Verified> {
    const trail = await readTrail(client(ctx, step.target), nameOf(step.target));
    return { holds: holds(trail), seen: { trail } };
  },
  async undo(ctx, step): Promise<{ seen: JsonObject; left: string[] }> {
    const cloudtrail = client(ctx, step.target);
    const Name = nameOf(step.target);
    const before = step.before.trail as TrailState | null;
    if (!before) {
      await removed(cloudtrail.send(new DeleteTrailCommand({ Name })));
      return { seen: { deleted: step.target.name }, left: [] };
    }
    await cloudtrail.send(new UpdateTrailCommand({ Name, IsMultiRegionTrail: before.multiRegion, IncludeGlobalServiceEvents: before.globalEvents, EnableLogFileValidation: before.validation }));
    const left = before.logging && before.managementEvents ? [] : [`trail ${step.target.name} stays on with all management events: Tourniquet never turns an audit trail off`];
    return { seen: { trail: await readTrail(cloudtrail, Name) }, left };
  },
});

/** The member account sees the organization's trail and cannot change it. */
function foreign(target: Target, params: JsonObject) {
  if (params.multiRegion === true && params.validation === true) return { needed: false, before: { organizationTrail: target.id }, change: [] };
  throw fail('NOT_SUPPORTED', `${target.id} belongs to the organization and is not multi-region with log file validation: change it in the account that owns it`);
}

function bucketOf(ctx: AwsContext, target: Target): string {
  const bucket = ctx.access.config.trailBucket;
  if (!bucket) throw fail('NOT_SUPPORTED', `account ${target.account} has no trail, and no bucket for one is configured (aws.trailBucket)`);
  return bucket;
}

/** CloudTrail itself refuses a bucket that it may not write to; this says so before anybody approves. Returns what could not be seen. */
async function bucketAccepts(ctx: AwsContext, target: Target, bucket: string): Promise<string[]> {
  try {
    const policy = (await setting(ctx.access.clients(target.account, target.region).s3.send(new GetBucketPolicyCommand({ Bucket: bucket }))))?.Policy;
    const allowed = statementsOf(policy ? (JSON.parse(policy) as JsonObject) : null).some(
      (statement) => statement.Effect === 'Allow' && principalsOf(statement).includes('cloudtrail.amazonaws.com') && [statement.Action].flat().some((action) => /^s3:(PutObject|\*)$/i.test(String(action))),
    );
    if (!allowed) throw fail('INVALID_CONFIG', `aws.trailBucket ${bucket} has no policy that lets cloudtrail.amazonaws.com write (s3:PutObject)`);
    return [];
  } catch (error) {
    const failure = toFailure(error, classifyAws);
    // The bucket is often in a log archive account, where it cannot be read from here.
    if (codeOf(failure) === 'ACCESS_DENIED') return [`the policy of bucket ${bucket} could not be read from account ${target.account}: CloudTrail checks it`];
    throw failure;
  }
}

/** All management events, next to the data events that are selected already. */
async function selectManagement(cloudtrail: CloudTrailClient, TrailName: string): Promise<void> {
  const { AdvancedEventSelectors: advanced = [], EventSelectors: basic = [] } = await cloudtrail.send(new GetEventSelectorsCommand({ TrailName }));
  if (advanced.length > 0) {
    const data = advanced.filter((selector) => !selector.FieldSelectors?.some((field) => field.Field === 'eventCategory' && field.Equals?.includes('Management')));
    const management = { Name: 'Management events', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] };
    await cloudtrail.send(new PutEventSelectorsCommand({ TrailName, AdvancedEventSelectors: [management, ...data] }));
    return;
  }
  const data = basic.filter((selector) => (selector.DataResources ?? []).length > 0).map((selector) => ({ ...selector, IncludeManagementEvents: false, ExcludeManagementEventSources: [] }));
  const management = { ReadWriteType: 'All' as const, IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] };
  // A trail has five selectors at most (PutEventSelectors); then the first data selector takes the management events too.
  const EventSelectors = data.length < 5 ? [management, ...data] : [{ ...data[0]!, ReadWriteType: 'All' as const, IncludeManagementEvents: true }, ...data.slice(1)];
  await cloudtrail.send(new PutEventSelectorsCommand({ TrailName, EventSelectors }));
}
