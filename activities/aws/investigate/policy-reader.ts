import {
  GetGroupPolicyCommand, GetPolicyCommand, GetPolicyVersionCommand, GetRolePolicyCommand, GetUserPolicyCommand, ListPolicyVersionsCommand, type IAMClient, type PolicyVersion,
} from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import { policyDocument } from '../../../playbook/policy-diff';
import type { EntityKind } from './iam-changes';
import { documentIn, text, type TrailRecord } from './record';
import type { Trail } from './trail';

/** The default version's document of a managed policy; null when it has none that can be read. Throws SDK errors. */
export async function managedDocument(iam: IAMClient, policyArn: string): Promise<{ document: JsonObject | null; version: string | null }> {
  const policy = await iam.send(new GetPolicyCommand({ PolicyArn: policyArn }));
  const version = policy.Policy?.DefaultVersionId ?? null;
  return { document: version ? await versionDocument(iam, policyArn, version) : null, version };
}

export async function versionDocument(iam: IAMClient, policyArn: string, versionId: string): Promise<JsonObject | null> {
  const found = await iam.send(new GetPolicyVersionCommand({ PolicyArn: policyArn, VersionId: versionId }));
  return policyDocument(found.PolicyVersion?.Document);
}

/** An inline policy's document now. Throws NoSuchEntity through. */
export async function inlineDocument(iam: IAMClient, kind: EntityKind, entity: string, policyName: string): Promise<JsonObject | null> {
  const PolicyName = policyName;
  if (kind === 'user') return policyDocument((await iam.send(new GetUserPolicyCommand({ UserName: entity, PolicyName }))).PolicyDocument);
  if (kind === 'role') return policyDocument((await iam.send(new GetRolePolicyCommand({ RoleName: entity, PolicyName }))).PolicyDocument);
  return policyDocument((await iam.send(new GetGroupPolicyCommand({ GroupName: entity, PolicyName }))).PolicyDocument);
}

export interface Before {
  document: JsonObject | null;
  /** False: the history does not reach back to when it was written. */
  known: boolean;
}

/** The inline policy as the last write before `until` left it. No write at all in 90 days while the entity is older: not known. */
export async function inlineBefore(trail: Trail, region: string, account: string, entity: string, policyName: string, kind: EntityKind, until: string): Promise<Before> {
  const Name = kind[0]!.toUpperCase() + kind.slice(1);
  const all = (await trail.historyOf(account, region, entity, until)).filter((one) => one.errorCode === null);
  const mine = (await before(trail, account, region, entity, until)).filter((one) => text(one.request, 'policyName') === policyName && [`Put${Name}Policy`, `Delete${Name}Policy`].includes(one.eventName));
  const last = mine[mine.length - 1];
  if (last) return { document: documentIn(last.request, 'policyDocument'), known: true };
  // Born within the history, whoever made it: before its first write there was nothing.
  return { document: null, known: all.some((one) => one.eventName === `Create${Name}` && text(one.request, `${kind}Name`) === entity) };
}

/** The role's trust policy before `until`: the last UpdateAssumeRolePolicy, else what CreateRole gave it. */
export async function trustBefore(trail: Trail, region: string, account: string, role: string, until: string): Promise<Before> {
  const history = await before(trail, account, region, role, until);
  const last = history.filter((one) => text(one.request, 'roleName') === role && ['UpdateAssumeRolePolicy', 'CreateRole'].includes(one.eventName)).pop();
  return { document: last ? documentIn(last.request, 'policyDocument', 'assumeRolePolicyDocument') : null, known: last !== undefined };
}

/** The managed policy's default version before `until`: from the history, else the newest version that is older. */
export async function versionBefore(trail: Trail, iam: IAMClient, region: string, account: string, policyArn: string, until: string): Promise<{ version: string | null; from: 'history' | 'newest-older-version' | 'unknown'; versions: PolicyVersion[] }> {
  const [history, listed] = await Promise.all([before(trail, account, region, policyArn, until), iam.send(new ListPolicyVersionsCommand({ PolicyArn: policyArn }))]);
  const versions = listed.Versions ?? [];
  const set = history.filter((one) => text(one.request, 'policyArn') === policyArn).flatMap((one) => {
    if (one.eventName === 'SetDefaultPolicyVersion') return [text(one.request, 'versionId')];
    const isDefault = one.request.setAsDefault === true || one.request.setAsDefault === 'true';
    return one.eventName === 'CreatePolicyVersion' && isDefault ? [text((one.response.policyVersion ?? {}) as JsonObject, 'versionId')] : [];
  }).filter((one) => one !== null).pop();
  if (set && versions.some((one) => one.VersionId === set)) return { version: set, from: 'history', versions };
  const older = versions.filter((one) => one.CreateDate && one.CreateDate.getTime() < Math.floor(Date.parse(until) / 1000) * 1000).sort((a, b) => b.CreateDate!.getTime() - a.CreateDate!.getTime());
  return older[0]?.VersionId ? { version: older[0].VersionId, from: 'newest-older-version', versions } : { version: null, from: 'unknown', versions };
}

/** Successful events that name the resource, before the first suspicious one, and none of the attacker's. */
async function before(trail: Trail, account: string, region: string, resource: string, until: string): Promise<TrailRecord[]> {
  const attackers = new Set(trail.events.filter((one) => one.attribution === 'attacker').map((one) => one.record.eventID));
  return (await trail.historyOf(account, region, resource, until)).filter((one) => one.errorCode === null && !attackers.has(one.eventID));
}
