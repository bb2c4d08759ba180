import fc from 'fast-check';
import { graphRoute } from '../../intake/transports/graph';
import { snsRoute } from '../../intake/transports/sns';
import { SOURCES } from '../../intake/sources';
import { makeClientCertificate } from '../../sandbox/azure/protocol/tls';
import { bomb, hostile, spoiled } from './hostile';
import { example, intake, TENANT } from './transports/harness';
import { CERT, signedBy, TOPIC } from './transports/signing';

/** Requests in all; `npm run fuzz` makes it 100,000. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1_000);
const STATE = 'cs-0f7e6a5b4c3d';
const READABLE = /^(security\/alerts_v2|identityProtection\/(riskDetections|riskyUsers)|auditLogs\/(directoryAudits|signIns))\/[A-Za-z0-9_-]{1,128}$/i;
const ANSWERS = new Set([200, 202, 400, 403, 413]);

let key: string;
let certificate: string;
beforeAll(async () => ({ privateKey: key, certificate } = await makeClientCertificate('sns.amazonaws.com')));

const notification = { Type: 'Notification', MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324', TopicArn: TOPIC, Message: JSON.stringify(example('cost-anomaly-sns')), Timestamp: '2026-03-02T09:21:07.000Z' };
const notice = { subscriptionId: '76222963-cc7b-42d2-882d-8aaa69cb2ba3', changeType: 'updated', resource: 'security/alerts_v2/da637578995287051192_756343937', resourceData: { id: 'x' }, clientState: STATE, tenantId: TENANT };
const lifecycle = { ...notice, lifecycleEvent: 'reauthorizationRequired', resource: undefined };

interface Request {
  path: string;
  body: Uint8Array;
  /** What Graph answers when it is asked for what the notice names. */
  read?: Uint8Array;
}

/** Made when a certificate is there, so not before the run. */
const requests: fc.Arbitrary<() => Request> = fc.oneof(
  // SNS signed it, whatever it carries: text of JSON, or no text at all (unpaired surrogates do not survive UTF-8, as at SNS).
  { weight: 3, arbitrary: hostile.map(({ body }) => () => ({ path: '/sns', body: Buffer.from(JSON.stringify(signedBy(key, { ...notification, Message: Buffer.from(body).toString('utf8') }))) })) },
  { weight: 2, arbitrary: spoiled(notification).map((body) => () => ({ path: '/sns', body })) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('SubscriptionConfirmation', 'UnsubscribeConfirmation', 'constructor', ''), fc.string({ unit: 'binary', maxLength: 80 })).map(([Type, Token]) => () => ({ path: '/sns', body: Buffer.from(JSON.stringify(signedBy(key, { ...notification, Type, Token, SubscribeURL: 'http://169.254.169.254/' }))) })) },
  { weight: 3, arbitrary: hostile.map(({ body }) => () => ({ path: '/graph', body: Buffer.from(JSON.stringify({ value: [notice] })), read: body })) },
  { weight: 3, arbitrary: fc.constantFrom<unknown>({ value: [notice] }, { value: [notice, lifecycle] }, { value: [lifecycle] }).chain(spoiled).map((body) => () => ({ path: '/graph', body })) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3_000 }).map((token) => () => ({ path: `/graph?validationToken=${encodeURIComponent(token)}`, body: new Uint8Array() })) },
  { weight: 2, arbitrary: fc.tuple(hostile, fc.boolean()).map(([{ source, body }, inPath]) => () => ({ path: `/alerts/${source}${inPath ? '/k-path' : ''}`, body })) },
  { weight: 1, arbitrary: fc.tuple(fc.string({ unit: 'binary', maxLength: 30 }), hostile).map(([source, { body }]) => () => ({ path: `/alerts/${encodeURIComponent(source)}`, body })) },
);

const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};

