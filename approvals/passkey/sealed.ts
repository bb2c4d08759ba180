import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../../playbook/json';
import type { RegisterStore } from './ports';

/** Somebody changed the register, or its key is not the one that sealed it. */
export class RegisterTampered extends Error {
  override readonly name = 'RegisterTampered';
}

/**
 * Objects with a seal: HMAC-SHA-256 over their place and content, under a key that only the console, the break-glass worker and the administrator's command hold.
 * Who can write to the store can remove an object, but can neither plant nor change nor move one.
 */
export class SealedObjects {
  constructor(private readonly store: RegisterStore, private readonly keys: readonly Buffer[]) {
    if (keys.length === 0 || keys.some((key) => key.length < 32)) throw new Error('the register of passkeys needs a key of at least 32 bytes');
  }

  /** False when there was one already. */
  put(path: string, body: object): Promise<boolean> {
    const mac = seal(this.keys[0]!, path, body);
    return this.store.putIfAbsent(path, Buffer.from(JSON.stringify({ body, mac })), 'application/json');
  }

  /** Null when there is none; throws RegisterTampered when its seal does not hold. */
  async get<T extends object>(path: string): Promise<T | null> {
    const content = await this.store.get(path);
    if (content === null) return null;
    const { body, mac } = parse(content);
    const given = Buffer.from(typeof mac === 'string' ? mac : '', 'hex');
    const holds = typeof body === 'object' && body !== null && this.keys.some((key) => {
      const expected = Buffer.from(seal(key, path, body), 'hex');
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
    if (!holds) throw new RegisterTampered(`${path} in the register of passkeys is not as it was written`);
    return body as T;
  }

  list(prefix: string): Promise<string[]> {
    return this.store.list(prefix);
  }
}

const seal = (key: Buffer, path: string, body: object): string => createHmac('sha256', key).update(canonicalJson({ path, body })).digest('hex');

function parse(content: Uint8Array): { body?: unknown; mac?: unknown } {
  try {
    return (JSON.parse(Buffer.from(content).toString('utf8')) ?? {}) as { body?: unknown; mac?: unknown };
  } catch {
    return {};
  }
}
