import { GetPolicyCommand, GetPolicyVersionCommand, paginateListEntitiesForPolicy, paginateListPolicyVersions, type IAMClient } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import { documentOf, type IdentityKind } from './identity';
import { all, orNull } from './support';

export interface PolicyVersion {
  version: string;
  isDefault: boolean;
  createdAt: string;
  document: JsonObject;
}

export interface ManagedPolicy {
  id: string;
  arn: string;
  createdAt: string;
  /** How many identities have it as their permissions boundary. */
  boundaries: number;
  /** Oldest first. */
  versions: PolicyVersion[];
}

/** A customer-managed policy with all its versions, or null. */
export async function findPolicy(iam: IAMClient, arn: string): Promise<ManagedPolicy | null> {
  const policy = (await orNull(iam.send(new GetPolicyCommand({ PolicyArn: arn }))))?.Policy;
  if (!policy) return null;
  const listed = await all(paginateListPolicyVersions({ client: iam }, { PolicyArn: arn }), (page) => page.Versions);
  const versions = await Promise.all(
    listed.map(async (one) => {
      const full = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: one.VersionId }));
      return { version: one.VersionId ?? '', isDefault: one.IsDefaultVersion ?? false, createdAt: one.CreateDate?.toISOString() ?? '', document: documentOf(full.PolicyVersion?.Document) };
    }),
  );
  const number = (version: string) => Number(version.slice(1));
  return {
    id: policy.PolicyId ?? '', arn, createdAt: policy.CreateDate?.toISOString() ?? '',
    boundaries: policy.PermissionsBoundaryUsageCount ?? 0, versions: versions.sort((a, b) => number(a.version) - number(b.version)),
  };
}

/** An identity that a policy is attached to. */
export interface Holder {
  kind: IdentityKind;
  name: string;
}

/** Everybody that the policy is attached to as permissions; boundaries are counted in `ManagedPolicy.boundaries`. */
export async function holdersOf(iam: IAMClient, arn: string): Promise<Holder[]> {
  return all(paginateListEntitiesForPolicy({ client: iam }, { PolicyArn: arn, PolicyUsageFilter: 'PermissionsPolicy' }), (page) => [
    ...(page.PolicyUsers ?? []).map((one): Holder => ({ kind: 'user', name: one.UserName ?? '' })),
    ...(page.PolicyRoles ?? []).map((one): Holder => ({ kind: 'role', name: one.RoleName ?? '' })),
    ...(page.PolicyGroups ?? []).map((one): Holder => ({ kind: 'group', name: one.GroupName ?? '' })),
  ]);
}

/** How a holder is written in parameters: `user/mallory`. */
export const holderKey = (holder: { kind: string; name: string }): string => `${holder.kind}/${holder.name}`;

export const policyReadPermissions = ['iam:GetPolicy', 'iam:ListPolicyVersions', 'iam:GetPolicyVersion'] as const;
