import { DescribeTrailsCommand, type Trail } from '@aws-sdk/client-cloudtrail';
import type { AwsContext } from '../context';

export interface ChosenTrail {
  arn: string;
  name: string;
  homeRegion: string;
  /** False for an organization's trail that another account owns: only that account may change it. */
  own: boolean;
  multiRegion: boolean;
  validation: boolean;
}

/** The trail that should see everything: the account's own before the organization's, multi-region before single; null when there is none. */
export async function chooseTrail(ctx: AwsContext, account: string): Promise<ChosenTrail | null> {
  const perRegion = await Promise.all(
    ctx.access.regions(account).map(async (region) => (await ctx.access.clients(account, region).cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails: true }))).trailList ?? []),
  );
  const trails = [...new Map(perRegion.flat().map((trail) => [trail.TrailARN ?? '', chosen(trail, account)])).values()];
  const rank = (trail: ChosenTrail) => (trail.own ? 2 : 0) + (trail.multiRegion ? 1 : 0);
  return trails.sort((a, b) => rank(b) - rank(a) || (a.arn < b.arn ? -1 : 1))[0] ?? null;
}

const chosen = (trail: Trail, account: string): ChosenTrail => ({
  arn: trail.TrailARN ?? '', name: trail.Name ?? '', homeRegion: trail.HomeRegion ?? '', own: trail.TrailARN?.split(':')[4] === account,
  multiRegion: trail.IsMultiRegionTrail ?? false, validation: trail.LogFileValidationEnabled ?? false,
});
