import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { serve } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import { createReceiver, type ReceiverOptions } from '../../intake/receiver';
import { SOURCES } from '../../intake/sources';
import type { Alert } from '../../playbook/model/alert';
import { incidentIdOf, type Principal } from '../../playbook/model/principal';
import { classify } from '../../playbook/triage/classify';
import { decide } from '../../playbook/triage/decide';
import { noDocuments } from '../../playbook/triage/inputs';
import { ACCOUNT, record } from '../triage/events';

const KEY = 'k-7f3d0c5e9b1a';
const envelope = readFileSync(join(__dirname, '../fixtures/events/cloudtrail-eventbridge.json'), 'utf8');
const bare = JSON.parse(envelope).detail as Record<string, unknown>;
const quiet = record('ec2', 'DescribeInstances', {}, { readOnly: true });

interface Delivered { incident: string; principal: Principal; alert: Alert }

function receiver(more: Partial<ReceiverOptions> = {}) {
  const steps: string[] = [];
  const kept: Uint8Array[] = [];
  const delivered: Delivered[] = [];
  const notices: { key: string; title: string; lines: string[] }[] = [];
  const logged: string[] = [];
  const log = (level: string) => (details: object, message: string) => void logged.push(`${level} ${message} ${JSON.stringify(details)}`);
  const { app, metrics } = createReceiver({
    sources: SOURCES,
    senders: [{ id: 'eventbridge', key: KEY, sources: ['cloudtrail', 'guardduty'] }, { id: 'all', key: 'k-all', sources: ['*'] }],
    keep: async (content) => {
      steps.push('keep');
      kept.push(content);
      return { key: `raw/${kept.length}`, sha256: 'a'.repeat(64), bytes: content.length };
    },
    deliver: async (incident, principal, alert) => {
      steps.push('deliver');
      delivered.push({ incident, principal, alert });
    },
    notice: async (notice) => void notices.push(notice),
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    now: () => '2026-03-02T09:16:00.000Z',
    ...more,
  });
  const post = (source: string, body: string | Uint8Array<ArrayBuffer> | ReadableStream, headers: Record<string, string> = { authorization: `Bearer ${KEY}` }) =>
    app.request(`/alerts/${source}`, { method: 'POST', body, headers, ...(body instanceof ReadableStream ? { duplex: 'half' } : {}) } as RequestInit);
  return { app, metrics, post, steps, kept, delivered, notices, logged };
}

test('somebody federated from elsewhere: the alert joins the incident of the person there, and keeps who acted here', async () => {
  const origin: Principal = { provider: 'azure', account: 'tenant-1', kind: 'user', id: 'object-1', name: 'dana@example.com' };
  const { post, delivered } = receiver({ origin: () => origin });
  expect((await post('cloudtrail', envelope)).status).toBe(202);
  expect(delivered[0]).toMatchObject({ incident: incidentIdOf(origin), principal: origin, alert: { principal: { provider: 'aws' } } });
});

test('a cloud that is not configured: kept and told to people, refused to the sender, and no incident that nobody works on', async () => {
  const { post, delivered, kept, notices } = receiver({ clouds: ['azure'] });
  const response = await post('cloudtrail', envelope);
  expect([response.status, JSON.stringify(await response.json())]).toEqual([400, expect.stringMatching(/AWS, which tourniquet.yaml does not configure/)]);
  expect([delivered.length, kept.length, notices.length]).toEqual([0, 1, 1]);
  expect(notices[0]!.lines.join()).toMatch(/does not configure/);
});

