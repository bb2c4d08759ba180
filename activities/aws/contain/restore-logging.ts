import { CreateTrailCommand, PutEventSelectorsCommand, StartLoggingCommand, UpdateTrailCommand, type CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { objectDetail } from '../../../playbook/artifacts';
import type { JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction, type Verified } from '../define';
import { texts } from '../eradicate/support';
import { differences, labels, readTrail, type WantedTrail } from './trail-state';

/**
 * Row 2.1.5. Target: a trail in its home region; `params.wanted`: the members that the attacker changed, as they were or must be (see WantedTrail);
 * `params.unknown`: members whose former value nobody recorded, said to a person. A deleted trail is made again.
 */
export const restoreLogging = defineAwsAction('aws.restore-logging', {
  permissions: [
    'cloudtrail:GetTrail', 'cloudtrail:GetTrailStatus', 'cloudtrail:GetEventSelectors', 'cloudtrail:StartLogging', 'cloudtrail:UpdateTrail', 'cloudtrail:PutEventSelectors', 'cloudtrail:CreateTrail',
  ],
  async plan(ctx, { target, params }) {
    const now = await readTrail(client(ctx, target), nameOf(target));
    const wanted = wantedOf(params);
    const unknown = texts(params, 'unknown').filter((member) => !(member in wanted)).map((member) => `  ${labels[member as keyof WantedTrail] ?? member} as it was is not known: compare with your own records`);
    if (!now) {
      const bucket = destination(ctx, wanted, target);
      return { needed: true, before: { trail: null }, change: [`make trail ${target.name} again: multi-region, with log file validation, to bucket ${bucket}`, 'start logging', ...unknown] };
    }
    const change = differences(now, wanted);
    return { needed: change.length > 0, before: { trail: now }, change: change.length > 0 ? [...change.map((line) => `trail ${target.name}: ${line}`), ...unknown] : [] };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const { target } = step;
    const cloudtrail = client(ctx, target);
    const wanted = wantedOf(step.params);
    const now = await readTrail(cloudtrail, nameOf(target));
    if (!now) await recreate(ctx, cloudtrail, target, wanted);
    else if (differences({ ...now, logging: true }, { ...wanted, managementEvents: undefined }).length > 0) await update(cloudtrail, target, wanted);
    if (wanted.managementEvents && now?.managementEvents === false) {
      await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: nameOf(target), EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [] }] }));
    }
    if (!now?.logging) await cloudtrail.send(new StartLoggingCommand({ Name: nameOf(target) }));
    return { done: now ? differences(now, wanted) : ['made again', 'logging'] };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    const now = await readTrail(client(ctx, target), nameOf(target));
    return { holds: now !== null && differences(now, wantedOf(params)).length === 0, seen: { trail: now } };
  },
  async undo(ctx, step: Step) {
    const now = await readTrail(client(ctx, step.target), nameOf(step.target));
    return { seen: { trail: now }, left: [`trail ${step.target.name} stays on: Tourniquet never turns an audit trail off; its state before is in the plan`] };
  },
});

/** By ARN where there is one: a name alone means a trail of the caller's own region. */
const nameOf = (target: Target): string => (target.id.startsWith('arn:') ? target.id : target.name);

/** A trail is changed in its home region only, which its ARN names. */
const client = (ctx: AwsContext, target: Target): CloudTrailClient => ctx.access.clients(target.account, target.region ?? target.id.split(':')[3] ?? null).cloudtrail;

const wantedOf = (params: JsonObject): WantedTrail => (objectDetail({ details: params }, 'wanted') ?? {}) as WantedTrail;


function destination(ctx: AwsContext, wanted: WantedTrail, target: Target): string {
  const bucket = wanted.bucket ?? ctx.access.config.trailBucket;
  if (!bucket) throw fail('NOT_SUPPORTED', `trail ${target.name} was deleted and its bucket is not known: set aws.trailBucket, or make the trail again by hand`);
  return bucket;
}

async function recreate(ctx: AwsContext, cloudtrail: CloudTrailClient, target: Target, wanted: WantedTrail): Promise<void> {
  await cloudtrail.send(
    new CreateTrailCommand({
      Name: target.name, S3BucketName: destination(ctx, wanted, target), S3KeyPrefix: wanted.prefix || undefined, KmsKeyId: wanted.kmsKey || undefined,
      IsMultiRegionTrail: true, IncludeGlobalServiceEvents: true, EnableLogFileValidation: true,
    }),
  );
}

async function update(cloudtrail: CloudTrailClient, target: Target, wanted: WantedTrail): Promise<void> {
  await cloudtrail.send(
    new UpdateTrailCommand({
      // Never switched off, only on.
      Name: nameOf(target), IsMultiRegionTrail: wanted.multiRegion || undefined, IncludeGlobalServiceEvents: wanted.globalEvents || undefined, EnableLogFileValidation: wanted.validation || undefined,
      S3BucketName: wanted.bucket, S3KeyPrefix: wanted.prefix, KmsKeyId: wanted.kmsKey,
    }),
  );
}
