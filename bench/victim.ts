import { CreateLoginProfileCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { guardduty } from '../intake/guardduty';
import type { Alert } from '../playbook/model/alert';
import { incidentIdOf, type Principal } from '../playbook/model/principal';
import { clientsFor, type Actor, type Aws, type Clients } from '../sandbox/aws';
import { hostile, stateOf } from '../sandbox/aws/attacker';
import { makeKey, makeUser } from '../sandbox/aws/world/accounts';
import { findingFor } from './findings';

const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';
const LATE_MS = 60_000;

export interface Victim {
  actor: Actor;
  principal: Principal;
  incident: string;
  alert: Alert;
}

/** A fresh administrator with one key and a console password; the attacker has made one real call with the key, and GuardDuty finds it grave. */
export async function makeVictim(aws: Aws, root: Clients, account: string, name: string): Promise<Victim> {
  const arn = await makeUser(root, name, { policies: [ADMIN] });
  const keys = await makeKey(root, name);
  await root.iam.send(new CreateLoginProfileCommand({ UserName: name, Password: `Long-enough-${name}-1` }));
  const actor: Actor = { name, arn, account, keys };
  const attacker = clientsFor(aws.endpoint, keys, hostile);
  await attacker.iam.send(new ListUsersCommand({ MaxItems: 1 }));
  attacker.close();
  const [parsed] = guardduty.parse(JSON.parse(findingFor(account, name, 0, keys.accessKeyId, hostile.sourceIp)));
  if (!parsed || !('alert' in parsed) || !parsed.alert.principal) throw new Error('the finding was not understood');
  const { principal } = parsed.alert;
  return { actor, principal, incident: incidentIdOf(principal), alert: { ...parsed.alert, receivedAt: new Date().toISOString() } };
}

/** Throws unless the stolen key is refused: an arm that did not do the work has no time. */
export async function assertLockedOut(aws: Aws, { actor }: Victim): Promise<void> {
  const state = await stateOf(aws.endpoint, { what: 'the stolen key', keys: actor.keys, probe: (clients) => clients.iam.send(new ListUsersCommand({ MaxItems: 1 })) });
  if (state === 'alive') throw new Error(`${actor.name} still works: nothing was contained`);
}

/** When the gateway had carried out the deny on this user (`performance.now()`): from then on every call of the attacker is refused. */
export function denied(aws: Aws, { actor }: Victim): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      stop();
      reject(new Error(`nobody denied ${actor.name} within ${LATE_MS / 1000} s`));
    }, LATE_MS);
    const stop = aws.eventStream(({ detail }) => {
      const request = detail['requestParameters'] as { userName?: string } | null;
      if (detail['eventName'] !== 'PutUserPolicy' || request?.userName !== actor.name || detail['errorCode'] !== undefined) return;
      const at = performance.now();
      clearTimeout(late);
      stop();
      resolve(at);
    });
  });
}
