import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalJson, type JsonObject } from '../../../playbook/json';
import type { Step } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { isNotFound } from '../errors';

export { assertSame, keepFirst } from '../../before';

/** Plain JSON of an SDK answer: dates become ISO text, undefined members and `$metadata` go. */
export function toJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === '$metadata' ? undefined : member))) as JsonObject;
}

/** The answer, or null when the thing is not there; every other error passes. */
export async function orNull<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** Runs a removal; a thing that is already gone counts as removed. Returns whether there was something to remove. */
export async function removed(call: Promise<unknown>): Promise<boolean> {
  return (await orNull(call.then(() => true))) ?? false;
}

/** All items of a paginated read. */
export async function all<P, T>(pages: AsyncIterable<P>, pick: (page: P) => readonly T[] | undefined): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...(pick(page) ?? []));
  return items;
}

/** The undo of what cannot come back: says where what was kept is. */
export function gone(what: string): (ctx: AwsContext, step: Step) => Promise<never> {
  return async (_ctx, step) => {
    throw fail('UNDO_IMPOSSIBLE', `${step.target.name} was deleted and does not come back by itself; kept in the evidence of this incident under ${step.id}: ${what}`);
  };
}

/** Tries again while IAM or EC2 says that something still hangs on the thing; then CONFLICT, which Temporal tries later. */
export async function whileBusy<T>(call: () => Promise<T>, busy: readonly string[], tries = 6, firstWaitMs = 400): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof Error) || !busy.includes(error.name)) throw error;
      if (attempt >= tries) throw fail('CONFLICT', `${error.name}: ${error.message}`, { retryAfterMs: 15_000, cause: error });
      await sleep(firstWaitMs * 2 ** (attempt - 1));
    }
  }
}

/** Maps with at most `width` calls under way; keeps the order. */
export async function inParallel<T, R>(items: readonly T[], width: number, each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await each(items[index]!);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return results;
}

/** A text parameter of a proposal. Throws INVALID_INPUT when it is missing. */
export function text(params: JsonObject, name: string): string {
  const value = params[name];
  if (typeof value !== 'string' || value === '') throw fail('INVALID_INPUT', `params.${name} is missing`);
  return value;
}

/** A list of texts, empty when missing. */
export function texts(params: JsonObject, name: string): string[] {
  const value = params[name];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

export const sameDocument = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);

/** What `apply` answers when the wanted state holds already. */
export const already: JsonObject = { already: true };
