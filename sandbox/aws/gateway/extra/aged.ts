import { isObject, listOf, type Json } from '../protocol/shapes';
import type { World } from '../world';
import { asFault } from './as-fault';
import { issuerOf } from './last-accessed';
import type { Handler } from './types';

const agesOf = (world: World, account: string): Map<string, Date> => world.shelf('ages', account, () => new Map<string, Date>());

/** Makes an identity (by ARN) or an access key (by id) as old as if it had been made then: no API can. */
export function age(world: World, account: string, of: string, createdAt: Date): void {
  agesOf(world, account).set(of, createdAt);
}

/** The answer of the emulator, or of another handler, with the ages that were set; and when a role was last used (IAM API: RoleLastUsed). */
export const aged = (operation: string, inner: Handler = () => null): Handler => async (extra) => {
  const { world, caller, ask, call } = extra;
  const ages = agesOf(world, caller.account);
  const answer = await inner(extra);
  if (ages.size === 0 && operation !== 'GetRole') return answer;
  const own = answer ?? (await asFault(ask(operation, call.input)));
  const older = (one: unknown): unknown => {
    if (!isObject(one)) return one;
    const made = ages.get(String(one.Arn ?? one.AccessKeyId));
    return made ? { ...one, CreateDate: made } : one;
  };
  const role = isObject(own.Role) ? { Role: withLastUse(older(own.Role) as Json, world, caller.account) } : {};
  return { ...own, ...Object.fromEntries(['Roles', 'Users', 'AccessKeyMetadata'].filter((name) => own[name]).map((name) => [name, listOf(own[name]).map(older)])), ...(isObject(own.User) ? { User: older(own.User) } : {}), ...role };
};

function withLastUse(role: Json, world: World, account: string): Json {
  const last = world.history.all(account).filter(({ record }) => issuerOf(record.userIdentity) === role.Arn).at(-1);
  return { ...role, RoleLastUsed: last ? { LastUsedDate: new Date(last.at), Region: last.region } : {} };
}
