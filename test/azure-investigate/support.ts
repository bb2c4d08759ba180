import { createAzureAccess, type AzureAccess } from '../../activities/azure/clients';
import { defaultAzureNames, type AzureConfig } from '../../activities/azure/config';
import type { AzureCase, AzureContext } from '../../activities/azure/context';
import { canonicalJson, type Json } from '../../playbook/json';
import { sha256Hex } from '../../playbook/digest';
import type { Alert } from '../../playbook/model/alert';
import type { RecordEntry } from '../../playbook/model/evidence';
import type { Principal } from '../../playbook/model/principal';
import type { Azure } from '../../sandbox/azure';

export const ATTACKER = '198.51.100.66';
export const HOME = '203.0.113.9';

export interface Bed {
  ctx: AzureContext;
  /** What was kept, by kind. */
  kept: { kind: string; content: Json | Uint8Array }[];
  entries: RecordEntry[];
}

/** The real clients against the sandbox, as the responder. */
export function bed(azure: Azure, more: Partial<AzureConfig> = {}): Bed {
  const access: AzureAccess = createAzureAccess({
    tenants: [{
      id: azure.tenantId, name: 'northwind', clientId: azure.world.responder.appId, credential: { kind: 'client-secret', secret: () => azure.world.responder.secret },
      subscriptions: azure.subscriptions.map((id) => ({ id, name: id.slice(0, 8) })), emergencyIdentities: [azure.world.emergency.id],
    }],
    endpoints: { authority: azure.loginUrl, graph: azure.graphUrl, arm: azure.armUrl, graphAudience: azure.graphUrl, armAudience: azure.armUrl, storageSuffix: azure.storageSuffix, ca: azure.ca },
    protected: [], names: defaultAzureNames, billing: { monthlyBudgetUsd: 500, email: 'finance@northwind.example' }, logDestination: { storageAccountId: null, workspaceId: null }, support: null, ...more,
  });
  const kept: Bed['kept'] = [];
  const entries: RecordEntry[] = [];
  const ctx: AzureContext = {
    access, incident: 'inc-0000', caseKey: 'inc-0000.1', vault: null, now: () => new Date(),
    evidence: {
      keep: async (_case, kind, content) => {
        kept.push({ kind, content });
        const text = content instanceof Uint8Array ? Buffer.from(content).toString('utf8') : canonicalJson(content);
        return { key: `raw/${kept.length}`, sha256: sha256Hex(text), bytes: text.length };
      },
      read: async () => new Uint8Array(), record: async (_case, list) => void entries.push(...list),
    },
  };
  return { ctx, kept, entries };
}

export const principalOf = (azure: Azure, kind: Principal['kind'], id: string, name: string): Principal => ({ provider: 'azure', account: azure.tenantId, kind, id, name });

/** The alert that opens the case: a sign-in from the attacker's address. */
export function caseOf(principal: Principal, at: string, more: Partial<Alert> = {}): AzureCase {
  const alert: Alert = {
    id: 'alr-000000000000000000000001', source: 'entra-signin', provider: 'azure', account: principal.account, region: null, time: at, receivedAt: at, event: 'Sign-in activity', service: null, outcome: 'success', errorCode: null, dryRun: false,
    principal, session: { accessKeyId: null, name: null, issuedAt: null, mfa: 'no', roleArn: null }, sourceIp: ATTACKER, userAgent: null, channel: 'console', target: null, addresses: [ATTACKER], facts: {}, raw: null, ...more,
  };
  return { incident: 'inc-0000', caseKey: 'inc-0000.1', principal, alerts: [alert] };
}

/** Calls as somebody else would make them, from an address. */
export async function call(azure: Azure, token: string, ip: string, surface: 'graph' | 'arm', method: string, path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const { createDefaultHttpClient, createHttpHeaders, createPipelineRequest } = await import('@azure/core-rest-pipeline');
  const request = createPipelineRequest({
    url: `${surface === 'graph' ? `${azure.graphUrl}/v1.0` : azure.armUrl}${path}`, method: method as 'GET', body: body && JSON.stringify(body),
    headers: createHttpHeaders({ authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-sandbox-source-ip': ip }),
  });
  request.tlsSettings = { ca: azure.ca };
  const answer = await createDefaultHttpClient().sendRequest(request);
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.bodyAsText}`);
  return { status: answer.status, body: answer.bodyAsText ? (JSON.parse(answer.bodyAsText) as Record<string, unknown>) : {} };
}

/** Signs a person in with the password. */
export async function signIn(azure: Azure, person: { upn: string; password: string }, ip: string, surface: 'graph' | 'arm', mfa = true): Promise<string> {
  const { createDefaultHttpClient, createHttpHeaders, createPipelineRequest } = await import('@azure/core-rest-pipeline');
  const scope = `${surface === 'graph' ? azure.graphUrl : azure.armUrl}/.default offline_access`;
  const form = new URLSearchParams({ grant_type: 'password', client_id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', username: person.upn, password: person.password, scope });
  const request = createPipelineRequest({ url: `${azure.loginUrl}/${azure.tenantId}/oauth2/v2.0/token`, method: 'POST', body: form.toString(), headers: createHttpHeaders({ 'content-type': 'application/x-www-form-urlencoded', 'x-sandbox-source-ip': ip, ...(mfa ? { 'x-sandbox-mfa': 'yes' } : {}) }) });
  request.tlsSettings = { ca: azure.ca };
  const answer = await createDefaultHttpClient().sendRequest(request);
  const body = JSON.parse(answer.bodyAsText ?? '{}') as { access_token?: string };
  if (!body.access_token) throw new Error(`no token: ${answer.bodyAsText}`);
  return body.access_token;
}
