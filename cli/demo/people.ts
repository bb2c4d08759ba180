import { generateKeyPairSync } from 'node:crypto';
import type { Person } from '../../playbook/model/people';

export const team = 'T0SANDBOX';

/** Dana’s user in Identity Center, made in the scenario that uses it. */
export const DANA_USER = 'dana.whitfield';

/** Eve’s, in the scenario where she is federated into AWS. */
export const EVE_USER = 'eve.marsh';

export interface DemoPerson extends Person {
  /** Their own key in PEM, with which they sign on the command line, and its public half as the configuration has it. */
  key: string;
  signingKey: string;
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
    const { key, signingKey } = newKey();
    return { id, name, email: `${id}@example.com`, slack: { team, user: `U0${id.toUpperCase()}` }, identities: [], roles: [role], active: true, key, signingKey };
  });
}

function newKey(): Pick<DemoPerson, 'key' | 'signingKey'> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const line = Buffer.concat([Buffer.from('ssh-ed25519'), publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)].map(part)).toString('base64');
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), signingKey: `ssh-ed25519 ${line}` };
}
