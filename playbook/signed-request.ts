import { canonicalJson, type JsonObject } from './json';

/** The SSHSIG namespace of what people ask for on the command line: a signature that was made for a vote, or for git, asks for nothing. */
export const REQUEST_NAMESPACE = 'tourniquet-request';

/** By a person's own key. `at` is ISO, `sshsig` OpenSSH's SSHSIG blob in hex. */
export type Signature = { at: string; sshsig: string };

/** What a person asks for, every word of it. */
export type SignedAct =
  | { act: 'jit-request'; person: string; request: string; role: string; account: string; forMs: number; reason: string }
  | { act: 'jit-extend'; person: string; grant: string; forMs: number; reason: string }
  | { act: 'jit-return'; person: string; grant: string }
  | { act: 'incident-undo'; person: string; incident: string; reason: string }
  | { act: 'break-glass-request'; person: string; request: string; credential: string; forMs: number; bypass: boolean; reason: string }
  | { act: 'break-glass-return'; person: string; request: string }
  | { act: 'audit'; person: string; places: string[] }
  | { act: 'audit-undo'; person: string; review: string; reason: string };

/** Accounts that are to be audited, as they are signed. */
export const placesOf = (places: readonly { provider: string; account: string }[]): string[] => places.map(({ provider, account }) => `${provider}:${account}`);

/** The text that the person signs. */
export const requestStatement = (act: SignedAct, at: string): string => `${canonicalJson({ ...(act as unknown as JsonObject), at })}\n`;
