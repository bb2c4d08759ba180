import type { ServicePrincipal, User } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../playbook/json';
import type { Alert } from '../../playbook/model/alert';
import type { Principal } from '../../playbook/model/principal';
import type { LookedUp } from '../../playbook/triage/inputs';
import { codeOf, toFailure } from '../boundary';
import { changedIdentities } from '../../playbook/triage/changed';
import { cacheOf } from '../context-cache';
import { countryOf, networkOf } from '../geo';
import type { AzureContext } from './context';
import { directoryRolePermissions, GLOBAL_ADMINISTRATOR, isAdminRole, rolesOf, type DirectoryKind, type HeldRole } from './directory';
import { classifyAzure } from './errors';
import { at } from './graph';
import { noAnswer, within } from '../within';

export const lookUpPermissions = [...directoryRolePermissions, 'Application.Read.All'] as const;

/** Triage does not wait for a slow service: what is not there by then is said to be missing. */
const PATIENCE_MS = 2_500;
const GONE: LookedUp['target'] = { exists: false, createdAt: null, isAdmin: null };

/**
 * What a name lacks, for triage: is the principal an administrator (a lookup of directory roles: active, eligible, and through groups), does the target exist and since when,
 * from which countries. All reads in parallel; never throws: each failure is one line in `failed`. `facts`: `networks` (address → kind), `directoryRoles` (names).
 */
export async function lookUp(ctx: Pick<AzureContext, 'access'>, { principal, alerts }: { principal: Principal; alerts: Alert[] }): Promise<LookedUp> {
  const failed: LookedUp['failed'] = [];
  const facts: JsonObject = {};
  alerts.flatMap(changedIdentities).forEach((change) => cacheOf(ctx.access).changed(change));
  const attempt = async <T>(what: string, read: () => Promise<T>, whenGone: T | null = null): Promise<T | null> => {
    try {
      return await within(read(), PATIENCE_MS, noAnswer(PATIENCE_MS));
    } catch (error) {
      const code = codeOf(toFailure(error, classifyAzure)) ?? 'UNEXPECTED';
      if (code === 'NOT_FOUND' && whenGone !== null) return whenGone;
      failed.push({ what, error: code });
      return null;
    }
  };
  const alert = [...alerts].sort((a, b) => (a.time < b.time ? 1 : -1)).find((one) => one.target !== null) ?? null;
  const [rights, target] = await Promise.all([
    attempt(`rights of ${principal.name}`.slice(0, 200), () => rightsOf(ctx, principal, facts)),
    alert ? attempt(`target ${alert.target!.kind} ${alert.target!.id}`.slice(0, 200), () => cacheOf(ctx.access).get({ kind: 'target', account: alert.target!.account ?? alert.account, subject: alert.target!.id, more: alert.target!.kind }, () => targetOf(ctx, alert)), GONE) : null,
  ]);
  const networks: JsonObject = {};
  const countries: LookedUp['countries'] = {};
  for (const ip of [...new Set(alerts.flatMap((one) => [...(one.sourceIp ? [one.sourceIp] : []), ...one.addresses]))].slice(0, 50)) {
    const country = countryOf(ip);
    if (country) countries[ip] = country;
    networks[ip] = networkOf(ip);
  }
  return { principalIsAdmin: rights?.admin ?? null, globalAdmin: rights?.globalAdmin ?? null, target, countries, facts: { ...facts, networks }, failed };
}

const knownRoles = (ctx: Pick<AzureContext, 'access'>, tenant: string, kind: DirectoryKind, id: string): Promise<HeldRole[]> =>
  cacheOf(ctx.access).get({ kind: 'rights', account: tenant, subject: id, more: kind }, () => rolesOf(ctx.access.graph(tenant), kind, id));

/** Null = cannot be said. */
async function rightsOf(ctx: Pick<AzureContext, 'access'>, principal: Principal, facts: JsonObject): Promise<{ admin: boolean; globalAdmin: boolean } | null> {
  const kind = directoryKind(principal);
  if (!kind) return null;
  const roles = await knownRoles(ctx, principal.account, kind, principal.id);
  facts.directoryRoles = [...new Set(roles.map((role) => `${role.roleName} (${role.how}${role.group ? `, through ${role.group.name}` : ''})`))];
  return { admin: roles.some(isAdminRole), globalAdmin: roles.some((role) => role.roleId.toLowerCase() === GLOBAL_ADMINISTRATOR) };
}

export function directoryKind({ kind }: Pick<Principal, 'kind'>): DirectoryKind | null {
  if (kind === 'user' || kind === 'guest') return 'user';
  return kind === 'service-principal' || kind === 'managed-identity' ? 'service-principal' : null;
}

async function targetOf(ctx: Pick<AzureContext, 'access'>, alert: Alert): Promise<LookedUp['target']> {
  const { kind, id, account } = alert.target!;
  const graph = ctx.access.graph(account ?? alert.account);
  if (kind === 'user') {
    const user = await graph.get<User>(at`/users/${id}`, { select: 'id,createdDateTime' });
    const roles = await rolesOf(graph, 'user', user.id ?? id);
    return { exists: true, createdAt: user.createdDateTime ?? null, isAdmin: roles.some(isAdminRole) };
  }
  const type = Array.isArray(alert.facts.targets) ? String((alert.facts.targets[0] as JsonObject | undefined)?.type ?? '') : '';
  if (/^serviceprincipal$/i.test(type)) {
    const found = await graph.get<ServicePrincipal>(at`/servicePrincipals/${id}`, { select: 'id' });
    const roles = await rolesOf(graph, 'service-principal', found.id ?? id);
    return { exists: true, createdAt: null, isAdmin: roles.some(isAdminRole) };
  }
  return null;
}
