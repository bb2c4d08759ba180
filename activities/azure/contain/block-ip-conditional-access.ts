import type { ConditionalAccessPolicy, IpNamedLocation } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import { blockable, type Address } from '../../address';
import { fail } from '../../boundary';
import type { AzureContext } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { gone } from '../errors';
import { at } from '../graph';
import { emergencyUsers, POLICIES, policiesNamed, policyPermissions } from './conditional-access';

const LOCATIONS = '/identity/conditionalAccess/namedLocations';
type Location = Omit<IpNamedLocation, 'ipRanges'> & { ipRanges?: { '@odata.type'?: string; cidrAddress?: string }[] };

/**
 * Row 2.1.4. Target: the tenant; `params.address`. A named location of blocked addresses and one policy that blocks every sign-in from it; the emergency accounts are excluded,
 * and without one the step is refused (Entra: “Manage emergency access accounts”). Graph v1.0: ipNamedLocation, conditionalAccessPolicy.
 */
export const blockIpConditionalAccess = guardedAzureAction('azure.block-ip-conditional-access', {
  permissions: [...policyPermissions, 'User.Read.All'],
  async plan(ctx, { target, params }) {
    const address = blockable(ctx.access.config, params.address);
    const excluded = await excludedOf(ctx, target.account);
    const [location, policy] = await both(ctx, target.account);
    const needed = !inForce(location, policy, address, excluded);
    return {
      needed, before: { listed: cidrs(location).includes(address.cidr), policy: policy?.id ?? null, location: location?.id ?? null },
      change: needed ? [`add ${address.cidr} to named location “${ctx.access.config.names.namedLocation}”`, ...(policy ? [] : [`create policy “${ctx.access.config.names.blockAddressesPolicy}”: block every sign-in from it, ${excluded.length} emergency accounts excluded`])] : [],
    };
  },
  async apply(ctx, { target, params }): Promise<JsonObject> {
    const address = blockable(ctx.access.config, params.address);
    const excluded = await excludedOf(ctx, target.account);
    const graph = ctx.access.graph(target.account);
    const { names } = ctx.access.config;
    const [location, policy] = await both(ctx, target.account);
    if (inForce(location, policy, address, excluded)) return { already: true };
    const ranges = [...new Set([...cidrs(location), address.cidr])].map((cidr) => ({ '@odata.type': cidr.includes(':') ? '#microsoft.graph.iPv6CidrRange' : '#microsoft.graph.iPv4CidrRange', cidrAddress: cidr }));
    const body = { '@odata.type': '#microsoft.graph.ipNamedLocation', displayName: names.namedLocation, isTrusted: false, ipRanges: ranges };
    const id = location?.id ?? (await graph.post<Location>(LOCATIONS, body)).id ?? '';
    if (location) await graph.patch(`${LOCATIONS}${at`/${id}`}`, body);
    const wanted = {
      displayName: names.blockAddressesPolicy, state: 'enabled', grantControls: { operator: 'OR', builtInControls: ['block'] },
      conditions: { clientAppTypes: ['all'], applications: { includeApplications: ['All'] }, users: { includeUsers: ['All'], excludeUsers: excluded }, locations: { includeLocations: [id] } },
    };
    if (policy) await graph.patch(`${POLICIES}${at`/${policy.id ?? ''}`}`, wanted);
    else await graph.post(POLICIES, wanted);
    return { location: id };
  },
  async verify(ctx, { target, params }): Promise<Verified> {
    const address = blockable(ctx.access.config, params.address);
    const [location, policy] = await both(ctx, target.account);
    return { holds: inForce(location, policy, address, await excludedOf(ctx, target.account)), seen: { listed: cidrs(location).includes(address.cidr), policy: policy?.state ?? null } };
  },
  async undo(ctx, { target, params, before }) {
    const address = blockable(ctx.access.config, params.address);
    const graph = ctx.access.graph(target.account);
    const [location, policy] = await both(ctx, target.account);
    const rest = cidrs(location).filter((cidr) => cidr !== address.cidr);
    if (before.listed !== true && location?.id) {
      // A location cannot be empty, and not be deleted while a policy names it: the policy goes first.
      if (rest.length === 0 && policy?.id) await gone(graph.delete(`${POLICIES}${at`/${policy.id}`}`));
      if (rest.length === 0) await gone(graph.delete(`${LOCATIONS}${at`/${location.id}`}`));
      else await graph.patch(`${LOCATIONS}${at`/${location.id}`}`, { '@odata.type': '#microsoft.graph.ipNamedLocation', ipRanges: (location.ipRanges ?? []).filter((range) => range.cidrAddress !== address.cidr) });
    }
    return { seen: { blocked: rest }, left: [] };
  },
});

const cidrs = (location: Location | null): string[] => (location?.ipRanges ?? []).flatMap((range) => range.cidrAddress ?? []);

async function both(ctx: AzureContext, tenant: string): Promise<[Location | null, ConditionalAccessPolicy | null]> {
  const { names } = ctx.access.config;
  const [locations, policies] = await Promise.all([ctx.access.graph(tenant).list<Location>(LOCATIONS), policiesNamed(ctx, tenant, names.blockAddressesPolicy)]);
  return [locations.find((one) => one.displayName === names.namedLocation) ?? null, policies[0] ?? null];
}

async function excludedOf(ctx: AzureContext, tenant: string): Promise<string[]> {
  const excluded = await emergencyUsers(ctx, tenant);
  if (excluded.length === 0) throw fail('INVALID_CONFIG', 'azure.tenants[].emergencyIdentities names no account of the tenant: a policy for everybody could lock everybody out');
  return excluded;
}

function inForce(location: Location | null, policy: ConditionalAccessPolicy | null, address: Address, excluded: readonly string[]): boolean {
  const { users, locations, applications } = policy?.conditions ?? {};
  return cidrs(location).includes(address.cidr) && policy?.state === 'enabled' && policy.grantControls?.builtInControls?.includes('block') === true && users?.includeUsers?.includes('All') === true &&
    (users.excludeUsers ?? []).every((id) => excluded.includes(id)) && excluded.every((id) => users.excludeUsers?.includes(id)) && locations?.includeLocations?.includes(location?.id ?? '') === true && applications?.includeApplications?.includes('All') === true;
}
