import type { Client } from '@temporalio/client';
import { idTokenVerifier, oidcVotes } from '../approvals/oidc';
import { createApprovalPort } from '../approvals/temporal';
import type { OidcPort } from '../console';
import type { Config } from './config/schema';

/** The console’s way for votes after a sign-in; null without `oidc`. */
export function oidcPort({ oidc, people }: Config, client: Client): OidcPort | null {
  return oidc && { vote: oidcVotes({ verify: idTokenVerifier(oidc), people: () => Promise.resolve(people), decide: createApprovalPort(client, 10_000).decide, now: Date.now }) };
}
