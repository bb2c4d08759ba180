import { createHash } from 'node:crypto';
import { codeOf, fail } from '../boundary';

/** A credential as the vault keeps it; all strings, because the audit device hides only strings. */
export interface Secret {
  /** Names the key at the provider: access key id, key credential id. Not secret, but never shown raw. */
  keyId: string;
  secret: string;
  /** Whose key it is: IAM user name, application object id. */
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
  const holds = (text: string | undefined): boolean => text !== undefined && forms.some((form) => text.includes(form));
  let result: T;
  try {
    result = await work();
  } catch (error) {
    if (holds(describe(error))) throw fail('SECRET_IN_PAYLOAD', `an error (${codeOf(error) ?? 'foreign'}) carried the credential and was withheld`);
    throw error;
  }
  if (holds(JSON.stringify(result))) throw fail('SECRET_IN_PAYLOAD', 'a result carried the credential and was withheld');
  return result;
}

/** Everything of an error and its causes that could be written somewhere. */
function describe(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error, depth = 0; at !== undefined && at !== null && depth < 10; at = (at as { cause?: unknown }).cause, depth += 1) {
    if (!(at instanceof Error)) {
      parts.push(safeJson(at));
      break;
    }
    parts.push(at.message, at.stack ?? '', safeJson({ ...at, cause: undefined }));
  }
  return parts.join('\n');
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return ''; // circular: such a value cannot be serialised by others either
  }
}
