import { DescribeTrailsCommand, GetEventSelectorsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import { GetDetectorCommand, ListDetectorsCommand } from '@aws-sdk/client-guardduty';
import { objectDetail, textDetail } from '../../../../playbook/artifacts';
import type { JsonObject } from '../../../../playbook/json';
import { counted, merged, named, settled, withDetails } from '../artifact';
import { createReader, defineCheck, each, plain } from '../check';
import { loggingArtifacts, wantedTrail } from '../logging-changes';
import { trail, type Trail } from '../trail';
import type { AwsContext } from '../../context';

type Reader = ReturnType<typeof createReader>;

/** 1.3.5: trails, their selectors and GuardDuty in every region as they are, and who stopped what. */
export const logging = defineCheck(
  '1.3.5-logging',
  ['cloudtrail:LookupEvents', 'cloudtrail:DescribeTrails', 'cloudtrail:GetTrailStatus', 'cloudtrail:GetEventSelectors', 'guardduty:ListDetectors', 'guardduty:GetDetector'],
  async (ctx, aCase) => {
    const seen = await trail(ctx, aCase);
    const reader = createReader();
    const accounts = [...new Set([seen.account, ...seen.events.filter((one) => one.attribution === 'attacker').map(({ record }) => record.account)])].filter((id) => ctx.access.config.accounts.some((one) => one.id === id));
    const [trails, detectors] = [(await each(accounts, 2, (account) => trailsOf(ctx, account, reader))).flat(), (await each(accounts, 2, (account) => detectorsOf(ctx, account, reader))).flat()];
    const artifacts = await each(settled(merged(loggingArtifacts(seen.events, seen.partition))), 3, async (artifact) => {
      if (artifact.kind !== 'trail') return artifact;
      const now = trails.find((one) => one.arn === artifact.id);
      const history = artifact.how === 'created' ? [] : await historyBefore(seen, artifact.account, artifact.region ?? '', artifact.name, artifact.id, textDetail(artifact, 'time') ?? seen.to);
      const { request: _request, ...details } = artifact.details;
      return { ...withDetails({ ...artifact, details }, { ...wantedTrail(textDetail(artifact, 'change') ?? '', objectDetail(artifact, 'request') ?? {}, history), exists: now !== undefined, loggingNow: now?.logging ?? null }) };
    });
    const silent = trails.filter((one) => one.logging === false);
    const off = detectors.filter((one) => one.status !== 'ENABLED');
    const others = await whoStopped(seen, silent.filter((one) => !artifacts.some((artifact) => artifact.id === one.arn)));
    const active = trails.filter((one) => one.logging === true);
    const blind = trails.length > 0 && active.length === 0 ? ['no trail logs now'] : trails.length === 0 && reader.failed.length === 0 ? ['the account has no trail'] : [];
    return {
      found: artifacts.length > 0 || silent.length > 0,
      summary: [
        artifacts.length > 0 ? `${artifacts.length} changes to logging (${counted(artifacts)}): ${named(artifacts)}` : 'logging was not changed by the principal',
        ...(silent.length > 0 ? [`not logging: ${silent.map((one) => one.name).slice(0, 5).join(', ')}`] : []), ...blind,
        ...others.map((one) => `${one.trail} was stopped by ${one.by} at ${one.time}`),
      ].join('; '),
      artifacts, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated,
      facts: { trails: trails.slice(0, 50), detectors: detectors.slice(0, 100), detectorsOff: off.map((one) => `${one.account}/${one.region}`), loggingNow: active.length > 0, stoppedBy: others },
      records: seen.events.map((one) => one.record).filter((record) => /^(cloudtrail|guardduty|config|logs)\./.test(record.eventSource) && record.readOnly !== true), raw: plain({ trails, detectors }),
    };
  },
);

type TrailNow = { account: string; name: string; arn: string; region: string; multiRegion: boolean; logging: boolean | null; bucket: string; validation: boolean; deliveryError: string; selectors: JsonObject };

async function trailsOf(ctx: AwsContext, account: string, reader: Reader): Promise<TrailNow[]> {
  const found = new Map<string, TrailNow>();
  await each(ctx.access.regions(account), 3, async (region) => {
    const { cloudtrail } = ctx.access.clients(account, region);
    // Without shadow trails each trail is listed in its home region only.
    const listed = await reader.read(`${account}/${region} cloudtrail:DescribeTrails`, () => cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails: false })));
    for (const one of listed?.trailList ?? []) {
      const Name = one.TrailARN ?? one.Name!;
      const [status, selectors] = await Promise.all([
        reader.exists(`${account}/${region} cloudtrail:GetTrailStatus`, () => cloudtrail.send(new GetTrailStatusCommand({ Name }))),
        reader.exists(`${account}/${region} cloudtrail:GetEventSelectors`, () => cloudtrail.send(new GetEventSelectorsCommand({ TrailName: Name }))),
      ]);
      found.set(Name, {
        account, name: one.Name ?? '', arn: one.TrailARN ?? '', region: one.HomeRegion ?? region, multiRegion: one.IsMultiRegionTrail === true, logging: status.value ? status.value.IsLogging === true : null,
        bucket: one.S3BucketName ?? '', validation: one.LogFileValidationEnabled === true, deliveryError: status.value?.LatestDeliveryError ?? '',
        selectors: plain({ basic: selectors.value?.EventSelectors ?? [], advanced: selectors.value?.AdvancedEventSelectors ?? [] }) as JsonObject,
      });
    }
  });
  return [...found.values()];
}

