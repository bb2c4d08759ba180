import { canonicalJson } from '../../../playbook/json';
import type { AzureAttack, Difference } from '../../../sandbox/azure';
import type { House } from '../house';

/**
 * Of all differences, those that nothing explains. Explained are: the contained identity itself and its ways in, applications whose secrets the attacker added to (2.1.3 rotates them), the emergency application’s
 * secret, keys that were anew because they were read, what hardening (section 4) adds, and what carries Tourniquet’s own name.
 */
export function unexpectedInAzure(house: House, attack: AzureAttack, differences: readonly Difference[]): Difference[] {
  const { world } = house.azure!.azure;
  const touched = [
    attack.principal, world.breakGlass.applicationId, ...attack.planted.secrets.map((one) => one.applicationId),
    // A deployment application and its service principal are one identity.
    ...(attack.principal === world.ci.servicePrincipalId ? [world.ci.applicationId] : []),
  ];
  const about = ({ path, before, after }: Difference): boolean => touched.some((id) => path.includes(id) || JSON.stringify([(before as { principalId?: string } | undefined)?.principalId, (before as { applicationId?: string } | undefined)?.applicationId, (before as { user?: string } | undefined)?.user, (before as { properties?: { principalId?: string } } | undefined)?.properties?.principalId, after]).includes(id));
  const explained = [/^\/keys/, /\/pricings\//i, /\/budgets\//i, /policyAssignments/i, /immutabilityPolicies/i, /\/snapshots\//i, /supportTickets/i, /^\/riskyUsers/];
  return differences.filter((one) => !explained.some((shape) => shape.test(one.path)) && !about(one) && !ours(one) && !sameButTimes(one));
}

/** A thing of Tourniquet’s own, or a change that only adds its rule to something. */
const ours = ({ before, after }: Difference): boolean => /tourniquet/i.test(JSON.stringify(after ?? '')) && !/tourniquet/i.test(JSON.stringify(before ?? ''));

/** Written back as it was: only when has changed. */
function sameButTimes({ before, after }: Difference): boolean {
  // The order of members says nothing in JSON.
  const plain = (value: unknown): string => canonicalJson(JSON.parse(JSON.stringify(value, (name, inner: unknown) => (/(Time|DateTime|keyCreationTime|provisioningState|updatedOn|location|tags|hasImmutabilityPolicy)$/i.test(name) ? undefined : inner)))).toLowerCase();
  return before !== undefined && after !== undefined && plain(before) === plain(after);
}
