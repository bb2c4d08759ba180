/** An incident of a campaign, as far as links go. */
export interface Linked {
  incident: string;
  caseKey: string;
  /** Public addresses that its alerts came from, ours and documented ones left out. */
  addresses?: string[];
}

export interface Link {
  address: string;
  incidents: string[];
}

/**
 * Incidents of different principals that came from one address. An address is shared by offices, VPNs and rented machines: it never makes one incident of two,
 * it only says that somebody should look at both.
 */
export function linksBetween(members: readonly Linked[]): Link[] {
  const byAddress = new Map<string, Set<string>>();
  for (const { incident, addresses = [] } of members) for (const address of addresses) byAddress.set(address, (byAddress.get(address) ?? new Set()).add(incident));
  return [...byAddress].filter(([, incidents]) => incidents.size > 1).map(([address, incidents]) => ({ address, incidents: [...incidents].sort() })).sort((a, b) => (a.address < b.address ? -1 : 1));
}
