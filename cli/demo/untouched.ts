import type { Attack, Difference } from '../../sandbox/aws';
import type { House } from './house';

/**
 * Of all differences, those that nothing explains. Explained are: the contained identity itself, the rotated emergency user,
 * what hardening (section 4) adds, and what carries Tourniquet’s own name. Everything else must be as it was.
 */
export function unexpected(house: House, attack: Attack, differences: readonly Difference[]): Difference[] {
  const contained = attack.principal.split('/').pop()!;
  const explained = [
    // Whose keys the attacker added to: 2.1.3 rotates them.
    new RegExp(`/iam/user/(${[contained, house.world.breakGlass.name, ...attack.planted.accessKeys.map((key) => key.user)].map(escape).join('|')})$`),
    /tourniquet/i,
    /\/guardduty\//, /\/cloudtrail\//, /\/budgets?\//, /\/ce\//, /organization\/scp\//, /\/root$/, /\/snapshot\//,
  ];
  const blocked = (one: Difference): boolean => JSON.stringify(one.after).includes(attack.sourceIp) && !JSON.stringify(one.before).includes(attack.sourceIp);
  return differences.filter((one) => !explained.some((shape) => shape.test(one.path)) && !onlyOurs(one) && !(one.path.includes('/network-acl/') && blocked(one)));
}

/** A thing of Tourniquet’s own, or a change that only adds its policy or rule to something. */
function onlyOurs({ change, before, after }: Difference): boolean {
  if (change === 'added') return /tourniquet/i.test(JSON.stringify(after));
  if (change !== 'changed') return false;
  const was = JSON.stringify(before);
  const is = JSON.stringify(after);
  return is.length > was.length && /tourniquet/i.test(is) && !/tourniquet/i.test(was);
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
