import { createHash, randomBytes } from 'node:crypto';
import type { Person } from '../../playbook/model/people';

export const team = 'T0SANDBOX';

/** Dana’s user in Identity Center, made in the scenario that uses it. */
export const DANA_USER = 'dana.whitfield';

/** Eve’s, in the scenario where she is federated into AWS. */
export const EVE_USER = 'eve.marsh';

export interface DemoPerson extends Person {
  /** What this person would type to decide by CLI, and its hash for the configuration. */
  key: string;
  keyHash: string;
}

/** The people of the sandbox’s organisation. Dana’s key is the one that is stolen. */
export function demoPeople(): DemoPerson[] {
  return [
    { id: 'ada', name: 'Ada Lindqvist', role: 'security' },
    { id: 'ben', name: 'Ben Okafor', role: 'security' },
    { id: 'mia', name: 'Mia Tanaka', role: 'manager' },
    { id: 'cleo', name: 'Cleo Marchetti', role: 'ciso' },
    { id: 'dana', name: 'Dana Whitfield', role: 'operations' },
    { id: 'eve', name: 'Eve Marsh', role: 'operations' },
  ].map(({ id, name, role }) => {
    const key = randomBytes(24).toString('base64url');
    return { id, name, email: `${id}@example.com`, slack: { team, user: `U0${id.toUpperCase()}` }, identities: [], roles: [role], active: true, key, keyHash: createHash('sha256').update(key).digest('hex') };
  });
}
