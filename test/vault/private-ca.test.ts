import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server } from 'node:https';
import { fetchTrusting } from '../../activities/private-ca';
import { makeServerIdentity } from '../../sandbox/azure/protocol/tls';

let identity: Awaited<ReturnType<typeof makeServerIdentity>>;
let server: Server;
let base: string;
/** Per connection, in the order in which they were opened: what was asked on it. */
let asked: Map<Socket, string[]>;

beforeAll(async () => {
  identity = await makeServerIdentity();
  // Answers the first request of a connection and breaks the connection at the second, as a server does whose time for idle connections has just run out.
  server = createServer({ key: identity.privateKey, cert: identity.certificate }, (request, response) => {
    const here = asked.get(request.socket) ?? [];
    asked.set(request.socket, here);
    here.push(`${request.method} ${request.url}`);
    if (request.url === '/never' || here.length > 1) return void request.socket.destroy();
    if (request.url === '/away') return void response.writeHead(302, { location: `${base}/` }).end();
    request.resume().on('end', () => response.setHeader('content-type', 'text/plain').end('here'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => (asked = new Map()));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const connections = (): string[][] => [...asked.values()];

test.each(['GET', 'PUT', 'DELETE'])('%s is asked again on a new connection when the kept one breaks under it', async (method) => {
  const fetch = fetchTrusting(identity.ca);
  expect(await (await fetch(`${base}/first`)).text()).toBe('here');
  expect((await fetch(`${base}/second`, { method })).status).toBe(200);
  expect(connections()).toEqual([['GET /first', `${method} /second`], [`${method} /second`]]);
});

test('POST is not: it may have been done', async () => {
  const fetch = fetchTrusting(identity.ca);
  await fetch(`${base}/first`);
  await expect(fetch(`${base}/second`, { method: 'POST', body: 'x' })).rejects.toMatchObject({ message: 'no answer', cause: { code: 'ECONNRESET' } });
  expect(connections()).toEqual([['GET /first', 'POST /second']]);
});

test('a new connection that breaks is no answer, asked once', async () => {
  await expect(fetchTrusting(identity.ca)(`${base}/never`)).rejects.toMatchObject({ message: 'no answer', cause: { code: 'ECONNRESET' } });
  expect(connections()).toEqual([['GET /never']]);
});

test('another CA is trusted for nothing, and no redirect is followed', async () => {
  const other = await makeServerIdentity();
  await expect(fetchTrusting(other.ca)(base)).rejects.toMatchObject({ message: 'no answer' });
  await expect(fetchTrusting(identity.ca)(`${base}/away`)).rejects.toThrow('redirected');
});