test(`${RUNS} hostile requests over all routes: each is answered, nothing is fetched or read but what may be, and no secret is kept or said`, async () => {
  const outcomes: Record<string, number> = {};
  await fc.assert(fc.asyncProperty(requests, async (make) => {
    const { path, body, read } = make();
    const { app, receiving, kept, logged, notices, alerts } = intake({ now: () => new Date().toISOString(), senders: [{ id: 'all', key: 'k-all', sources: ['*'] }, { id: 'path', key: 'k-path', sources: ['*'], keyInPath: true }] });
    snsRoute(app, {
      topics: [{ arn: TOPIC, sources: SOURCES }],
      fetchText: (url) => {
        must(url === CERT || /^https:\/\/sns\.us-east-1\.amazonaws\.com\/\?Action=ConfirmSubscription&TopicArn=[^&]+&Token=[\w-]+$/.test(url), 'fetched from SNS only');
        return Promise.resolve(url === CERT ? certificate : '<ok/>');
      },
    }, receiving);
    graphRoute(app, {
      subscriptions: [{ id: 'alerts', clientState: STATE, sources: SOURCES }], tenants: [TENANT],
      read: (tenant, asked) => {
        must(tenant === TENANT && READABLE.test(asked), `read by known words and an id, not ${asked}`);
        return Promise.resolve(read ?? null);
      },
      reauthorize: (_tenant, id) => Promise.resolve(must(/^[0-9a-f-]{36}$/i.test(id), 'a subscription is an id')),
    }, receiving);
    const response = await app.request(path, { method: 'POST', body: new Uint8Array(body), headers: { authorization: 'Bearer k-all' } });
    const said = await response.text();
    must(ANSWERS.has(response.status) || (response.status === 404 && path.startsWith('/alerts/')), `answered, not ${response.status} ${said.slice(0, 200)}`);
    if (path.startsWith('/graph?') && response.status === 200) must(response.headers.get('content-type') === 'text/plain; charset=utf-8' && response.headers.get('x-content-type-options') === 'nosniff', 'a token comes back as text');
    else must(typeof JSON.parse(said) === 'object', 'answered in JSON');
    must(response.status !== 202 || alerts().length > 0, 'accepted is what Temporal has');
    must(alerts().length === 0 || response.status === 202, 'what Temporal has is accepted');
    const shown = [...[...kept.values()].map((one) => Buffer.from(one).toString('utf8')), ...logged, JSON.stringify(notices), JSON.stringify(alerts())].join('\n');
    must(!(path.startsWith('/graph') && read === undefined) || !shown.includes(STATE), 'the client state is nowhere');
    must(!shown.includes('k-all') && !shown.includes('k-path'), 'no key is anywhere');
    const outcome = `${path.split(/[/?]/)[1]} ${response.status}`;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }), { numRuns: RUNS });
  if (process.env['FUZZ_RUNS']) process.stdout.write(`${RUNS} requests: ${JSON.stringify(outcomes)}\n`);
  // A run in which a route took nothing, or refused nothing, would prove little.
  for (const outcome of ['sns 202', 'sns 403', 'graph 202', 'graph 403', 'graph 400', 'graph 200', 'alerts 202', 'alerts 400', 'alerts 404']) expect(outcomes[outcome]).toBeGreaterThan(RUNS / 500);
}, 3_600_000);

test('a bomb is refused by every route before it is inflated', async () => {
  const { app, receiving, kept } = intake();
  snsRoute(app, { topics: [{ arn: TOPIC, sources: SOURCES }], fetchText: () => Promise.reject(new Error('nothing is fetched')) }, receiving);
  graphRoute(app, { subscriptions: [{ id: 'alerts', clientState: STATE, sources: SOURCES }], tenants: [TENANT] }, receiving);
  const body = new Uint8Array(bomb(512));
  const before = process.memoryUsage().rss;
  for (const route of ['/sns', '/graph', '/alerts/guardduty']) {
    const response = await app.request(route, { method: 'POST', body, headers: { authorization: 'Bearer k-all' } });
    expect([route, [400, 413].includes(response.status)]).toEqual([route, true]);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  // The sender of the last one is known: its body is evidence.
  expect(kept.size).toBe(1);
}, 120_000);
