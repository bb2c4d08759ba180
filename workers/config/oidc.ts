import { z } from 'zod';
import type { Config } from './schema';

const issuer = z.url().refine((text) => {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(hostname));
}, 'https (http on this machine only)');

/** `oidc` in tourniquet.yaml: who signs in there may vote with `tourniquet approval … --oidc`. */
export const oidcSchema = z.strictObject({
  issuer: issuer.describe('exactly as the provider names itself in its discovery document'),
  clientId: z.string().min(1).describe('a public client with PKCE and the redirect address http://127.0.0.1 (any port)'),
  claim: z.enum(['sub', 'oid']).default('sub').describe('what people[].oidc holds: sub, or oid with Entra; never an e-mail address'),
});

export function* oidcProblems(config: Config): Generator<{ path: (string | number)[]; message: string }> {
  const owners = new Map<string, string>();
  for (const [index, { id, oidc }] of config.people.entries()) {
    if (oidc === null) continue;
    if (owners.has(oidc)) yield { path: ['people', index, 'oidc'], message: `that sign-in already belongs to ${owners.get(oidc)}` };
    owners.set(oidc, id);
  }
  if (config.oidc && !config.console?.url) yield { path: ['oidc'], message: 'votes after a sign-in go through the console: console.url is missing' };
}
