import { textDetail } from '../../../playbook/artifacts';
import type { JsonObject } from '../../../playbook/json';
import type { Artifact } from '../../../playbook/model/finding';
import type { Proposal, Target } from '../../../playbook/model/plan';
import type { AzureCase, AzureContext } from '../context';
import { roleGroupsOf, rolesOf } from '../directory';
import { resolvePrincipal, resolveUser } from './resolve';
import { directoryTarget, proposal, resourceTarget } from './targets';

/** Registering a method comes a moment before the first thing that is noticed. */
const BEFORE_MS = 10 * 60_000;

type Case = Pick<AzureCase, 'principal' | 'alerts' | 'contained'>;

/** Rows 2.1.1 to 2.1.3 for the identity of the alerts. */
export async function proposePrincipal(ctx: AzureContext, { principal, alerts, contained }: Case, artifacts: readonly Artifact[]): Promise<Proposal[]> {
  const { account: tenant, id, name, kind } = principal;
  const because = `it is the identity of the alerts (${[...new Set(alerts.map((alert) => alert.event))].slice(0, 5).join(', ')})`;
  const first = alerts.map((alert) => alert.time).sort()[0];
  if (kind === 'user' || kind === 'guest') {
    const target = await resolveUser(ctx, tenant, id, name);
    const registered = registrations({ alerts, contained }, artifacts, target.id);
    return shutOut(ctx, target, because, first ? { since: earlier(first), ...(registered.length > 0 ? { registered } : {}), ...shutOutAt(contained) } : null);
  }
  if (kind === 'service-principal' || kind === 'managed-identity') return shutOutPrincipal(await resolvePrincipal(ctx, tenant, id, name), because);
  // Refused when planned, and so shown: nobody may think that it was contained.
  return [proposal('azure.disable-user', { provider: 'azure', account: tenant, region: null, kind, id, name: name || id || 'unknown' }, because)];
}

/** What can be wished for when the directory does not answer: by the id that the alert names. An administrator until the contrary is seen. */
export function proposeBlindly({ principal, alerts }: Case): Proposal[] {
  const { account, id, name, kind } = principal;
  const because = `it is the identity of the alerts (${[...new Set(alerts.map((alert) => alert.event))].slice(0, 5).join(', ')}); the directory did not answer in time`;
  if (kind === 'service-principal' || kind === 'managed-identity') return shutOutPrincipal({ ...directoryTarget(kind, account, id, name), resource: null }, because);
  return personSteps(directoryTarget(kind === 'guest' ? 'user' : kind, account, id, name), because, null, true);
}

/** Parameters of `azure.remove-auth-methods`. */
type Methods = { since: string; registered?: string[]; shutOut?: string };

const earlier = (time: string): string => new Date(Date.parse(time) - BEFORE_MS).toISOString();
const shutOutAt = (contained: string | undefined): { shutOut?: string } => (contained ? { shutOut: contained } : {});

/**
 * When the attacker registered a method for a user, as alerts and findings tell (ISO, in order). Before containment every registration is the attacker's; afterwards only one from an
 * address that was the attacker's before: the person is asked for a hardware key then, and that too is told by an alert. Pure.
 */
export function registrations({ alerts, contained }: Pick<Case, 'alerts' | 'contained'>, artifacts: readonly Artifact[], user: string): string[] {
  const early = (time: string): boolean => contained === undefined || Date.parse(time) < Date.parse(contained);
  const attackers = new Set(alerts.filter((alert) => early(alert.time)).flatMap((alert) => (alert.sourceIp ? [alert.sourceIp] : [])));
  const fromAttackers = (time: string): boolean => alerts.some((alert) => alert.time === time && alert.sourceIp !== null && attackers.has(alert.sourceIp));
  const times = artifacts.filter((one) => one.kind === 'mfa-device' && one.how === 'created' && (textDetail(one, 'user') ?? one.id).toLowerCase() === user.toLowerCase()).map((one) => textDetail(one, 'at') ?? '');
  return [...new Set(times.filter((time) => Number.isFinite(Date.parse(time)) && (early(time) || fromAttackers(time))).map((time) => new Date(time).toISOString()))].sort();
}

/**
 * A person: kept out, then everything taken away that could let them in again, and only then their sessions. Whoever Graph may protect from an application without
 * a higher role is kept out by Conditional Access too, which needs none: holders of any directory role, and members of a group that may hold one (Graph: “Who can perform sensitive actions”). */
async function shutOut(ctx: AzureContext, target: Target, because: string, methods: Methods | null): Promise<Proposal[]> {
  const graph = ctx.access.graph(target.account);
  const shielded = await Promise.all([rolesOf(graph, 'user', target.id), roleGroupsOf(graph, 'user', target.id)]).then((held) => held.flat().length > 0, () => true);
  return personSteps(target, because, methods, shielded);
}

