import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

const PATIENCE_MS = 3_000;
const MOST_CONNECTIONS = 10;
const APP = 'A0TOURNIQUET';

/**
 * Socket Mode as docs.slack.dev ("Using Socket Mode") describes it: `apps.connections.open` gives an address that is good for one connection, `hello` opens it,
 * interactions come as envelopes that are acknowledged by their id, and Slack asks for a new connection now and then (`disconnect`).
 */
export class Sockets {
  readonly appToken = `xapp-sandbox-${randomBytes(12).toString('hex')}`;
  private readonly tickets = new Set<string>();
  private readonly waiting = new Map<string, (body: string) => void>();
  private readonly server = new WebSocketServer({ noServer: true });
  private http: Server | null = null;

  attach(http: Server): void {
    this.http = http;
    http.on('upgrade', (request: IncomingMessage, socket, head) => {
      const ticket = new URL(request.url ?? '/', 'ws://sandbox').searchParams.get('ticket') ?? '';
      if (!this.tickets.delete(ticket) || this.server.clients.size >= MOST_CONNECTIONS) return void socket.destroy();
      this.server.handleUpgrade(request, socket, head, (opened) => this.greet(opened));
    });
  }

  get connections(): number {
    return this.server.clients.size;
  }

  /** Answers `apps.connections.open`. */
  open(token: string): Record<string, unknown> {
    if (token !== this.appToken) return { ok: false, error: token.startsWith('xapp-') ? 'invalid_auth' : 'not_allowed_token_type' };
    const ticket = randomUUID();
    this.tickets.add(ticket);
    return { ok: true, url: `ws://127.0.0.1:${(this.http!.address() as AddressInfo).port}/link?ticket=${ticket}` };
  }

  /** Delivers one interaction to one connection; status 200 when its envelope was acknowledged within three seconds, else null. */
  async send(payload: unknown): Promise<{ status: number | null; body: string }> {
    const [connection] = this.server.clients;
    if (!connection) return { status: null, body: '' };
    const envelope = randomUUID();
    const answered = new Promise<{ status: number | null; body: string }>((resolve) => {
      const timer = setTimeout(() => resolve({ status: null, body: '' }), PATIENCE_MS);
      this.waiting.set(envelope, (body) => {
        clearTimeout(timer);
        resolve({ status: 200, body });
      });
    });
    connection.send(JSON.stringify({ envelope_id: envelope, type: 'interactive', accepts_response_payload: true, payload }));
    return answered.finally(() => this.waiting.delete(envelope));
  }

  /** Asks every connection to be opened anew, as Slack does when it recycles a host. */
  refresh(): void {
    for (const connection of this.server.clients) connection.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: { host: 'sandbox' } }));
  }

  stop(): void {
    for (const connection of this.server.clients) connection.terminate();
    this.server.close();
  }

  private greet(opened: WebSocket): void {
    opened.on('message', (data: Buffer) => {
      const { envelope_id: envelope, payload } = JSON.parse(data.toString()) as { envelope_id?: string; payload?: object };
      if (envelope) this.waiting.get(envelope)?.(payload && Object.keys(payload).length > 0 ? JSON.stringify(payload) : '');
    });
    opened.on('error', () => opened.terminate());
    opened.send(JSON.stringify({ type: 'hello', num_connections: this.connections, debug_info: { host: 'sandbox' }, connection_info: { app_id: APP } }));
  }
}
