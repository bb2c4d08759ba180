import type { Config } from '../config/schema';

export interface Diagnosis {
  what: string;
  ok: boolean;
  /** Seen when ok; what to do when not. */
  text: string;
}

/** Looks and changes nothing (but for one object in the evidence store). Never throws. */
export type Examine = (config: Config) => Promise<Diagnosis[]>;

export async function examine(what: string, look: () => Promise<string>): Promise<Diagnosis> {
  try {
    return { what, ok: true, text: await look() };
  } catch (error) {
    return { what, ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}
