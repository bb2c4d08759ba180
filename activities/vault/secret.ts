import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { codeOf, fail } from '../boundary';

/** A credential as the vault keeps it; all strings, because the audit device hides only strings. */
export interface Secret {
  /** Names the key at the provider: access key id, key credential id. Not secret, but never shown raw. */
  keyId: string;
  secret: string;
  /** Whose key it is: IAM user name, application (client) id. */
  owner: string;
}

/** First 12 hex digits of SHA-256 of the key id: enough to recognise a key, nothing to use it with. */
export function fingerprint(keyId: string): string {
  return createHash('sha256').update(keyId).digest('hex').slice(0, 12);
}

export function isSecret(value: unknown): value is Secret {
  const candidate = value as Partial<Secret> | null;
  return typeof candidate === 'object' && candidate !== null && [candidate.keyId, candidate.secret, candidate.owner].every((part) => typeof part === 'string' && part !== '');
}

/** Runs `work`, and lets neither its result nor its error carry the secret out: SECRET_IN_PAYLOAD instead. */
export async function keepInside<T>(secret: string, work: () => Promise<T>): Promise<T> {
  const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64'), JSON.stringify(secret).slice(1, -1)];
  const holds = (text: string): boolean => forms.some((form) => text.includes(form));
  let result: T;
  try {
    result = await work();
  } catch (error) {
    if (holds(asText(error))) throw fail('SECRET_IN_PAYLOAD', `an error (${codeOf(error) ?? 'foreign'}) carried the credential and was withheld`);
    throw error;
  }
  if (holds(asText(result))) throw fail('SECRET_IN_PAYLOAD', 'a result carried the credential and was withheld');
  return result;
}

/** Everything that a log or a serialiser could make of a value: fields, causes, messages, and bytes. */
function asText(value: unknown): string {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  const parts = [inspect(value, { depth: 12, maxArrayLength: null, maxStringLength: null, breakLength: Infinity })];
  // A message may have been changed after its stack was made.
  for (let at = value as { message?: unknown; cause?: unknown } | null | undefined, depth = 0; typeof at === 'object' && at !== null && depth < 12; at = at.cause as typeof at, depth += 1) parts.push(String(at.message));
  return parts.join('\n');
}
