import {
  GetGroupCommand, GetLoginProfileCommand, GetPolicyCommand, GetRoleCommand, GetUserCommand, ListAccessKeysCommand, ListAttachedGroupPoliciesCommand, ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand, ListGroupsForUserCommand, ListMFADevicesCommand, type IAMClient,
} from '@aws-sdk/client-iam';
import { artifactKey, textDetail } from '../../../../playbook/artifacts';
import type { Artifact } from '../../../../playbook/model/finding';
import type { JsonObject } from '../../../../playbook/json';
import type { AwsContext } from '../../context';
import { counted, merged, named, settled, withDetails } from '../artifact';
import { createReader, defineCheck, each } from '../check';
import { iamChanges, type EntityKind } from '../iam-changes';
import { aroundOf, permissionChanges, permissionPermissions } from '../permission-changes';
import { inlineDocument } from '../policy-reader';
import { trail } from '../trail';

/** 1.3.6: users, roles, keys, sign-ins, MFA devices, policies, memberships and trusts that the principal, or what it made, created or changed. */
export const identities = defineCheck(
  '1.3.6-identities',
  [
    'cloudtrail:LookupEvents', ...permissionPermissions, 'iam:GetUser', 'iam:GetRole', 'iam:GetGroup', 'iam:ListAccessKeys', 'iam:GetLoginProfile', 'iam:ListMFADevices', 'iam:ListGroupsForUser',
    'iam:ListAttachedUserPolicies', 'iam:ListAttachedRolePolicies', 'iam:ListAttachedGroupPolicies',
  ],
  async (ctx, aCase) => {
    const seen = await trail(ctx, aCase);
    const { changes, failed } = await permissionChanges(ctx, seen);
    const compared = new Map(changes.map(({ artifact }) => [`${artifact.kind}|${artifact.account}|${artifact.id}|${textDetail(artifact, 'entity')}`, artifact]));
    const all = settled(merged(iamChanges(seen.events, aroundOf(ctx, seen)))).map((one) => {
      const known = compared.get(`${one.kind}|${one.account}|${one.id}|${textDetail(one, 'entity')}`);
      // A policy written and then removed is two artifacts of one id: only the same kind of change is the same.
      return known && (known.how === one.how || known.how === 'changed') && one.how !== 'deleted' ? known : one;
    });
    const reader = createReader();
    const artifacts = await each(all, 5, async (artifact) => {
      const state = await reader.exists(`iam of ${artifact.account}: ${artifact.kind} ${artifact.name}`, () => readNow(ctx.access.clients(artifact.account).iam, artifact));
      const now = state.value ?? {};
      const resolved = typeof now.arn === 'string' ? { ...artifact, id: now.arn } : artifact;
      return withDetails(resolved, { ...now, exists: state.value ? now.exists !== false : state.exists, ...(isResponder(ctx, artifact) ? { touchesResponder: true } : {}) });
    });
    const things = [...new Map(artifacts.map((one) => [artifactKey(one), one])).values()];
    return {
      found: things.length > 0,
      summary: things.length > 0 ? `${things.length} identity changes (${counted(things)}): ${named(things)}` : 'no user, role, key, policy or trust was changed',
      artifacts: things, failed: [...seen.failed, ...failed, ...reader.failed], truncated: seen.truncated,
      facts: { users: seen.owned.users.size, keys: seen.owned.keys.size, roles: seen.owned.roles.size, unattributed: things.filter((one) => one.attribution === 'unattributed').length },
      records: seen.events.map((one) => one.record).filter((record) => /^(iam|sso|sts)\./.test(record.eventSource) && record.readOnly !== true),
    };
  },
);

/** Reads the thing as it is; throws NoSuchEntity through, or answers `exists: false` where a list lacks it. */
async function readNow(iam: IAMClient, artifact: Artifact): Promise<JsonObject> {
  const user = textDetail(artifact, 'user');
  const entity = textDetail(artifact, 'entity')!;
  const kind = textDetail(artifact, 'entityKind') as EntityKind | null;
  switch (artifact.kind) {
    case 'user': {
      const found = (await iam.send(new GetUserCommand({ UserName: artifact.name }))).User;
      return { arn: found?.Arn ?? artifact.id, createdAt: found?.CreateDate?.toISOString() ?? null };
    }
    case 'role': {
      const found = (await iam.send(new GetRoleCommand({ RoleName: artifact.name }))).Role;
      return { arn: found?.Arn ?? artifact.id, createdAt: found?.CreateDate?.toISOString() ?? null };
    }
    case 'trust': {
      const found = (await iam.send(new GetRoleCommand({ RoleName: artifact.name }))).Role;
      return { arn: found?.Arn ?? artifact.id };
    }
    case 'group':
      if (!user) return { arn: (await iam.send(new GetGroupCommand({ GroupName: artifact.name, MaxItems: 1 }))).Group?.Arn ?? artifact.id };
      return { exists: ((await iam.send(new ListGroupsForUserCommand({ UserName: user }))).Groups ?? []).some((one) => one.GroupName === artifact.name) };
    case 'access-key': {
      const found = ((await iam.send(new ListAccessKeysCommand(user ? { UserName: user } : {}))).AccessKeyMetadata ?? []).find((one) => one.AccessKeyId === artifact.id);
      return { exists: found !== undefined, status: found?.Status ?? null };
    }
    case 'login-profile':
      return { createdAt: (await iam.send(new GetLoginProfileCommand({ UserName: artifact.name }))).LoginProfile?.CreateDate?.toISOString() ?? null };
    case 'mfa-device':
      return user ? { exists: ((await iam.send(new ListMFADevicesCommand({ UserName: user }))).MFADevices ?? []).some((one) => one.SerialNumber === artifact.id) } : {};
    case 'policy':
      return { versionNow: (await iam.send(new GetPolicyCommand({ PolicyArn: artifact.id }))).Policy?.DefaultVersionId ?? null };
    case 'inline-policy':
      return { documentNow: await inlineDocument(iam, kind!, entity, artifact.name) };
    case 'policy-attachment': {
      const attached =
        kind === 'user' ? await iam.send(new ListAttachedUserPoliciesCommand({ UserName: entity })) : kind === 'role'
          ? await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: entity })) : await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: entity }));
      return { exists: (attached.AttachedPolicies ?? []).some((one) => one.PolicyArn === artifact.id) };
    }
    default:
      return {};
  }
}

/** Is it the responder's own role, or something else of ours that is protected. */
function isResponder(ctx: AwsContext, artifact: Artifact): boolean {
  const { accounts, protected: ours } = ctx.access.config;
  const names = [artifact.name, artifact.id, textDetail(artifact, 'entity'), textDetail(artifact, 'entityArn'), textDetail(artifact, 'user')].filter((one) => one !== null).map((one) => one.toLowerCase());
  const responder = accounts.filter((one) => one.id === artifact.account).flatMap(({ roleArn }) => [roleArn.toLowerCase(), roleArn.split('/').pop()!.toLowerCase()]);
  return names.some((name) => responder.includes(name) || ours.some((one) => one.toLowerCase() === name));
}
