import { randomBytes } from 'node:crypto';
import { Fault } from '../protocol/faults';
import { isObject, listOf, lowerFirst, textOf, type Json } from '../protocol/shapes';
import { serviceOf } from '../protocol/services';
import type { Envelope } from '../cloudtrail/stream';
import type { World } from '../world';
import type { Extra, Handlers } from './types';

interface Stored { id: string; finding: Json; archived: boolean; at: number }

const findingsOf = (world: World, account: string, region: string): Map<string, Stored> => world.shelf(`guardduty/${region}`, account, () => new Map<string, Stored>());

async function mustHaveDetector({ ask, call }: Extra): Promise<void> {
  const { DetectorIds } = await ask('ListDetectors', {});
  if (!listOf(DetectorIds).includes(call.input.DetectorId)) throw new Fault('BadRequestException', 'The request is rejected because the input detectorId is not owned by the current account.');
}

const chosen = ({ call, world, caller }: Extra): Stored[] => listOf(call.input.FindingIds).map((id) => findingsOf(world, caller.account, call.region).get(String(id))).filter((one) => one !== undefined);

/** moto keeps detectors and filters only. */
export const guardduty: Handlers = {
  ListFindings: async (extra) => {
    await mustHaveDetector(extra);
    const { call, world, caller } = extra;
    const all = [...findingsOf(world, caller.account, call.region).values()].filter((one) => matches(one, call.input.FindingCriteria)).sort((a, b) => b.at - a.at);
    const max = typeof call.input.MaxResults === 'number' ? call.input.MaxResults : 50;
    const from = Number(textOf(call.input, 'NextToken') ?? 0);
    return { FindingIds: all.slice(from, from + max).map((one) => one.id), NextToken: from + max < all.length ? String(from + max) : '' };
  },
  GetFindings: async (extra) => {
    await mustHaveDetector(extra);
    return { Findings: chosen(extra).map((one) => ({ ...one.finding, Service: { ...(one.finding.Service as Json), Archived: one.archived } })) };
  },
  ArchiveFindings: async (extra) => {
    await mustHaveDetector(extra);
    for (const one of chosen(extra)) one.archived = true;
    return {};
  },
  UnarchiveFindings: async (extra) => {
    await mustHaveDetector(extra);
    for (const one of chosen(extra)) one.archived = false;
    return {};
  },
  CreateSampleFindings: async (extra) => {
    await mustHaveDetector(extra);
    const { call, world, caller } = extra;
    for (const type of listOf(call.input.FindingTypes).length ? listOf(call.input.FindingTypes) : ['UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom']) {
      store(world, caller.account, call.region, { DetectorId: String(call.input.DetectorId), Type: String(type), Title: `[SAMPLE] ${String(type)}`, Severity: 5, Resource: { ResourceType: 'AccessKey' }, Service: { AdditionalInfo: { Value: '{"sample":true}', Type: 'default' } } });
    }
    return {};
  },
  ListMembers: async (extra) => {
    await mustHaveDetector(extra);
    return { Members: [] };
  },
};

/** Criteria on `type`, `severity`, `id`, `service.archived`; others are refused rather than ignored. */
function matches(stored: Stored, criteria: unknown): boolean {
  const conditions = isObject(criteria) && isObject(criteria.Criterion) ? criteria.Criterion : isObject(criteria) && isObject(criteria.criterion) ? criteria.criterion : {};
  return Object.entries(conditions).every(([field, condition]) => {
    const value = field === 'service.archived' ? String(stored.archived) : field === 'id' ? stored.id : field === 'type' ? stored.finding.Type : field === 'severity' ? stored.finding.Severity : undefined;
    if (value === undefined) throw new Fault('BadRequestException', `The sandbox does not filter findings by ${field}.`);
    const rule = Object.fromEntries(Object.entries(condition as Json).map(([key, wanted]) => [lowerFirst(key), wanted]));
    const equals = listOf(rule.equals ?? rule.eq);
    const atLeast = (rule.greaterThanOrEqual ?? rule.gte) as number | undefined;
    return (!equals.length || equals.map(String).includes(String(value))) && (atLeast === undefined || Number(value) >= atLeast);
  });
}

/** Keeps a finding in the detector's account and region; fills what every finding has. */
function store(world: World, account: string, region: string, given: Json & { DetectorId: string; Type: string }): Json {
  const id = randomBytes(16).toString('hex');
  const at = new Date(world.now()).toISOString();
  const { DetectorId, Service, ...rest } = given;
  const finding: Json = {
    SchemaVersion: '2.0', AccountId: account, Region: region, Partition: 'aws', Id: id, Arn: `arn:aws:guardduty:${region}:${account}:detector/${DetectorId}/finding/${id}`, CreatedAt: at, UpdatedAt: at, Confidence: 5, ...rest,
    Service: { ServiceName: 'guardduty', DetectorId, Count: 1, EventFirstSeen: at, EventLastSeen: at, Archived: false, ...(Service as Json) },
  };
  findingsOf(world, account, region).set(id, { id, finding, archived: false, at: world.now() });
  return finding;
}

/** GuardDuty finds something: kept for ListFindings, and returned as EventBridge would deliver it. Throws when the region has no enabled detector. */
export async function raiseFinding(world: World, account: string, region: string, given: Json & { Type: string; Severity: number }): Promise<Envelope> {
  const [DetectorId] = listOf((await world.upstream.ask('guardduty', 'ListDetectors', {}, account, region)).DetectorIds).map(String);
  if (!DetectorId) throw new Error(`no GuardDuty detector in ${account} ${region}`);
  const detector = await world.upstream.ask('guardduty', 'GetDetector', { DetectorId }, account, region);
  if (detector.Status !== 'ENABLED') throw new Error(`the GuardDuty detector in ${account} ${region} is disabled`);
  const finding = store(world, account, region, { ...given, DetectorId });
  const at = String(finding.CreatedAt);
  return { version: '0', id: String(finding.Id), 'detail-type': 'GuardDuty Finding', source: 'aws.guardduty', account, time: at.replace(/\.\d{3}Z$/, 'Z'), region, resources: [], detail: wireOf(finding) };
}

/** The API's member names in the wire's camelCase, as events carry them. */
function wireOf(finding: Json): Json {
  const service = serviceOf('guardduty')!;
  const serializer = service.codec!.createSerializer();
  serializer.write(service.operations.get('GetFindings')!.output as never, { Findings: [finding] });
  const body = JSON.parse(Buffer.concat([serializer.flush() as Uint8Array]).toString('utf8')) as { findings: Json[] };
  return body.findings[0]!;
}
