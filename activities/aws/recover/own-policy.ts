import { CreatePolicyCommand, CreatePolicyVersionCommand, DeletePolicyCommand, DeletePolicyVersionCommand, type IAMClient } from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import { findPolicy, holdersOf, policyReadPermissions } from '../eradicate/managed-policy';
import { removed, sameDocument } from '../eradicate/support';

/** ARN of a customer-managed policy of Tourniquet's own; the partition is that of the account's responder role. */
export function ownPolicyArn(account: { id: string; roleArn: string }, name: string): string {
  return `arn:${account.roleArn.split(':')[1] || 'aws'}:iam::${account.id}:policy/${name}`;
}

/** Its default version's document, or null when there is no such policy. */
export async function ownPolicyDocument(iam: IAMClient, arn: string): Promise<JsonObject | null> {
  return (await findPolicy(iam, arn))?.versions.find((one) => one.isDefault)?.document ?? null;
}

/** Makes the policy, or sets its document anew; the oldest version goes when there are five (IAM quotas). */
export async function ensureOwnPolicy(iam: IAMClient, arn: string, document: JsonObject, description: string): Promise<'made' | 'updated' | 'already'> {
  const policy = await findPolicy(iam, arn);
  const PolicyDocument = JSON.stringify(document);
  if (!policy) {
    await iam.send(new CreatePolicyCommand({ PolicyName: arn.split('/').pop(), PolicyDocument, Description: description, Tags: [{ Key: 'made-by', Value: 'tourniquet' }] }));
    return 'made';
  }
  if (sameDocument(policy.versions.find((one) => one.isDefault)?.document, document)) return 'already';
  const oldest = policy.versions.find((one) => !one.isDefault);
  if (policy.versions.length >= 5 && oldest) await iam.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: oldest.version }));
  await iam.send(new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument, SetAsDefault: true }));
  return 'updated';
}

/** Deletes the policy when nobody has it any more; returns who still has it. */
export async function dropOwnPolicy(iam: IAMClient, arn: string): Promise<string[]> {
  const policy = await findPolicy(iam, arn);
  if (!policy) return [];
  const holders = await holdersOf(iam, arn);
  if (holders.length > 0) return holders.map((holder) => `${holder.kind} ${holder.name}`);
  for (const one of policy.versions.filter((version) => !version.isDefault)) await removed(iam.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId: one.version })));
  await removed(iam.send(new DeletePolicyCommand({ PolicyArn: arn })));
  return [];
}

export const ownPolicyPermissions = [
  ...policyReadPermissions, 'iam:ListEntitiesForPolicy', 'iam:CreatePolicy', 'iam:TagPolicy', 'iam:CreatePolicyVersion', 'iam:DeletePolicyVersion', 'iam:DeletePolicy',
] as const;
