import { createReader, defineCheck, LAG, trailPermissions } from '../check';
import { directoryRolePermissions, rolesOf } from '../../directory';
import { directoryKind } from '../../look-up';
import { trail } from '../trail';

/** 1.2.1: who performed the action: the identity, its directory roles, and what else the attacker has of his own by now. */
export const who = defineCheck('1.2.1-who', [...trailPermissions, ...directoryRolePermissions], async (ctx, aCase) => {
  const { principal, alerts } = aCase;
  const reader = createReader();
  const kind = directoryKind(principal);
  const [seen, held] = await Promise.all([trail(ctx, aCase), kind ? reader.exists(`directory roles of ${principal.id}`.slice(0, 200), () => rolesOf(ctx.access.graph(principal.account), kind, principal.id)) : null]);
  const roles = (held?.value ?? []).map((role) => `${role.roleName} (${role.how}${role.group ? `, through ${role.group.name}` : ''})`);
  const attackers = seen.events.filter((one) => one.attribution === 'attacker');
  const taken = [...seen.owned.entries(), ...seen.shared.entries()].map(([id, one]) => ({ id, name: one.name, why: one.why }));
  return {
    found: principal.kind !== 'unknown' && principal.id !== '',
    summary: [
      `${principal.kind} ${principal.name || principal.id || 'unknown'}`, ...(held?.exists === false ? ['which no longer exists'] : []), ...(roles.length > 0 ? [`with ${roles.slice(0, 4).join(', ')}`] : []),
      `${attackers.length} of ${seen.events.length} of its recorded acts are the attacker’s`, ...(taken.length > 0 ? [`the attacker also has ${taken.slice(0, 5).map((one) => one.name || one.id).join(', ')}`] : []),
    ].join('; '),
    facts: { principal: { ...principal }, directoryRoles: roles, sessions: [...new Set(alerts.flatMap((alert) => alert.session?.name ?? []))].slice(0, 20), taken: taken.slice(0, 50), calls: seen.events.length, attackersCalls: attackers.length, windowStart: seen.windowStart },
    failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, records: seen.events.map((one) => one.record), notes: [LAG],
  };
});
