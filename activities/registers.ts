import type { Documents, ExpectedRotation, KnownUse } from '../playbook/triage/inputs';
import { fail } from './boundary';

/** The registers as people write them down (`registers` in tourniquet.yaml). */
export interface RegistersConfig {
  knownUses: Omit<KnownUse, 'source'>[];
  rotations: Omit<ExpectedRotation, 'source'>[];
  authorizedAdmins: string[];
  automations: string[];
}

/** What the registers say, each line with the place it was read at. */
export interface Registers {
  documents(): Pick<Documents, 'knownUses' | 'rotations' | 'authorizedAdmins' | 'automations'>;
}

/**
 * Checks the registers once. An expired known use stays in: triage says that it has expired, which is more use than silence.
 * Throws INVALID_CONFIG for a known use without owner, document or valid expiry, and for a window that is none.
 */
export function createRegisters(config: RegistersConfig): Registers {
  const knownUses = config.knownUses.map((use, index) => {
    const where = `registers.knownUses[${index}]`;
    for (const field of ['id', 'principal', 'owner', 'document'] as const) if (!use[field]?.trim()) throw fail('INVALID_CONFIG', `${where}.${field} is empty: a documented use has an id, a principal, an owner and a document`);
    if (Number.isNaN(Date.parse(use.expires))) throw fail('INVALID_CONFIG', `${where}.expires is not an ISO time`);
    return { ...use, source: `register:known-uses#${use.id}` };
  });
  const rotations = config.rotations.map((rotation, index) => {
    const { window } = rotation;
    if (window && !(Date.parse(window.from) <= Date.parse(window.until))) throw fail('INVALID_CONFIG', `registers.rotations[${index}].window does not begin before it ends`);
    return { ...rotation, source: `register:rotations#${index + 1}` };
  });
  const named = (register: string) => (identity: string, index: number) => ({ identity, source: `register:${register}#${index + 1}` });
  const documents = {
    knownUses, rotations, authorizedAdmins: config.authorizedAdmins.map(named('authorized-admins')), automations: config.automations.map(named('automations')),
  };
  return { documents: () => documents };
}
