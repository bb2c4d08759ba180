import type { ConditionalAccessPolicy, IpNamedLocation, User } from '@microsoft/microsoft-graph-types';
import ipaddr from 'ipaddr.js';
import { groupsOf, rolesOf } from '../state/membership';
import type { Sim } from '../state/sim';

export interface SignInDetail {
  user: User;
  appId: string;
  resource: string;
  mfa: boolean;
  interactive: boolean;
  protocol: 'ropc' | 'none' | 'oAuth2' | 'deviceCode';
}

/** What Conditional Access says to a sign-in: null = it may, else the AADSTS message. Source: Graph conditionalAccessPolicy; policies that only report are not enforced. */
export function access(sim: Sim, detail: SignInDetail, ip: string): string | null {
  for (const policy of sim.shelf<ConditionalAccessPolicy>('conditionalAccessPolicies').list()) {
    if (policy.state !== 'enabled' || !applies(sim, policy, detail, ip)) continue;
    const controls = policy.grantControls?.builtInControls ?? [];
    if (controls.includes('block')) return 'AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.';
    if ((controls.includes('mfa') || policy.grantControls?.authenticationStrength) && !detail.mfa) return `AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '${detail.resource}'.`;
  }
  return null;
}

function applies(sim: Sim, { conditions }: ConditionalAccessPolicy, { user, appId }: SignInDetail, ip: string): boolean {
  const users = conditions?.users;
  const id = user.id!;
  const [groups, roles] = [groupsOf(sim, id), rolesOf(sim, id)];
  const among = (ids: readonly string[] | null | undefined, of: readonly string[]): boolean => (ids ?? []).some((one) => of.includes(one));
  if (among(users?.excludeUsers, [id]) || among(users?.excludeGroups, groups) || among(users?.excludeRoles, roles)) return false;
  const guest = user.userType === 'Guest' ? ['GuestsOrExternalUsers'] : [];
  if (!among(users?.includeUsers, ['All', id, ...guest]) && !among(users?.includeGroups, groups) && !among(users?.includeRoles, roles)) return false;
  const applications = conditions?.applications;
  if (applications?.excludeApplications?.includes(appId) || (applications?.includeApplications && !among(applications.includeApplications, ['All', appId]))) return false;
  const locations = conditions?.locations;
  if (!locations) return true;
  return !within(sim, locations.excludeLocations, ip) && within(sim, locations.includeLocations, ip);
}

function within(sim: Sim, ids: readonly string[] | null | undefined, ip: string): boolean {
  return (ids ?? []).some((id) => {
    if (id === 'All') return true;
    const named = sim.shelf<IpNamedLocation>('namedLocations').list();
    return named.filter((one) => one.id === id || (id === 'AllTrusted' && one.isTrusted)).some((one) => (one.ipRanges ?? []).some((range) => contains((range as { cidrAddress?: string }).cidrAddress ?? '', ip)));
  });
}

export function contains(cidr: string, ip: string): boolean {
  try {
    const address = ipaddr.process(ip);
    const [base, bits] = ipaddr.parseCIDR(cidr);
    return address.kind() === base.kind() && address.match(base, bits);
  } catch {
    return false;
  }
}