describe('an ordinary Entra sign-in', () => {
  const ID = '5C1F0F7E-8d2b-4a6c-9b3e-1f2a3b4c5d6e';
  const signIn = (errorCode: number) => JSON.stringify({
    id: 's-1', createdDateTime: '2026-03-02T09:15:30Z', userId: ID, userPrincipalName: 'glass@example.com', appId: '04b07795-8ddb-461a-bbee-02f9e1bf7b46', appDisplayName: 'Azure Portal', ipAddress: '203.0.113.77', isInteractive: true,
    authenticationRequirement: 'multiFactorAuthentication', resourceDisplayName: 'Azure Resource Manager', status: { errorCode }, homeTenantId: '0b6f1c1e-2d3a-4f5b-8c7d-9e0f1a2b3c4d', emergencyAccount: true,
  });
  const send = async (errorCode: number, more: Partial<ReceiverOptions> = {}) => {
    const { post, delivered } = receiver(more);
    const { status } = await post('entra-signin', signIn(errorCode), { authorization: 'Bearer k-all' });
    return { status, delivered };
  };
  const emergencyIdentities = [ID.toLowerCase()];

  test('of an emergency account is a critical Global Admin sign-in; of anybody else it opens nothing, whatever the record says of itself', async () => {
    const { delivered } = await send(0, { emergencyIdentities });
    expect(classify(delivered[0]!.alert)).toMatchObject({ status: 'alert', event: 'root-login', type: 'root-activity', risk: 'critical' });
    expect(decide({ alerts: [delivered[0]!.alert], documents: noDocuments, lookedUp: null, now: '2026-03-02T09:16:00Z' }).kind).toBe('critical');
    expect((await send(0, { emergencyIdentities: ['another'] })).delivered).toEqual([]);
    expect((await send(0)).delivered).toEqual([]);
  });

  test('that failed is asked about: nobody got in', async () => {
    const { alert } = (await send(50126, { emergencyIdentities })).delivered[0]!;
    expect(decide({ alerts: [alert], documents: noDocuments, lookedUp: null, now: '2026-03-02T09:16:00Z' })).toMatchObject({ kind: 'verify', risk: 'high' });
  });

  test('under a lease is Tourniquet’s own', async () => {
    const own = async () => ({ code: 'break-glass-lease', text: 'out on a lease', source: 'temporal:breakGlass' });
    expect(await send(0, { emergencyIdentities, own })).toEqual({ status: 200, delivered: [] });
  });
});

test('nor does what calls for nothing there bother anybody', async () => {
  const { post, notices } = receiver({ clouds: ['azure'] });
  expect((await post('cloudtrail', JSON.stringify(quiet))).status).toBe(200);
  expect(notices).toEqual([]);
});

test('a finding of unused access reaches the permission audit through the receiver', async () => {
  const reviewed: string[] = [];
  const role = `arn:aws:iam::${ACCOUNT}:role/forgotten`;
  const finding = {
    version: '0', id: '1', 'detail-type': 'Unused Access Finding for IAM entities', source: 'aws.access-analyzer', account: ACCOUNT, time: '2026-06-01T00:00:00Z', region: 'us-east-1', resources: [],
    detail: { version: '1.0', id: '2f1c6a3e-0000-4000-8000-000000000001', status: 'ACTIVE', resourceType: 'AWS::IAM::Role', resource: role, accountId: ACCOUNT, createdAt: '2026-05-31T00:00:00Z', analyzedAt: '2026-06-01T00:00:00Z', updatedAt: '2026-06-01T00:00:00Z', findingType: 'UnusedIAMRole' },
  };
  const { post, delivered } = receiver({ review: async ({ id }) => { reviewed.push(id); return 'rev-1'; } });
  expect((await post('access-analyzer', JSON.stringify(finding), { authorization: 'Bearer k-all' })).status).toBe(202);
  expect([reviewed, delivered]).toEqual([[role], []]);
});