async function detectorsOf(ctx: AwsContext, account: string, reader: Reader): Promise<{ account: string; region: string; id: string | null; status: string }[]> {
  return (await each(ctx.access.regions(account), 3, async (region) => {
    const { guardduty } = ctx.access.clients(account, region);
    const listed = await reader.read(`${account}/${region} guardduty:ListDetectors`, () => guardduty.send(new ListDetectorsCommand({})));
    if (!listed) return [];
    const ids = listed.DetectorIds ?? [];
    if (ids.length === 0) return [{ account, region, id: null, status: 'ABSENT' }];
    return Promise.all(ids.map(async (id) => {
      const found = await reader.exists(`${account}/${region} guardduty:GetDetector`, () => guardduty.send(new GetDetectorCommand({ DetectorId: id })));
      return { account, region, id, status: String(found.value?.Status ?? 'UNKNOWN') };
    }));
  })).flat();
}

async function historyBefore(seen: Trail, account: string, region: string, name: string, arn: string, until: string) {
  const attackers = new Set(seen.events.filter((one) => one.attribution === 'attacker').map((one) => one.record.eventID));
  const found = (await Promise.all([name, arn].map((resource) => seen.historyOf(account, region, resource, until)))).flat();
  return [...new Map(found.map((one) => [one.eventID, one])).values()].filter((one) => one.errorCode === null && !attackers.has(one.eventID)).sort((a, b) => (a.eventTime < b.eventTime ? -1 : 1));
}

/** For trails that are silent and that the principal did not stop: the last StopLogging by anybody. */
async function whoStopped(seen: Trail, silent: readonly TrailNow[]): Promise<{ trail: string; by: string; time: string; event: string }[]> {
  if (silent.length === 0) return [];
  const byAccount = await Promise.all([...new Set(silent.map((one) => one.account))].map((account) => seen.eventsNamed(account, 'StopLogging')));
  const stops = byAccount.flat().filter((one) => one.errorCode === null).sort((a, b) => (a.eventTime < b.eventTime ? 1 : -1));
  return silent.flatMap((one) => {
    const stop = stops.find((record) => record.request.name === one.name || record.request.name === one.arn);
    return stop ? [{ trail: one.name, by: stop.identity.arn ?? stop.identity.type, time: stop.eventTime, event: stop.eventID }] : [];
  });
}
