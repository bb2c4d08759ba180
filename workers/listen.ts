import { serve, type ServerType } from '@hono/node-server';
import type { RunningRole } from './run-worker';

/** `127.0.0.1:8420` → host and port. */
export function addressOf(listen: string): { hostname: string; port: number } {
  const at = listen.lastIndexOf(':');
  return { hostname: listen.slice(0, at).replace(/^\[|\]$/g, '') || '127.0.0.1', port: Number(listen.slice(at + 1)) };
}

/** Serves until stopped; `close` runs after the last request. Rejects at once, in one line, when the port is taken. */
export function serveRole(fetch: Parameters<typeof serve>[0]['fetch'], listen: string, close: () => Promise<void>): Promise<RunningRole> {
  const { hostname, port } = addressOf(listen);
  return new Promise((resolve, reject) => {
    let finished: () => void;
    const ended = new Promise<void>((done) => (finished = done));
    const server: ServerType = serve({ fetch, hostname, port }, () =>
      resolve({
        ended,
        stop: async () => {
          await new Promise<void>((done) => server.close(() => done()));
          await close();
          finished();
        },
      }));
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code === 'EADDRINUSE' ? `port ${port} is taken: choose another in tourniquet.yaml` : error.message)));
  });
}