test('accepted: 202 with the incident, evidence first, delivered with what was kept', async () => {
  const { post, steps, kept, delivered, metrics } = receiver();
  const response = await post('cloudtrail', envelope);
  expect(response.status).toBe(202);
  const body = await response.json();
  const { incident, principal, alert } = delivered[0]!;
  expect(body).toEqual({ status: 'accepted', incident, alert: alert.id });
  expect(incident).toBe(incidentIdOf(principal));
  expect(alert).toMatchObject({ receivedAt: '2026-03-02T09:16:00.000Z', raw: { key: 'raw/1' } });
  expect(Buffer.from(kept[0]!).toString()).toBe(envelope);
  expect(steps).toEqual(['keep', 'deliver']);
  expect(metrics.get('cloudtrail', 'accepted')).toBe(1);
});

test('ignored: 200 with the reasons, and kept', async () => {
  const { post, delivered, kept } = receiver();
  const response = await post('cloudtrail', JSON.stringify(quiet));
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ status: 'ignored', reasons: [{ code: 'not-high-risk' }] });
  expect(delivered).toHaveLength(0);
  expect(kept).toHaveLength(1);
});

describe('who may send', () => {
  test.each<[string, Record<string, string>]>([
    ['no key', {}], ['wrong key', { authorization: 'Bearer nope' }], ['the key with more behind it', { authorization: `Bearer ${KEY}x` }], ['an empty key', { authorization: 'Bearer ' }], ['basic authentication', { authorization: `Basic ${KEY}` }],
    ['an endless key', { authorization: `Bearer ${'x'.repeat(100_000)}` }], ['a wrong header key beside a right one', { authorization: `Bearer ${KEY}`, 'x-tourniquet-key': 'nope' }],
  ])('401: %s', async (_name, headers) => {
    const { post, kept, delivered, logged, metrics } = receiver();
    expect((await post('cloudtrail', envelope, headers)).status).toBe(401);
    expect([kept.length, delivered.length]).toEqual([0, 0]);
    expect(logged.join('\n')).not.toContain(KEY);
    expect(metrics.get('cloudtrail', 'unauthorized')).toBe(1);
  });
  test('both headers are understood', async () => {
    const { post } = receiver();
    expect((await post('cloudtrail', envelope, { 'x-tourniquet-key': KEY })).status).toBe(202);
    expect((await post('cloudtrail', envelope, { authorization: `bearer ${KEY}` })).status).toBe(202);
  });
  test('the key in the address, only from a sender that is set up so', async () => {
    const { app } = receiver({ senders: [{ id: 'splunk', key: 'k-in-path', sources: ['cloudtrail'], keyInPath: true }, { id: 'eventbridge', key: KEY, sources: ['cloudtrail'] }] });
    const at = async (path: string): Promise<number> => (await app.request(path, { method: 'POST', body: envelope })).status;
    expect(await at('/alerts/cloudtrail/k-in-path')).toBe(202);
    expect(await at(`/alerts/cloudtrail/${KEY}`)).toBe(401);
    expect(await at('/alerts/cloudtrail/k-in-pathx')).toBe(401);
    expect(await at('/alerts/guardduty/k-in-path')).toBe(403);
  });
  test('403: not this sender’s source; * is all', async () => {
    const { post, kept } = receiver();
    expect((await post('entra-audit', '{}')).status).toBe(403);
    expect(kept).toHaveLength(0);
    expect((await post('entra-audit', '{}', { authorization: 'Bearer k-all' })).status).toBe(400);
  });
  test('404: no such source, told only to those with a key', async () => {
    const { post, app } = receiver();
    expect((await post('nagios', envelope)).status).toBe(404);
    expect((await post('nagios', envelope, {})).status).toBe(401);
    expect((await app.request('/else')).status).toBe(404);
  });
});

