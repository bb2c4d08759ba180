import { Agent, request } from 'node:http';
import type { RawRequest, RawResponse } from './protocol/request';
import { serviceOf } from './protocol/services';
import type { Json } from './protocol/shapes';

/** The emulator behind the gateway: forwards requests as they are, and asks it things of its own. */
export class Upstream {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 32 });
  readonly #clients = new Map<string, { send(command: unknown): Promise<Json>; destroy(): void }>();

  constructor(readonly url: URL) {}

  /** The request unchanged, but for whose account it is in. */
  forward(raw: RawRequest, account: string): Promise<RawResponse> {
    const search = Object.entries(raw.query).flatMap(([key, value]) => [value].flat().map((one) => (one === '' ? encodeURIComponent(key) : `${encodeURIComponent(key)}=${encodeURIComponent(one)}`))).join('&');
    const headers: Record<string, string> = { ...raw.headers, 'x-moto-account-id': account, 'content-length': String(raw.body.length) };
    delete headers['transfer-encoding'];
    delete headers.connection;
    delete headers.expect;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: this.url.hostname, port: this.url.port, method: raw.method, path: search ? `${raw.path}?${search}` : raw.path, headers, agent: this.#agent },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => resolve({ status: incoming.statusCode ?? 502, headers: flat(incoming.headers), body: Buffer.concat(chunks) }));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(raw.body);
    });
  }

  /** Asks the emulator with full rights, unrecorded: how the gateway and the snapshot look behind the calls. Throws the SDK's errors. */
  ask(service: string, operation: string, input: Json, account: string, region = 'us-east-1'): Promise<Json> {
    const model = serviceOf(service);
    if (!model) throw new Error(`no model for ${service}`);
    const key = `${service}/${account}/${region}`;
    let client = this.#clients.get(key);
    if (!client) {
      client = clientFor(model.sdk, this.url, account, region);
      this.#clients.set(key, client);
    }
    const Command = model.sdk[`${operation}Command`] as new (input: Json) => unknown;
    return client.send(new Command(input));
  }

  close(): void {
    this.#agent.destroy();
    for (const client of this.#clients.values()) client.destroy();
  }
}

interface Middleware { middlewareStack: { add(step: unknown, options: object): void } }

function clientFor(sdk: Record<string, unknown>, url: URL, account: string, region: string): { send(command: unknown): Promise<Json>; destroy(): void } {
  const name = Object.keys(sdk).find((key) => /^[A-Z].*Client$/.test(key))!;
  const Client = sdk[name] as new (options: object) => Middleware & { send(command: unknown): Promise<Json>; destroy(): void };
  const client = new Client({ region, endpoint: url.href, credentials: { accessKeyId: 'reader', secretAccessKey: 'reader' }, forcePathStyle: true, maxAttempts: 1 });
  client.middlewareStack.add(
    (next: (args: { request: { headers: Record<string, string> } }) => unknown) => (args: { request: { headers: Record<string, string> } }) => {
      args.request.headers['x-moto-account-id'] = account;
      return next(args);
    },
    { step: 'build', name: 'account' },
  );
  return client;
}

function flat(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
}
