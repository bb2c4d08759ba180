import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { PortTaken } from './missing-tool';

/** Below the ports that systems give to outgoing connections: one of those may be taken between the choice and the start of whoever is to listen. */
const CHOSEN = { from: 20_000, to: 30_000 };
const TRIES = 50;

/** The given port when it is free on loopback, else PortTaken; without one, a free port. */
export async function freePort(wanted: number | undefined, what: string): Promise<number> {
  if (wanted !== undefined && wanted !== 0) {
    if (await isFree(wanted)) return wanted;
    throw new PortTaken(wanted, what);
  }
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(CHOSEN.from, CHOSEN.to);
    if (await isFree(port)) return port;
  }
  throw new PortTaken(0, what);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
