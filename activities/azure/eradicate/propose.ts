import { artifactKey, objectDetail, textDetail } from '../../../playbook/artifacts';
import { azureCatalogue } from '../../../playbook/catalogue';
import { canonicalJson } from '../../../playbook/json';
import type { Artifact } from '../../../playbook/model/finding';
import type { Proposal } from '../../../playbook/model/plan';
import { codeOf, toFailure } from '../../boundary';
import type { Propose } from '../../provider';
import { credentialsOf } from '../contain/app-credentials';
import { resolvePrincipal } from '../contain/resolve';
import { directoryTarget, proposal, resourceTarget } from '../contain/targets';
import type { AzureContext } from '../context';
import { classifyAzure } from '../errors';
import { isPolicy } from './restore-conditional-access';

/**
 * Section 3: exactly what the investigation attributed to the attacker, in an order that works; everything else is a line for a person. Parts of an identity that goes as a whole
 * go with it. Reads only to find whose credential it is.
 */
export const proposeEradication: Propose<AzureContext> = async (ctx, { principal }, findings) => {
  const artifacts = distinct(findings.flatMap((finding) => finding.artifacts)).filter((one) => one.provider === 'azure');
  const ours = new Set(ctx.access.config.tenants.map((tenant) => tenant.id));
  const attackers = artifacts.filter((one) => one.attribution === 'attacker' && one.how !== 'read' && one.details.exists !== false);
  const made = new Set(attackers.filter((one) => one.how === 'created' && ['user', 'group', 'service-principal', 'bucket'].includes(one.kind)).map((one) => one.id.toLowerCase()));
  const left = artifacts.filter((one) => one.attribution !== 'attacker' && one.how !== 'read').map((one) => listed(one, textDetail(one, 'why') ?? 'no recorded act of the attacker leads to it'));
  const proposals: Proposal[] = [];
  for (const one of attackers) {
    const owner = textDetail(one, 'principal') ?? textDetail(one, 'user');
    if (owner && made.has(owner.toLowerCase())) continue;
    if (one.id.toLowerCase() === principal.id.toLowerCase()) {
      left.push(listed(one, 'it is the incident’s own principal: contained, and rebuilt rather than deleted'));
      continue;
    }
    const answer = ours.has(one.account) ? await row(ctx, one, made) : `tenant ${one.account} is not configured`;
    if (typeof answer === 'string') left.push(listed(one, answer));
    else if (answer) proposals.push(answer);
  }
  return { proposals: ordered(proposals), left };
};

const listed = ({ account, region, kind, id }: Artifact, because: string): string => `${kind} ${id} (${[account, region].filter(Boolean).join(', ')}): ${because}`;

