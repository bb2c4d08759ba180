import { GetFunctionCommand, GetPolicyCommand } from '@aws-sdk/client-lambda';
import { textDetail } from '../../../../playbook/artifacts';
import type { JsonObject } from '../../../../playbook/json';
import type { Artifact } from '../../../../playbook/model/finding';
import { policyDocument } from '../../../../playbook/policy-diff';
import { artifactOf, counted, merged, named, settled, withDetails } from '../artifact';
import type { Attributed } from '../attribution';
import { createReader, defineCheck, each } from '../check';
import { text } from '../record';
import { trail } from '../trail';

/** What each Lambda event does to a function; the names carry the API's version (Lambda Developer Guide: “Logging Lambda API calls”). */
const changesByEvent: [RegExp, Artifact['how'], string | null][] = [
  [/^CreateFunction\d*$/, 'created', null],
  [/^DeleteFunction\d/, 'deleted', null],
  [/^UpdateFunctionCode/, 'changed', 'code'],
  [/^UpdateFunctionConfiguration/, 'changed', 'configuration'],
  [/^PublishLayerVersion|^AddLayerVersionPermission/, 'changed', 'layer'],
  [/^AddPermission/, 'changed', 'permission'],
  [/^RemovePermission/, 'changed', 'permission-removed'],
  [/^(Create|Update)FunctionUrlConfig/, 'changed', 'url'],
  [/^(Create|Update)EventSourceMapping/, 'changed', 'event-source'],
  [/^PutFunctionConcurrency/, 'changed', 'concurrency'],
];

export function functionArtifacts(events: readonly Attributed[], partition: string): Artifact[] {
  return events.filter(({ record }) => record.errorCode === null && record.eventSource === 'lambda.amazonaws.com').flatMap((event): Artifact[] => {
    const { record } = event;
    const found = changesByEvent.find(([name]) => name.test(record.eventName));
    const given = text(record.request, 'functionName') ?? text(record.request, 'layerName');
    if (!found || !given) return [];
    const [, how, change] = found;
    const name = given.includes(':function:') ? given.split(':function:')[1]!.split(':')[0]! : given.split(':')[0]!;
    const id = `arn:${partition}:lambda:${record.awsRegion}:${record.account}:function:${name}`;
    const details: JsonObject = {
      ...(change ? { change } : {}), ...(how === 'created' ? { runtime: text(record.request, 'runtime'), role: text(record.request, 'role') } : {}),
      ...(change === 'permission' || change === 'permission-removed' ? { statementId: text(record.request, 'statementId'), qualifier: text(record.request, 'qualifier'), principal: text(record.request, 'principal') } : {}),
      ...(change === 'url' ? { authType: text(record.request, 'authType') } : {}),
    };
    return [artifactOf(event, { kind: change === 'layer' ? 'other' : 'function', id: change === 'layer' ? (text(record.response, 'layerVersionArn') ?? given) : id, name, how, details })];
  });
}

/** 1.3.4: functions that the attacker made, changed or opened (backdoor, exfiltration). */
export const functions = defineCheck('1.3.4-functions', ['cloudtrail:LookupEvents', 'lambda:GetFunction', 'lambda:GetPolicy'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const reader = createReader();
  const artifacts = await each(settled(merged(functionArtifacts(seen.events, seen.partition))), 4, async (artifact) => {
    if (artifact.kind !== 'function') return artifact;
    const { lambda } = ctx.access.clients(artifact.account, artifact.region);
    const where = `${artifact.account}/${artifact.region}`;
    const { value, exists } = await reader.exists(`${where} lambda:GetFunction`, () => lambda.send(new GetFunctionCommand({ FunctionName: artifact.name })));
    const config = value?.Configuration;
    const now = { exists, ...(config ? { runtime: config.Runtime ?? null, role: config.Role ?? null, state: config.State ?? null, codeSha256: config.CodeSha256 ?? null, lastModified: config.LastModified ?? null } : {}) };
    if (!exists || textDetail(artifact, 'change') !== 'permission') return withDetails(artifact, now);
    const policy = await reader.exists(`${where} lambda:GetPolicy`, () => lambda.send(new GetPolicyCommand({ FunctionName: artifact.name, Qualifier: textDetail(artifact, 'qualifier') ?? undefined })));
    const statements = policyDocument(policy.value?.Policy)?.Statement;
    const there = Array.isArray(statements) && statements.some((one) => one !== null && typeof one === 'object' && !Array.isArray(one) && one.Sid === artifact.details.statementId);
    return withDetails(artifact, { ...now, exists: policy.exists === null ? null : there });
  });
  return {
    found: artifacts.length > 0,
    summary: artifacts.length > 0 ? `${artifacts.length} function changes (${counted(artifacts)}): ${named(artifacts)}` : 'no function was made or changed',
    artifacts, facts: { created: artifacts.filter((one) => one.how === 'created').length, permissions: artifacts.filter((one) => one.details.change === 'permission').length },
    failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, records: seen.events.map((one) => one.record).filter((record) => record.eventSource === 'lambda.amazonaws.com' && record.readOnly !== true),
    notes: artifacts.some((one) => one.details.change === 'code') ? ['a function whose code was changed acts with its role: its own calls are not told apart from before'] : [],
  };
});
