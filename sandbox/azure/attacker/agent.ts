import { Agent as Connections, request } from 'node:https';
import type { Azure } from '../start';
import type { Json } from '../protocol/types';

/** A Tor exit’s address, and a tool that does not say it is an SDK. */
export const hostile = { sourceIp: '185.220.101.34', userAgent: 'python-requests/2.32.3' };
export const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

export interface Reply { status: number; body: Json }
export type Credential =
  | { kind: 'secret'; appId: string; secret: string }
  | { kind: 'password'; upn: string; password: string; mfa: boolean }
  | { kind: 'session'; refreshToken: string }
  | { kind: 'assertion'; appId: string; assertion: string }
  /** Access tokens that were taken as they are. */
  | { kind: 'token'; graph: string; arm: string };

export class Refused extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
    this.name = 'Refused';
  }
}

/** Somebody outside with a credential, making real calls over HTTPS. */
export class Agent {
  private readonly tokens = new Map<string, string>();
  private readonly connections: Connections;
  /** The session that a sign-in gave. */
  refreshToken: string | null = null;

  constructor(private readonly azure: Azure, readonly credential: Credential, private readonly from = hostile) {
    this.connections = new Connections({ ca: azure.ca, keepAlive: true });
  }

  async token(audience: 'graph' | 'arm'): Promise<string> {
    if (this.credential.kind === 'token') return this.credential[audience];
    const known = this.tokens.get(audience);
    if (known) return known;
    const scope = `${audience === 'graph' ? this.azure.graphUrl : this.azure.armUrl}/.default`;
    const { status, body } = await this.send('POST', `${this.azure.loginUrl}/${this.azure.tenantId}/oauth2/v2.0/token`, new URLSearchParams({ scope, ...this.grant() }).toString(), { 'content-type': 'application/x-www-form-urlencoded' });
    if (status !== 200) throw new Refused(status, String(body['error']), String(body['error_description']));
    this.refreshToken = (body['refresh_token'] as string | undefined) ?? this.refreshToken;
    this.tokens.set(audience, String(body['access_token']));
    return String(body['access_token']);
  }

  graph<T = Json>(method: string, path: string, body?: object): Promise<T> {
    return this.call('graph', method, `${this.azure.graphUrl}/v1.0${path}`, body) as Promise<T>;
  }

  /** `path` with its api-version. */
  arm<T = Json>(method: string, path: string, body?: object): Promise<T> {
    return this.call('arm', method, `${this.azure.armUrl}${path}${path.includes('?') ? '&' : '?'}api-version=2024-01-01`, body) as Promise<T>;
  }

  close(): void {
    this.connections.destroy();
  }

  private grant(): Record<string, string> {
    const one = this.credential;
    switch (one.kind) {
      case 'secret': return { grant_type: 'client_credentials', client_id: one.appId, client_secret: one.secret };
      case 'assertion': return { grant_type: 'client_credentials', client_id: one.appId, client_assertion: one.assertion, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
      case 'password': return this.refreshToken ? { grant_type: 'refresh_token', client_id: AZURE_CLI, refresh_token: this.refreshToken } : { grant_type: 'password', client_id: AZURE_CLI, username: one.upn, password: one.password };
      case 'session': return { grant_type: 'refresh_token', client_id: AZURE_CLI, refresh_token: one.refreshToken };
      case 'token': throw new Error('a taken token is not asked for');
    }
  }

  private async call(audience: 'graph' | 'arm', method: string, url: string, body?: object): Promise<Json> {
    const answer = await this.send(method, url, body ? JSON.stringify(body) : '', { 'content-type': 'application/json', authorization: `Bearer ${await this.token(audience)}` });
    if (answer.status >= 400) {
      const { code, message } = answer.body['error'] as { code: string; message: string };
      throw new Refused(answer.status, code, message);
    }
    return answer.body;
  }

  private send(method: string, url: string, body: string, headers: Record<string, string>): Promise<Reply> {
    const mfa = this.credential.kind === 'password' && this.credential.mfa ? { 'x-sandbox-mfa': 'yes' } : {};
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, agent: this.connections, headers: { ...headers, ...mfa, 'content-length': Buffer.byteLength(body), 'user-agent': this.from.userAgent, 'x-sandbox-source-ip': this.from.sourceIp } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, body: text === '' ? {} : (JSON.parse(text) as Json) });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
