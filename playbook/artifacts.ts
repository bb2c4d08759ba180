import type { Json, JsonObject } from './json';
import type { Artifact } from './model/finding';

/**
 * What `Artifact.details` holds, by kind, for AWS: the investigation writes it and eradication reads it.
 * Every artifact also has `why` (the attribution in one sentence) and, where it was looked at, `exists` (is it there now).
 *
 * | kind | id | name | details |
 * |---|---|---|---|
 * | user, role, group | ARN | name | `owner` names; group with `user`: a member was added (`how: changed`) |
 * | access-key | key id | key id | `user` (null = root) |
 * | login-profile | user ARN | user name | `user` |
 * | mfa-device | serial number | serial number | `user`; `how: deleted` = the attacker removed it |
 * | policy | policy ARN | name | changed: `previousVersion`, `addedVersions`, `diff`; created: `document` |
 * | inline-policy | `<entity ARN>/<policy>` | policy name | `entityKind`, `entity`, `policyName`, `document`, `previousDocument` |
 * | policy-attachment | policy ARN | policy name | `entityKind`, `entity`, `policyArn`; `how: created` = attached, `deleted` = detached |
 * | trust | role ARN | role name | `role`, `document`, `previousDocument`, `outside` (accounts and providers let in) |
 * | instance | instance id | instance id | `state`, `type`, `imageId`, `profile` |
 * | bucket | ARN | name | `bucket` |
 * | bucket-policy, bucket-acl, public-access-block | bucket ARN (account id for the account's own block) | name | `bucket`, `previous`, `previousKnown`, `publicNow` |
 * | security-group | group id | name | `groupId` |
 * | security-group-rule | rule id, else `<group>/<digest>` | group id | `groupId`, `ruleId`, `direction`, `protocol`, `fromPort`, `toPort`, `source`, `open` |
 * | function | ARN | name | created: `runtime`, `role`; changed: `change` = `code`, `configuration`, `permission`, `url`, and `statementId` |
 * | trail | ARN | name | `change` = `stopped`, `deleted`, `updated`, `selectors`, `created`; `wanted` (members to put back, as aws.restore-logging names them), `unknown` (members whose former value is not known), `loggingNow` |
 * | detector | detector id | detector id | `change` = `deleted`, `disabled`, … |
 * | other | vendor id | name | `event`, `service` |
 */
export interface CommonDetails {
  why: string;
  exists: boolean | null;
}

/** A detail that must be text; null when absent or of another type. */
export function textDetail(artifact: Pick<Artifact, 'details'>, key: string): string | null {
  const value = artifact.details[key];
  return typeof value === 'string' ? value : null;
}

/** A detail that must be an object, e.g. a previous policy document; null when absent or of another type. */
export function objectDetail(artifact: Pick<Artifact, 'details'>, key: string): JsonObject | null {
  const value: Json | undefined = artifact.details[key];
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
}

/** One thing has one key, in whatever check it was seen: kind, account, region, id, what was done to it, and to whom it belongs. */
export function artifactKey(artifact: Artifact): string {
  const part = ['entity', 'policyName', 'user', 'statementId', 'change'].map((key) => textDetail(artifact, key) ?? '').join('|');
  return [artifact.kind, artifact.account, artifact.region ?? '', artifact.id, artifact.how, part].join('|');
}

/** The attacker's things of all findings, once each. */
export function attackersArtifacts(findings: readonly { artifacts: readonly Artifact[] }[]): Artifact[] {
  const byKey = new Map<string, Artifact>();
  for (const finding of findings) for (const artifact of finding.artifacts) if (artifact.attribution === 'attacker') byKey.set(artifactKey(artifact), artifact);
  return [...byKey.values()];
}
