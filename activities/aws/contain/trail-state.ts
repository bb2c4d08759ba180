import { GetEventSelectorsCommand, GetTrailCommand, GetTrailStatusCommand, type CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { orNull } from '../eradicate/support';

/** A trail as far as the attacker can blind it. */
export type TrailState = {
  logging: boolean;
  multiRegion: boolean;
  globalEvents: boolean;
  validation: boolean;
  bucket: string;
  prefix: string;
  kmsKey: string;
  /** Management events, read and write, reach the trail. */
  managementEvents: boolean;
  /** Why the last delivery failed; empty when it did not. */
  deliveryError: string;
};

/** What the trail must be again. Only members that the attacker is known to have changed. */
export type WantedTrail = Partial<Pick<TrailState, 'multiRegion' | 'globalEvents' | 'validation' | 'bucket' | 'prefix' | 'kmsKey' | 'managementEvents'>>;

/** The trail now, or null when it is gone. */
export async function readTrail(cloudtrail: CloudTrailClient, name: string): Promise<TrailState | null> {
  const trail = (await orNull(cloudtrail.send(new GetTrailCommand({ Name: name }))))?.Trail;
  if (!trail) return null;
  const [status, selectors] = await Promise.all([
    cloudtrail.send(new GetTrailStatusCommand({ Name: name })),
    cloudtrail.send(new GetEventSelectorsCommand({ TrailName: name })),
  ]);
  const basic = selectors.EventSelectors ?? [];
  const advanced = selectors.AdvancedEventSelectors ?? [];
  const whole = advanced.some((selector) => {
    const fields = selector.FieldSelectors ?? [];
    return fields.length === 1 && fields[0]!.Field === 'eventCategory' && (fields[0]!.Equals ?? []).includes('Management');
  });
  return {
    logging: status.IsLogging ?? false,
    multiRegion: trail.IsMultiRegionTrail ?? false,
    globalEvents: trail.IncludeGlobalServiceEvents ?? false,
    validation: trail.LogFileValidationEnabled ?? false,
    bucket: trail.S3BucketName ?? '',
    prefix: trail.S3KeyPrefix ?? '',
    kmsKey: trail.KmsKeyId ?? '',
    // A trail without any selector logs all management events.
    managementEvents: advanced.length > 0 ? whole : basic.length === 0 || basic.some((one) => one.IncludeManagementEvents !== false && (one.ReadWriteType ?? 'All') === 'All' && !one.ExcludeManagementEventSources?.length),
    deliveryError: status.LatestDeliveryError ?? '',
  };
}

/** One line for each member that differs from what is wanted; empty = the trail sees everything again. */
export function differences(now: TrailState, wanted: WantedTrail): string[] {
  const text = (value: unknown): string => (value === '' ? 'none' : String(value));
  return [
    ...(now.logging ? [] : ['start logging']),
    ...Object.entries(wanted).filter(([, value]) => value !== undefined).flatMap(([member, value]) => {
      const seen = now[member as keyof TrailState];
      return settled(member as keyof WantedTrail, seen, value) ? [] : [`set ${labels[member as keyof WantedTrail]} to ${text(value)} (now ${text(seen)})`];
    }),
  ];
}

/** More logging than before is no loss; a key may be named by its id alone. */
function settled(member: keyof WantedTrail, seen: unknown, wanted: unknown): boolean {
  return seen === wanted || wanted === false || (member === 'kmsKey' && wanted !== '' && String(seen).endsWith(`:key/${String(wanted)}`));
}

export const labels: Record<keyof WantedTrail, string> = {
  multiRegion: 'multi-region', globalEvents: 'global service events', validation: 'log file validation', bucket: 'the destination bucket', prefix: 'the key prefix',
  kmsKey: 'the KMS key', managementEvents: 'management events (read and write)',
};
