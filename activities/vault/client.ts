import { fail } from '../boundary';
import { fetchTrusting } from '../private-ca';

/** How the worker signs in; the secret id is asked for at every log-in, so that a delivered file may be replaced while it runs. */
export interface AppRole {
  roleId: string;
  secretId(): Promise<string>;
}

export interface VaultOptions {
  /** `https://host:8200`; plain http only on loopback. */
  address: string;
  appRole: AppRole;
  namespace?: string;
  /** PEM of a private CA that signed the vault's certificate; the system's trust otherwise. */
  ca?: string;
  /** For one request; 10 s by default. */
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
  now?: () => number;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  errors: string[];
}

interface Token { value: string; expires: number; ttlMs: number }

/**
 * A small client of OpenBao's HTTP API (openbao.org/api-docs). Signs in by AppRole, renews its token at half its life, signs in again when it is refused.
 * Errors: VAULT_SEALED (503), VAULT_UNAVAILABLE (no answer, 429, other 5xx, redirect), VAULT_REFUSED (403, refused log-in, a request it rejects).
 */
export class VaultClient {
  private token: Token | null = null;
  private signingIn: Promise<Token> | null = null;
  private readonly fetch: typeof globalThis.fetch;
  private readonly now: () => number;

  constructor(private readonly options: VaultOptions) {
    const { protocol, hostname } = new URL(options.address);
    const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
    if (protocol !== 'https:' && !(protocol === 'http:' && loopback)) throw fail('INVALID_CONFIG', 'vault.address must be https (http only on loopback)');
    this.fetch = options.fetch ?? (options.ca === undefined ? globalThis.fetch : fetchTrusting(options.ca));
    this.now = options.now ?? Date.now;
  }

  /** One request. `accept` lists statuses beyond 2xx that the caller handles itself. */
  async request(method: 'GET' | 'POST', path: string, body?: object, accept: number[] = [], headers: Record<string, string> = {}): Promise<Answer> {
    let answer = await this.send(method, path, body, await this.currentToken(), headers);
    if (answer.status === 403) {
      // The token may be gone (revoked, or the vault was restored): one new log-in tells it from a refusal.
      this.token = null;
      answer = await this.send(method, path, body, await this.currentToken(), headers);
    }
    if (answer.status < 300 || accept.includes(answer.status)) return answer;
    throw fail('VAULT_REFUSED', `the vault answered ${answer.status} to ${method} ${path}: ${answer.errors.join('; ')}`);
  }

  /** One request with the bearer's own token instead of ours: how a wrapping token is looked at and opened. Every status is the caller's to judge. */
  requestAs(token: string, path: string, body: object): Promise<Answer> {
    return this.send('POST', path, body, token);
  }

  private async currentToken(): Promise<string> {
    const token = this.token;
    if (token && this.now() < token.expires - token.ttlMs / 2) return token.value;
    // Concurrent requests share one log-in.
    this.signingIn ??= this.renewOrLogIn(token).finally(() => { this.signingIn = null; });
    this.token = await this.signingIn;
    return this.token.value;
  }

  private async renewOrLogIn(token: Token | null): Promise<Token> {
    if (token && this.now() < token.expires) {
      const renewed = await this.send('POST', 'auth/token/renew-self', {}, token.value);
      const next = renewed.status === 200 ? this.asToken(renewed) : null;
      // Near its maximum life a renewal brings little: then a new token is due.
      if (next && next.ttlMs >= token.ttlMs / 2) return { ...next, ttlMs: token.ttlMs };
    }
    const { roleId, secretId } = this.options.appRole;
    const answer = await this.send('POST', 'auth/approle/login', { role_id: roleId, secret_id: (await secretId()).trim() }, null);
    if (answer.status !== 200) throw fail('VAULT_REFUSED', `the vault refuses the AppRole log-in (${answer.status}: ${answer.errors.join('; ')})`);
    return this.asToken(answer);
  }

  private asToken(answer: Answer): Token {
    const auth = answer.body.auth as { client_token: string; lease_duration: number };
    const ttlMs = auth.lease_duration * 1000;
    return { value: auth.client_token, expires: this.now() + ttlMs, ttlMs };
  }

  /** Sends and reads; everything that another try may cure is thrown here. */
  private async send(method: string, path: string, body: object | undefined, token: string | null, more: Record<string, string> = {}): Promise<Answer> {
    const headers: Record<string, string> = { ...more, 'Content-Type': 'application/json', 'X-Vault-Request': 'true' };
    if (token) headers['X-Vault-Token'] = token;
    if (this.options.namespace) headers['X-Vault-Namespace'] = this.options.namespace;
    let response: Response;
    let text: string;
    try {
      response = await this.fetch(`${this.options.address}/v1/${path}`, {
        method, headers, body: body === undefined ? undefined : JSON.stringify(body),
        redirect: 'error', // fetch would carry the token to wherever it is sent
        signal: AbortSignal.timeout(this.options.timeoutMs ?? 10_000),
      });
      text = await response.text();
    } catch (error) {
      throw fail('VAULT_UNAVAILABLE', `the vault does not answer to ${method} ${path} (${transportCode(error)})`);
    }
    const parsed = parse(text);
    const errors = (Array.isArray(parsed.errors) ? parsed.errors : []).map((line) => scrub(String(line), body).slice(0, 200));
    if (response.status === 503) throw fail('VAULT_SEALED', `the vault is sealed or down for maintenance (${method} ${path})`);
    if (response.status === 429 || response.status >= 500) throw fail('VAULT_UNAVAILABLE', `the vault answered ${response.status} to ${method} ${path}`);
    return { status: response.status, body: parsed, errors };
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = text ? JSON.parse(text) : {};
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** What went wrong below HTTP, without the message: only the code is known to hold no data. */
function transportCode(error: unknown): string {
  const cause = (error as { cause?: { code?: string } }).cause;
  return cause?.code ?? (error instanceof Error ? error.name : 'unknown');
}

/** Removes every string that we sent from what came back. */
function scrub(line: string, sent: unknown): string {
  if (typeof sent === 'string') return sent.length >= 6 ? line.split(sent).join('***') : line;
  if (typeof sent !== 'object' || sent === null) return line;
  return Object.values(sent).reduce<string>((rest, value) => scrub(rest, value), line);
}