function personSteps(target: Target, because: string, methods: Methods | null, shielded: boolean): Proposal[] {
  const since: JsonObject = methods ? { since: methods.since } : {};
  return [
    ...(shielded ? [proposal('azure.deny-sign-in', target, because)] : []),
    proposal('azure.disable-user', target, because), proposal('azure.reset-password', target, because),
    ...(methods ? [proposal('azure.remove-auth-methods', target, because, methods), proposal('azure.disable-devices', target, because, since)] : []),
    proposal('azure.remove-directory-roles', target, because), proposal('azure.remove-app-access', target, because, since), proposal('azure.remove-azure-roles', target, because),
    proposal('azure.revoke-sessions', target, because),
  ];
}

function shutOutPrincipal({ resource, ...target }: Awaited<ReturnType<typeof resolvePrincipal>>, because: string): Proposal[] {
  const roles = [proposal('azure.remove-directory-roles', target, because), proposal('azure.remove-app-access', target, because), proposal('azure.remove-azure-roles', target, because)];
  const isolation = resource ? isolate(target.account, resource, `${because}, and is this resource’s identity`) : [];
  // Disabling a managed identity and removing its credential are refused with what is done instead, so that people see it.
  return [proposal('azure.disable-service-principal', target, because), ...roles, proposal('azure.remove-app-credentials', target, because), ...isolation];
}

/** The action that stops a resource; none for one that has no such action. */
export function isolate(tenant: string, id: string, because: string): Proposal[] {
  if (/\/providers\/Microsoft\.Compute\/virtualMachines\/[^/]+$/i.test(id)) return [proposal('azure.isolate-vm', resourceTarget('instance', tenant, id), because)];
  if (/\/providers\/Microsoft\.Web\/sites\/[^/]+$/i.test(id)) return [proposal('azure.isolate-function', resourceTarget('function', tenant, id), because)];
  if (/\/providers\/Microsoft\.Logic\/workflows\/[^/]+$/i.test(id)) return [proposal('azure.isolate-logic-app', resourceTarget('function', tenant, id), because)];
  return [];
}

/** What the attacker made of others, or made others able to do. */
export async function proposeOthers(ctx: AzureContext, { principal, contained }: Pick<Case, 'principal' | 'contained'>, artifacts: readonly Artifact[]): Promise<Proposal[]> {
  const lists = await Promise.all(artifacts.filter((one) => one.how !== 'deleted' && one.how !== 'read').map((one) => ofArtifact(ctx, one, contained)));
  const made = new Set(artifacts.filter((one) => one.kind === 'service-principal' && one.how === 'created').map((one) => one.id.toLowerCase()));
  // The principal itself is shut out whole already; an application of the attacker's own gets no new secret.
  return lists.flat().filter((one) => one.target.id.toLowerCase() !== principal.id.toLowerCase() && !(one.action === 'azure.rotate-app-credentials' && made.has(one.target.id.toLowerCase())));
}

async function ofArtifact(ctx: AzureContext, artifact: Artifact, contained: string | undefined): Promise<Proposal[]> {
  const { account: tenant, kind, how, id, name } = artifact;
  const because = textDetail(artifact, 'why') ?? 'the attacker made it';
  if (kind === 'user' && how === 'created') return shutOut(ctx, await resolveUser(ctx, tenant, id, name), because, null);
  if (kind === 'service-principal' && how === 'created') return shutOutPrincipal(await resolvePrincipal(ctx, tenant, id, name), because);
  if (kind === 'access-key' && textDetail(artifact, 'principal')) {
    const { resource: _resource, ...holder } = await resolvePrincipal(ctx, tenant, textDetail(artifact, 'principal') ?? '', textDetail(artifact, 'principalName') ?? '');
    return [proposal('azure.remove-app-credentials', holder, because, { credentials: [id] }), proposal('azure.rotate-app-credentials', holder, because)];
  }
  if (kind === 'mfa-device') {
    const user = await resolveUser(ctx, tenant, textDetail(artifact, 'user') ?? id, textDetail(artifact, 'userName') ?? name);
    const at = textDetail(artifact, 'at');
    return at ? [proposal('azure.remove-auth-methods', user, because, { since: earlier(at), registered: [new Date(at).toISOString()], ...shutOutAt(contained) }), proposal('azure.revoke-sessions', user, because)] : [];
  }
  const role = textDetail(artifact, 'role');
  // Without the role's id everything that the identity has would go: then it is a person's to judge.
  if (kind !== 'policy-attachment' || !role || !/^(user|serviceprincipal)$/.test(textDetail(artifact, 'principalKind') ?? '')) return [];
  const [holder, holderName] = [textDetail(artifact, 'principal') ?? '', textDetail(artifact, 'principalName') ?? ''];
  const { resource: _none, ...target } = textDetail(artifact, 'principalKind') === 'user' ? { ...(await resolveUser(ctx, tenant, holder, holderName)), resource: null } : await resolvePrincipal(ctx, tenant, holder, holderName);
  return [proposal('azure.remove-directory-roles', target, because, { roles: [role] })];
}
