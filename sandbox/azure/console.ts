import type { User } from '@microsoft/microsoft-graph-types';
import { randomBytes } from 'node:crypto';
import { audit } from './graph/audit';
import { addMethod } from './graph/methods';
import { named } from './graph/users';
import type { Caller } from './protocol/types';
import { digest, type Sim } from './state/sim';

/** What people do at Microsoft’s own pages, for which there is no API; recorded as Entra records it. */
export interface Console {
  /** An attested security key, registered by the person at My Sign-Ins. */
  registerKey(user: string): void;
  /** A new password, given by another administrator. */
  changePassword(user: string, by: string): void;
}

export function consoleOf(sim: Sim): Console {
  const person = (id: string): User => {
    const user = sim.shelf<User>('users').get(id);
    if (!user) throw new Error(`no user ${id}`);
    return user;
  };
  const by = (user: User): { caller: Caller } => ({ caller: { kind: 'user', id: user.id!, appId: '19db86c3-b2b9-44cc-b339-36da233a3be2', name: user.userPrincipalName ?? '', roles: [], ip: '203.0.113.10', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36' } });
  return {
    registerKey: (id) => {
      addMethod(sim, id, 'fido2Methods', { displayName: 'security key', aaGuid: 'ee882879-721c-4913-9775-3dfcce97072a', model: 'YubiKey 5', attestationCertificates: [], attestationLevel: 'attested' });
      audit(sim, by(person(id)), 'User registered security info', 'UserManagement', [named(person(id))]);
    },
    changePassword: (id, admin) => {
      const user = person(id);
      sim.passwords.set(id, digest(randomBytes(24).toString('base64url')));
      sim.shelf<User>('users').put(id, { ...user, lastPasswordChangeDateTime: sim.iso() });
      audit(sim, by(person(admin)), 'Reset user password', 'UserManagement', [named(user)]);
    },
  };
}
