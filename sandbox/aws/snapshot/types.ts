import type { Json } from '../gateway/protocol/shapes';

/** Asks the emulator in one account and region with full rights; null where the thing is not there. */
export type Reader = (service: string, operation: string, input?: Json) => Promise<Json | null>;

/** Path of a thing (`production/iam/user/ada`) -> its state, canonical and without clocks. */
export type State = Record<string, Json>;

export const each = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
export const documentOf = (text: unknown): unknown => {
  if (typeof text !== 'string') return text ?? null;
  try {
    return JSON.parse(text.startsWith('%7B') ? decodeURIComponent(text) : text);
  } catch {
    return text;
  }
};
export const sorted = (values: unknown[]): unknown[] => [...values].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
