import { createServer } from 'node:net';
import { PortTaken } from './missing-tool';

/** The given port when it is free on loopback, else PortTaken; without one, a port that the system chose. */
export function freePort(wanted: number | undefined, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? new PortTaken(wanted ?? 0, what) : error));
    server.listen(wanted ?? 0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
