import { createServer, type Server } from 'node:http';
import { parseQuery, type RawRequest, type RawResponse } from './protocol/request';

const bodyLimit = 64 * 1024 * 1024;

/** The gateway's HTTP side, on loopback only. Resolves when it listens. */
export function listen(handle: (raw: RawRequest) => Promise<RawResponse>, port: number): Promise<{ server: Server; port: number }> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimit) incoming.destroy();
      else chunks.push(chunk);
    });
    incoming.on('error', () => outgoing.destroy());
    incoming.on('end', () => {
      const [path = '/', search = ''] = split(incoming.url ?? '/');
      const headers = Object.fromEntries(Object.entries(incoming.headers).map(([key, value]) => [key, Array.isArray(value) ? value.join(',') : (value ?? '')]));
      const raw: RawRequest = { method: incoming.method ?? 'GET', path, query: parseQuery(search), headers, body: Buffer.concat(chunks) };
      handle(raw).then(
        (response) => {
          const { connection: _c, 'transfer-encoding': _t, 'content-length': length, ...rest } = response.headers;
          // A HEAD answer has a length and no body.
          const size = incoming.method === 'HEAD' ? (length ?? '0') : String(response.body.length);
          outgoing.writeHead(response.status, { ...rest, ...(response.status === 204 ? {} : { 'content-length': size }) });
          outgoing.end(incoming.method === 'HEAD' ? undefined : response.body);
        },
        () => outgoing.destroy(),
      );
    });
  });
  server.keepAliveTimeout = 60_000;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, port: typeof address === 'object' && address ? address.port : port });
    });
  });
}

function split(url: string): [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}
