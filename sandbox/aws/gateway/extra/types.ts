import type { Caller } from '../auth/decide';
import type { World } from '../world';
import type { Call } from '../protocol/request';
import type { Json } from '../protocol/shapes';

export interface Extra {
  call: Call;
  caller: Caller;
  world: World;
  /** Asks the emulator in the caller's account and the call's region. */
  ask(operation: string, input: Json, service?: string): Promise<Json>;
}

/** Answers a call instead of the emulator; null = let the emulator answer after all. Throws Fault for an AWS error. */
export type Handler = (extra: Extra) => Promise<Json | null> | Json | null;
export type Handlers = Record<string, Handler>;

/** Runs after the emulator accepted the call. */
export type After = (extra: Extra, output: Json) => Promise<void> | void;
export type Afters = Record<string, After>;
