import { CreateLoginProfileCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { guardduty } from '../intake/guardduty';
import { clientsFor, type Actor } from '../sandbox/aws';
import { hostile, stateOf } from '../sandbox/aws/attacker';
import { makeKey, makeUser } from '../sandbox/aws/world/accounts';
import { momentOf, victimOf, type BenchCloud, type Victim } from './cloud';
import { findingFor } from './findings';
import type { BenchHouse } from './house';

const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';

/** A fresh administrator with one key and a console password; the attacker has made one real call with the key, and GuardDuty finds it grave. */
export function awsCloud({ aws, world }: BenchHouse): BenchCloud<Victim & { actor: Actor }> {
  const { account } = world.production;
  const root = clientsFor(aws.endpoint, aws.rootKeys(account));
  return {
    id: 'aws', title: 'Containment of one stolen key', actions: ['aws.deny-user', 'aws.disable-access-keys', 'aws.remove-login-profile'],
    async makeVictim(name) {
      const arn = await makeUser(root, name, { policies: [ADMIN] });
      const keys = await makeKey(root, name);
      await root.iam.send(new CreateLoginProfileCommand({ UserName: name, Password: `Long-enough-${name}-1` }));
      const attacker = clientsFor(aws.endpoint, keys, hostile);
      await attacker.iam.send(new ListUsersCommand({ MaxItems: 1 }));
      attacker.close();
      const [parsed] = guardduty.parse(JSON.parse(findingFor(account, name, 0, keys.accessKeyId, hostile.sourceIp)));
      return { ...victimOf(parsed), actor: { name, arn, account, keys } };
    },
    // The gateway's own event of the deny.
    denied: ({ actor }) => momentOf(actor.name, (seen) => aws.eventStream(({ detail }) => {
      const request = detail['requestParameters'] as { userName?: string } | null;
      if (detail['eventName'] === 'PutUserPolicy' && request?.userName === actor.name && detail['errorCode'] === undefined) seen();
    })),
    async assertLockedOut({ actor }) {
      const state = await stateOf(aws.endpoint, { what: 'the stolen key', keys: actor.keys, probe: (clients) => clients.iam.send(new ListUsersCommand({ MaxItems: 1 })) });
      if (state === 'alive') throw new Error(`${actor.name} still works: nothing was contained`);
    },
    close: () => root.close(),
  };
}