describe('not understood: kept, counted, told, 400 with the path', () => {
  test.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
    ['no JSON', '{"a":', 'body'], ['two members of one name', `{"detail":1,${envelope.trim().slice(1)}`, 'body'], ['not UTF-8', Uint8Array.from([0xff, 0xfe]), 'body'], ['broken gzip', new Uint8Array(gzipSync(envelope).subarray(0, 40)), 'body'],
    ['empty', '', 'body'], ['a list of nothing known', '[]x', 'body'], ['a missing field', JSON.stringify({ 'detail-type': 'AWS API Call via CloudTrail', detail: { ...bare, eventName: undefined } }), 'detail.eventName'],
    ['a wrong field deep inside', JSON.stringify({ 'detail-type': 'x', detail: { ...bare, userIdentity: { type: 'IAMUser', arn: {} } } }), 'detail.userIdentity.arn'], ['a number', '7', '(record)'],
  ])('%s', async (_name, body, path) => {
    const { post, kept, notices, metrics, delivered, logged } = receiver();
    const response = await post('cloudtrail', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ status: 'rejected', path, problem: expect.any(String) });
    expect(kept).toHaveLength(1);
    expect(notices).toHaveLength(1);
    expect(notices[0]!.lines.join(' ')).toContain(path);
    expect(notices[0]!.lines.join(' ')).toContain('raw/1');
    expect(metrics.get('cloudtrail', 'rejected')).toBe(1);
    expect(delivered).toHaveLength(0);
    expect(logged.join()).not.toContain('mallory');
  });
  test('a notice that cannot be sent does not change the answer', async () => {
    const { post } = receiver({ notice: () => Promise.reject(new Error('slack is away')) });
    expect((await post('cloudtrail', '{')).status).toBe(400);
  });
});

describe('too large: 413', () => {
  const limits = { bodyBytes: 2_000 };
  test('by what is announced', async () => {
    const { post, kept } = receiver({ limits });
    expect((await post('cloudtrail', envelope, { authorization: `Bearer ${KEY}`, 'content-length': '2001' })).status).toBe(413);
    expect(kept).toHaveLength(0);
  });
  test('by a length that is no number', async () => {
    const { post } = receiver({ limits });
    expect((await post('cloudtrail', envelope, { authorization: `Bearer ${KEY}`, 'content-length': '1e3' })).status).toBe(413);
  });
  test('by what comes, without an announcement; the rest is not read', async () => {
    const { post, kept } = receiver({ limits });
    let pulled = 0;
    const endless = new ReadableStream({ pull: (controller) => void (pulled++, controller.enqueue(new Uint8Array(1_000))) });
    expect((await post('cloudtrail', endless)).status).toBe(413);
    expect(pulled).toBeLessThan(10);
    expect(kept).toHaveLength(0);
  });
  test('by what it inflates to', async () => {
    const { post } = receiver({ limits: { bodyBytes: 1_000_000, json: { bytes: 10_000, depth: 64, nodes: 1_000 } } });
    expect((await post('cloudtrail', new Uint8Array(gzipSync(Buffer.alloc(2_000_000, 32))))).status).toBe(413);
  });
});

describe('Temporal or the evidence store is away: 503, come again', () => {
  test('delivery fails', async () => {
    const { post, metrics, logged } = receiver({ deliver: () => Promise.reject(new Error(`secret ${KEY}`)) });
    const response = await post('cloudtrail', envelope);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ status: 'failed', incident: expect.stringMatching(/^inc-/) });
    expect(metrics.get('cloudtrail', 'failed')).toBe(1);
    expect(logged.join()).not.toContain(KEY);
  });
  test('delivery does not answer in time', async () => {
    const { post } = receiver({ limits: { deliverMs: 20 }, deliver: () => new Promise(() => undefined) });
    expect((await post('cloudtrail', envelope)).status).toBe(503);
  });
  test('evidence first: when it cannot be kept, nothing is delivered', async () => {
    const { post, delivered } = receiver({ keep: () => Promise.reject(new Error('EVIDENCE_UNAVAILABLE')) });
    const response = await post('cloudtrail', envelope);
    expect([response.status, delivered.length]).toEqual([503, 0]);
    expect(response.headers.get('retry-after')).toBeTruthy();
  });
});