/** A proposal, the reason why a person must look, or null when another phase has it in hand. */
async function row(ctx: AzureContext, artifact: Artifact, made: ReadonlySet<string>): Promise<Proposal | string | null> {
  const { account: tenant, kind, how, id, name, region } = artifact;
  const because = textDetail(artifact, 'why') ?? `the attacker ${how} it`;
  const object = textDetail(artifact, 'object');
  // 2.1.5 puts logging back, 2.1.1 takes methods and devices away.
  if (kind === 'trail' || kind === 'detector') return how === 'created' ? 'the attacker made it: see what it records and where to' : null;
  if (kind === 'mfa-device' || object === 'device') return how === 'deleted' ? 'the attacker removed a sign-in method: register it again with the person' : null;
  if (how === 'deleted') return kind === 'user' && artifact.details.restorable === true ? 'the attacker deleted it: restore it from the deleted users within 30 days' : 'the attacker removed it: put it back by hand';
  switch (kind) {
    case 'user':
      return how === 'created' ? proposal('azure.delete-user', directoryTarget('user', tenant, id, name), because) : 'the attacker changed it: compare and put back by hand';
    case 'service-principal':
      return proposal('azure.delete-application', directoryTarget('service-principal', tenant, id, name), because, { object: object ?? 'service-principal' });
    case 'group': {
      const member = textDetail(artifact, 'user');
      if (!member) return how === 'created' ? proposal('azure.delete-group', directoryTarget('group', tenant, id, name), because) : 'the attacker changed it: compare and put back by hand';
      return made.has(id.toLowerCase()) ? null : proposal('azure.remove-group-member', directoryTarget('group', tenant, id, name), because, { member, memberName: textDetail(artifact, 'userName') });
    }
    case 'access-key':
      return credential(ctx, artifact, because);
    case 'login-profile':
      return 'the attacker set its password: give the person a new one (2.1.1 does it when the person is in the plan)';
    case 'policy-attachment':
      return attachment(artifact, because);
    case 'policy':
      if (how === 'created') return proposal('azure.delete-policy', directoryTarget('policy', tenant, id, name), because, { object });
      return object === 'conditional-access' && isPolicy(artifact.details.previous) ? proposal('azure.restore-conditional-access', directoryTarget('policy', tenant, id, name), because, { previous: objectDetail(artifact, 'previous')! }) : 'the attacker changed it: its former state is in the evidence, put it back by hand';
    case 'role':
      return how === 'created' && object === 'azure-role' ? proposal('azure.delete-role-definition', resourceTarget('role', tenant, id), because) : 'a role was written: compare it with its former state and put it back by hand';
    case 'trust':
      return how === 'created' && object === 'cross-tenant' && /^[0-9a-f-]{36}$/i.test(id) ? proposal('azure.delete-partner', directoryTarget('trust', tenant, id, name), because) : 'a trust was changed: put it back by hand, for a domain by converting it to managed';
    case 'instance':
      if (!/\/providers\/Microsoft\.Compute\/virtualMachines\/[^/]+$/i.test(id)) return 'snapshots are made of virtual machines only: stop and delete it by hand';
      return how === 'created' ? proposal('azure.delete-vm', resourceTarget('instance', tenant, id, region), because) : 'the attacker ran something in it: it is isolated, rebuild it';
    case 'bucket':
      if (how !== 'created') return null;
      if (!/\/containers\/[^/]+$/i.test(id)) return proposal('azure.delete-storage-account', resourceTarget('bucket', tenant, id, region), because, { since: textDetail(artifact, 'time') ?? textDetail(artifact, 'at') });
      // Goes with its account, whose evidence has it.
      return made.has(id.split(/\/blobServices\//i)[0]!.toLowerCase()) ? null : proposal('azure.delete-container', resourceTarget('bucket', tenant, id, region), because);
    case 'security-group':
    case 'security-group-rule':
      return how === 'created' ? proposal('azure.delete-nsg-rule', resourceTarget(kind, tenant, id, region), because) : 'the attacker changed it: what it was is not in the log, put it back by hand';
    case 'function':
      return how === 'created' ? proposal('azure.delete-function', resourceTarget('function', tenant, id, region), because) : 'the attacker changed it: deploy it again from your own source';
    default:
      return 'there is no action for this kind of thing: remove it by hand';
  }
}

/** Grants to an identity that was there before. */
function attachment(artifact: Artifact, because: string): Proposal | string {
  const { account: tenant, id, details } = artifact;
  const [relation, principal] = [textDetail(artifact, 'relation'), textDetail(artifact, 'principal') ?? ''];
  const kind = textDetail(artifact, 'principalKind') === 'user' ? 'user' : 'service-principal';
  const who = directoryTarget(kind, tenant, principal, textDetail(artifact, 'principalName') ?? principal);
  if (relation === 'azure-role') return details.elevated === true ? 'the attacker gave himself access to every subscription: remove User Access Administrator at scope / (az role assignment delete --scope /)' : proposal('azure.delete-azure-role-assignment', resourceTarget('policy-attachment', tenant, id), because);
  if (relation === 'directory-role') return textDetail(artifact, 'role') && textDetail(artifact, 'principalKind') !== 'group' ? proposal('azure.remove-directory-roles', who, because, { roles: [textDetail(artifact, 'role')!] }) : 'which role, or of which group’s members, the record does not say';
  if (relation === 'app-role' && textDetail(artifact, 'appRole')) return proposal('azure.remove-grant', who, because, { relation, principalKind: kind, appRole: textDetail(artifact, 'appRole')!, permission: textDetail(artifact, 'permission'), on: textDetail(artifact, 'on') });
  if (relation === 'oauth2-grant' && textDetail(artifact, 'scope')) return proposal('azure.remove-grant', who, because, { relation, scope: textDetail(artifact, 'scope')!, on: textDetail(artifact, 'on') });
  const on = textDetail(artifact, 'on');
  if (relation === 'owner' && on && textDetail(artifact, 'onKind') !== 'group') return proposal('azure.remove-grant', directoryTarget('application', tenant, on, on), because, { relation, owner: principal, ownerName: who.name, object: textDetail(artifact, 'onKind') === 'application' ? 'application' : 'service-principal' });
  return 'the record does not say exactly what was given: compare and take it away by hand';
}

/** The credential of an application that was there before, by its key id, or by name for a federated one. */
async function credential(ctx: AzureContext, artifact: Artifact, because: string): Promise<Proposal | string> {
  const principal = textDetail(artifact, 'principal');
  if (!principal) return 'a credential of a managed identity: remove it by hand';
  try {
    const { resource: _resource, ...holder } = await resolvePrincipal(ctx, artifact.account, principal, textDetail(artifact, 'principalName') ?? principal);
    const { credentials } = await credentialsOf(ctx, holder);
    const found = credentials.filter((one) => one.id === artifact.id || (artifact.details.federated === true && one.kind === 'federated' && one.name.startsWith(`${artifact.name} (`)));
    return proposal('azure.remove-app-credentials', holder, because, { credentials: found.length > 0 ? found.map((one) => one.id) : [artifact.id] });
  } catch (error) {
    const failure = toFailure(error, classifyAzure);
    if (!failure.nonRetryable) throw failure;
    return `whose credential it is could not be seen (${codeOf(failure)})`;
  }
}

const order = Object.keys(azureCatalogue);

/** Once each, in the catalogue’s order; lists of the same step (credentials, roles) are joined. */
function ordered(proposals: readonly Proposal[]): Proposal[] {
  const byKey = new Map<string, Proposal>();
  for (const one of proposals) {
    const lists = Object.fromEntries(Object.entries(one.params).filter(([, value]) => Array.isArray(value)));
    const rest = Object.fromEntries(Object.entries(one.params).filter(([, value]) => !Array.isArray(value)));
    const key = `${one.action} ${one.target.account} ${one.target.id.toLowerCase()} ${canonicalJson(rest)}`;
    const known = byKey.get(key);
    if (known) for (const [name, value] of Object.entries(lists)) lists[name] = [...new Set([...((known.params[name] ?? []) as string[]), ...(value as string[])])];
    byKey.set(key, { ...(known ?? one), params: { ...rest, ...lists } });
  }
  return [...byKey.values()].sort((a, b) => order.indexOf(a.action) - order.indexOf(b.action));
}

/** Seen by two checks: the attribution that one of them could prove counts. */
function distinct(artifacts: readonly Artifact[]): Artifact[] {
  const byKey = new Map<string, Artifact>();
  for (const artifact of artifacts) {
    const known = byKey.get(artifactKey(artifact));
    if (!known || (known.attribution === 'unattributed' && artifact.attribution === 'attacker')) byKey.set(artifactKey(artifact), artifact);
  }
  return [...byKey.values()];
}
