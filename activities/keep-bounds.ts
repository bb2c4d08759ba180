import type { JsonObject } from '../playbook/json';

/** How much of the contents of a store is kept before it goes; its listing is always whole. */
export interface KeepBounds {
  objects: number;
  bytesEach: number;
  bytes: number;
}

export const defaultBounds: KeepBounds = { objects: 200, bytesEach: 5 * 1024 ** 2, bytes: 50 * 1024 ** 2 };

/** `params.keepObjects` and `params.keepBytes` are other bounds. */
export function boundsOf(params: JsonObject): KeepBounds {
  const number = (name: string, otherwise: number): number => (typeof params[name] === 'number' ? params[name] : otherwise);
  return { ...defaultBounds, objects: number('keepObjects', defaultBounds.objects), bytes: number('keepBytes', defaultBounds.bytes) };
}
