import { paginateGetAccountAuthorizationDetails, type RoleDetail } from '@aws-sdk/client-iam';
import { textDetail } from '../../../playbook/artifacts';
import type { Finding } from '../../../playbook/model/finding';
import type { Proposal } from '../../../playbook/model/plan';
import { grantsAdmin } from '../../../playbook/policy-grants';
import { admitting, wholeAccount } from '../contain/trust-cut';
import { artifactsOf, type Proposed } from '../contain/propose';
import { assumedRoles, proposeIdentities } from '../contain/propose-identities';
import { accountOfArn, iamTarget, inOrder, lastName, proposal } from '../contain/targets';
import type { AwsCase, AwsContext } from '../context';
import { documentOf } from '../eradicate/identity';
import { unchangeable } from '../iam-read';
import { protectedBy } from '../protect';

/** What reading for the proposals needs, under the emergency credential. */
export const breakGlassPermissions: readonly string[] = ['iam:GetAccountAuthorizationDetails'];

/** Actions that disable IAM or end sessions: what the emergency credential is for. */
const wanted = new Set(['aws.deny-user', 'aws.disable-access-keys', 'aws.revoke-role-sessions', 'aws.cut-role-trust']);

/**
 * The break-glass sequence: “disable compromised IAM, revoke all sessions”. The principal and what the attacker made are shut out again, whatever the responder's
 * own role could do; every role that was assumed or touched, and every administrator role that the principal could assume, loses its sessions; trusts are cut.
 */
export async function proposeBreakGlass(ctx: AwsContext, { principal, alerts }: Pick<AwsCase, 'principal' | 'alerts'>, findings: readonly Finding[]): Promise<Proposed> {
  const { config } = ctx.access;
  const ours = config.accounts.map((account) => account.id);
  const artifacts = artifactsOf(ctx, { alerts }, findings);
  const identities = proposeIdentities({ principal, alerts, findings, artifacts, ours }).filter(({ action }) => wanted.has(action));
  const touched = artifacts.flatMap((artifact) => {
    const role = textDetail(artifact, 'entityKind') === 'role' ? textDetail(artifact, 'entity') : artifact.kind === 'trust' || artifact.kind === 'role' ? artifact.id : null;
    return role && artifact.how !== 'read' && artifact.details.exists !== false ? [iamTarget('role', artifact.account, role)] : [];
  });
  const left: string[] = [];
  const admins = ours.includes(principal.account) ? await adminRoles(ctx, principal.account, principal.id) : [];
  const proposals: Proposal[] = [
    ...identities,
    ...touched.map((target) => proposal('aws.revoke-role-sessions', target, 'the attacker changed it')),
  ];
  for (const { arn, entries } of admins) {
    const target = iamTarget('role', principal.account, arn);
    if (protectedBy(config, arn, target.name)) {
      left.push(`role ${target.name} is protected, an administrator, and the principal could assume it (${entries.join(', ')}): look at its sessions by hand`);
      continue;
    }
    proposals.push(proposal('aws.revoke-role-sessions', target, 'it is an administrator role that the principal could assume'));
    if (/:(user|role)\//.test(principal.id)) proposals.push(proposal('aws.cut-role-trust', target, 'it is an administrator role that the principal could assume', { principals: [principal.id] }));
  }
  const foreign = assumedRoles({ alerts, findings, principal }).filter((arn) => !ours.includes(accountOfArn(arn) ?? ''));
  left.push(...foreign.map((arn) => `the principal opened sessions of ${lastName(arn)} in account ${accountOfArn(arn)}, which is not ours: tell its owner`));
  return { proposals: inOrder(proposals), left };
}

/** Administrator roles of the account whose trust lets the principal in, by name, by account, or with everybody. */
async function adminRoles(ctx: AwsContext, account: string, principal: string): Promise<{ arn: string; entries: string[] }[]> {
  const pages = paginateGetAccountAuthorizationDetails({ client: ctx.access.clients(account).iam }, { Filter: ['Role', 'LocalManagedPolicy'] });
  const roles: RoleDetail[] = [];
  const documents = new Map<string, unknown>();
  for await (const page of pages) {
    roles.push(...(page.RoleDetailList ?? []));
    for (const policy of page.Policies ?? []) documents.set(policy.Arn ?? '', policy.PolicyVersionList?.find((version) => version.IsDefaultVersion)?.Document);
  }
  // Root has no ARN in a trust policy; what admits the account admits it.
  const who = wholeAccount(principal) ? `arn:aws:iam::${account}:root` : principal;
  return roles.filter((role) => isAdmin(role, documents) && !unchangeable(role.Arn ?? '')).flatMap((role) => {
    const entries = admitting(documentOf(role.AssumeRolePolicyDocument), [who]);
    return entries.length > 0 ? [{ arn: role.Arn ?? '', entries: [...new Set(entries)] }] : [];
  });
}

function isAdmin(role: RoleDetail, documents: ReadonlyMap<string, unknown>): boolean {
  const attached = (role.AttachedManagedPolicies ?? []).map((policy) => policy.PolicyArn ?? '');
  if (attached.some((arn) => /:policy\/(AdministratorAccess|IAMFullAccess)$/.test(arn))) return true;
  const own = [...attached.map((arn) => documents.get(arn)), ...(role.RolePolicyList ?? []).map((policy) => policy.PolicyDocument)];
  return own.some((document) => document !== undefined && grantsAdmin(document) === true);
}