describe('batches', () => {
  const another = record('cloudtrail', 'StopLogging', { name: 'main' }, { eventID: 'another' });
  test('each record has its own answer, in order, and one bad one does not lose the others', async () => {
    const { post, delivered, notices } = receiver();
    const response = await post('cloudtrail', new Uint8Array(gzipSync(JSON.stringify({ Records: [bare, quiet, { ...bare, eventTime: 5 }, another] }))));
    expect(response.status).toBe(202);
    const body = (await response.json()) as { status: string; results: { status: string; path?: string }[] };
    expect(body.results.map(({ status }) => status)).toEqual(['accepted', 'ignored', 'rejected', 'accepted']);
    expect(body.results[2]!.path).toBe('Records[2].eventTime');
    expect(delivered.map(({ alert }) => alert.event)).toEqual(['CreateAccessKey', 'StopLogging']);
    expect(notices).toHaveLength(1);
  });
  test('one that could not be delivered makes the sender come again', async () => {
    const { post } = receiver({ deliver: (_incident, _principal, alert) => (alert.event === 'StopLogging' ? Promise.reject(new Error('x')) : Promise.resolve()) });
    const response = await post('cloudtrail', JSON.stringify({ Records: [bare, another] }));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 'failed', results: [{ status: 'accepted' }, { status: 'failed' }] });
  });
  test('only bad ones: 400; none at all: 200', async () => {
    const { post } = receiver();
    expect((await post('cloudtrail', JSON.stringify({ Records: [{}, {}] }))).status).toBe(400);
    expect((await post('cloudtrail', '{"Records":[]}')).status).toBe(200);
  });
});

test('an alert without an identity opens an incident on its account', async () => {
  const { post, delivered } = receiver();
  expect((await post('cloudtrail', JSON.stringify(record('cloudtrail', 'StopLogging', { name: 'main' }, { userIdentity: undefined })))).status).toBe(202);
  expect(delivered[0]!.principal).toEqual({ provider: 'aws', account: ACCOUNT, kind: 'unknown', id: `unattributed:${ACCOUNT}`, name: 'unattributed activity' });
  expect(delivered[0]!.alert.principal).toBeNull();
});

test('the same alert twice is the same incident and the same alert', async () => {
  const { post, delivered } = receiver();
  await post('cloudtrail', envelope);
  await post('cloudtrail', JSON.stringify(bare));
  expect(delivered[1]).toMatchObject({ incident: delivered[0]!.incident, alert: { id: delivered[0]!.alert.id } });
});

test('health and metrics, with no label that a sender wrote', async () => {
  const { app, post } = receiver();
  await post('cloudtrail', envelope);
  await post('x"} 1\nevil{', envelope, {});
  expect(await (await app.request('/healthz')).json()).toEqual({ status: 'ok' });
  const text = await (await app.request('/metrics')).text();
  expect(text).toContain('tourniquet_intake_alerts_total{source="cloudtrail",outcome="accepted"} 1');
  expect(text).toContain('tourniquet_intake_alerts_total{source="unknown",outcome="unauthorized"} 1');
  expect(text).not.toContain('evil');
});

test('over a real socket, with and without an announced length', async () => {
  const { app, delivered } = receiver();
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  try {
    await new Promise<void>((resolve) => (server.listening ? resolve() : server.once('listening', () => resolve())));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts/cloudtrail`;
    const headers = { authorization: `Bearer ${KEY}` };
    expect((await fetch(url, { method: 'POST', body: envelope, headers })).status).toBe(202);
    const chunks = new ReadableStream({ start: (controller) => { for (const part of [envelope.slice(0, 400), envelope.slice(400)]) controller.enqueue(new TextEncoder().encode(part)); controller.close(); } });
    expect((await fetch(url, { method: 'POST', body: chunks, headers, duplex: 'half' } as RequestInit)).status).toBe(202);
    expect(delivered).toHaveLength(2);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
