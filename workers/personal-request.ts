import type { Client } from '@temporalio/client';
import { MAX_TTL_SECONDS, PEOPLE } from '../activities/vault';
import type { PersonalRequest } from '../playbook/break-glass-person';
import { queues } from '../playbook/queues';
import type { Signature } from '../playbook/signed-request';
import type { breakGlassForPerson } from '../workflows';
import { relyingParty } from './config/passkeys';
import type { Config } from './config/schema';
import { incidentSettings } from './config/settings';
import { isAmong } from './personal-loan';

const CLAIM_MS = 30 * 60_000;

/** What somebody asks for, as the configuration allows it; or why not. The worker decides the same again when it lends. */
export function requestOf(config: Config, asked: { person: string; credential: string; reason: string; ttlMs: number; bypass: boolean }): { request: PersonalRequest } | { refused: string } {
  const entry = config.vault?.people.find((one) => one.name === asked.credential);
  if (!relyingParty(config)) return { refused: 'this needs passkeys, and those need console.url: https, with a host name (http on localhost)' };
  if (!entry) return { refused: 'vault.people has no credential of that name' };
  if (!isAmong(config.people, entry.requesters, asked.person)) return { refused: `${asked.person} is not among the requesters of ${entry.name}` };
  if (asked.reason.trim().length < 3 || asked.reason.length > 500) return { refused: '--reason: 3 to 500 characters' };
  if (asked.ttlMs < 10_000 || asked.ttlMs > MAX_TTL_SECONDS * 1_000) return { refused: '--for: from 10s to 1h' };
  const { bypass } = config.approvals['break-glass'];
  if (asked.bypass && !(bypass && isAmong(config.people, bypass.who, asked.person))) return { refused: 'approvals.break-glass.bypass does not allow you to go on without an approval' };
  return {
    request: {
      credential: `${PEOPLE}${entry.name}`, what: entry.what, account: entry.account, requester: asked.person, reason: asked.reason.trim(), ttlMs: asked.ttlMs,
      bypass: asked.bypass && bypass ? { afterMs: bypass.after, ttlMs: bypass.lease } : null,
    },
  };
}

/** Starts it; the change afterwards is that of root's password, whose proof is the cloud's own record. */
export async function startRequest(client: Client, config: Config, id: string, request: PersonalRequest, signature: Signature): Promise<void> {
  const settings = incidentSettings(config);
  const target = { provider: 'aws' as const, account: request.account, region: null, kind: 'account', id: request.account, name: request.account };
  await client.workflow.start<typeof breakGlassForPerson>('breakGlassForPerson', {
    taskQueue: queues.workflows, workflowId: id, staticSummary: `Break-glass for ${request.requester}: ${request.what}`.slice(0, 200),
    args: [{
      id, request, signature, principal: { provider: 'aws', account: request.account, kind: 'root', id: `arn:aws:iam::${request.account}:root`, name: 'root' }, asking: settings.approvals['break-glass'], consoleUrl: settings.consoleUrl, claimMs: CLAIM_MS, humanTask: settings.humanTask,
      change: {
        id: `aws.rotate-root-password#${request.account}`, action: 'aws.rotate-root-password', row: '2.2.2', title: 'Change the root password', target, params: {}, tier: 'automatic', reversible: false, queue: 'cloud', human: true, before: {},
        change: [`Sign in at https://console.aws.amazon.com/ as root of account ${request.account}; account menu, “Security credentials”, “Account password”: set the new one`], needed: true, because: request.reason,
      },
    }],
  });
}
