import { createHash, timingSafeEqual } from 'node:crypto';
import type { Person } from '../playbook/model/people';
import type { Config } from '../workers/config/schema';
import { CommandError, exit } from './exit';

/** The person behind a key: its SHA-256 stands beside them in tourniquet.yaml (`people[].keyHash`). */
export function personFromKey(config: Config, id: string): Person {
  const key = process.env['TOURNIQUET_APPROVER_KEY'];
  if (!key) throw new CommandError('TOURNIQUET_APPROVER_KEY is not set: it holds your own approver key', exit.usage);
  const person = config.people.find((one) => one.id === id);
  const given = createHash('sha256').update(key).digest();
  // The same work whether or not the person exists.
  const expected = Buffer.from(person?.keyHash ?? '0'.repeat(64), 'hex');
  if (!timingSafeEqual(given, expected) || !person?.keyHash || !person.active) throw new CommandError(`that key is not ${id}’s`, exit.failed);
  return person;
}
