import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Where a secret is, never the secret itself: an environment variable or a file (a mounted secret). */
export const secretRef = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })]).describe('Where the secret is: {env: NAME} or {file: PATH}');
export type SecretRef = z.infer<typeof secretRef>;

/** Reads a secret at the moment of use. Throws a plain Error that names the reference, never the value. */
export function readSecret(ref: SecretRef): string {
  if ('env' in ref) {
    const value = process.env[ref.env];
    if (!value) throw new Error(`environment variable ${ref.env} is not set`);
    return value;
  }
  return readFileSync(ref.file, 'utf8').trimEnd();
}
