import type { Json, JsonObject } from '../../../../playbook/json';
import type { Artifact } from '../../../../playbook/model/finding';
import { artifactOf, counted, merged, named, settled } from '../artifact';
import type { Attributed } from '../attribution';
import { defineCheck } from '../check';
import { iamChanges } from '../iam-changes';
import { loggingArtifacts } from '../logging-changes';
import { aroundOf } from '../permission-changes';
import { text } from '../record';
import { storageArtifacts } from '../storage-changes';
import { trail } from '../trail';
import { computeArtifacts } from './compute';
import { functionArtifacts } from './functions';
import { networkArtifacts } from './network';

/** AWS names what makes something after these verbs; tags, sessions and streams are no resources of their own. */
const making = /^(Create|Run|Register|Allocate|Import|Copy|Request|Restore|Launch|Provision|Publish|Upload|Purchase|Enable(Serial|Region)|SendCommand|StartSession|LeaveOrganization|InviteAccount)/;
const notMade = /^(CreateTags|CreateSession|CreateLogStream|CreateMultipartUpload|CreateGrant|CopyObject|RegisterContainerInstance|RequestCertificateExport|CreateNetworkAclEntry)$|Tags?$/;

/** What was made and has no kind of its own: by the record's name. */
export function otherArtifacts(events: readonly Attributed[], covered: ReadonlySet<string>): Artifact[] {
  return events
    .filter(({ record }) => record.errorCode === null && record.readOnly !== true && !covered.has(record.eventID) && making.test(record.eventName) && !notMade.test(record.eventName))
    .map((event) => {
      const { record } = event;
      const id = identifier(record.response) ?? identifier(record.request) ?? `${record.eventName} ${record.eventID}`;
      return artifactOf(event, { kind: 'other', id, name: text(record.request, 'name') ?? id.split(/[/:]/).pop() ?? id, how: 'created', details: { service: record.eventSource } });
    });
}

/** The first ARN, else the first member that ends in `Id`, at most three levels deep. */
function identifier(from: JsonObject, depth = 0): string | null {
  const entries = Object.entries(from);
  const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const direct = texts.find(([, value]) => /^arn:[^:]+:/.test(value)) ?? texts.find(([key]) => /Id$/.test(key) && key !== 'requestId');
  if (direct) return direct[1];
  if (depth >= 3) return null;
  for (const [, value] of entries) {
    const inner: Json | undefined = Array.isArray(value) ? value[0] : value;
    if (inner === null || inner === undefined || typeof inner !== 'object' || Array.isArray(inner)) continue;
    const found = identifier(inner, depth + 1);
    if (found) return found;
  }
  return null;
}

/** 1.2.7: everything that was made; the things with a check of their own are counted here and described there. */
export const resources = defineCheck('1.2.7-resources-created', ['cloudtrail:LookupEvents'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const described = settled(merged([
    ...iamChanges(seen.events, aroundOf(ctx, seen)), ...computeArtifacts(seen.events), ...storageArtifacts(seen.events, seen.partition), ...networkArtifacts(seen.events),
    ...functionArtifacts(seen.events, seen.partition), ...loggingArtifacts(seen.events, seen.partition),
  ]));
  const covered = new Set(described.flatMap((one) => one.events));
  const others = merged(otherArtifacts(seen.events, covered));
  const created = [...described.filter((one) => one.how === 'created'), ...others];
  const byKind: JsonObject = {};
  for (const one of created) byKind[one.kind] = Number(byKind[one.kind] ?? 0) + 1;
  const attempts = seen.events.filter(({ record, attribution }) => attribution === 'attacker' && record.errorCode !== null && making.test(record.eventName));
  return {
    found: created.length > 0,
    summary: created.length > 0 ? `${created.length} resources were made (${counted(created)}): ${named(created, 12)}` : 'no resource was made',
    artifacts: others, failed: seen.failed, truncated: seen.truncated,
    facts: {
      created: created.length, byKind, failedAttempts: attempts.length,
      list: created.slice(0, 100).map((one) => ({ kind: one.kind, id: one.id, name: one.name, account: one.account, region: one.region, attribution: one.attribution })),
    },
    records: seen.events.map((one) => one.record).filter((record) => record.readOnly !== true),
    notes: attempts.length > 0 ? [`${attempts.length} attempts failed`] : [],
  };
});
