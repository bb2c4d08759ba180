import { graphRoute, type GraphOptions } from '../../../intake/transports/graph';
import { classify } from '../../../playbook/triage/classify';
import { SOURCES } from '../../../intake/sources';
import { bytesOf, example, intake, TENANT } from './harness';

const STATE = 'cs-0f7e6a5b4c3d';
const RISK = (example('identity-protection-risk-detection') as { value: object[] }).value[0]!;
const notice = (more: object = {}): Record<string, unknown> => ({ subscriptionId: '76222963-cc7b-42d2-882d-8aaa69cb2ba3', subscriptionExpirationDateTime: '2026-03-05T00:00:00Z', changeType: 'updated', resource: 'security/alerts_v2/da637578995287051192_756343937', resourceData: { '@odata.type': '#microsoft.graph.security.alert', id: 'x' }, clientState: STATE, tenantId: TENANT, ...more });

function graph(more: Partial<GraphOptions> = {}) {
  const made = intake();
  const read: string[] = [];
  const reauthorized: string[] = [];
  graphRoute(made.app, {
    subscriptions: [{ id: 'alerts', clientState: STATE, sources: SOURCES }], tenants: [TENANT],
    read: (tenant, path) => {
      read.push(`${tenant} ${path}`);
      return Promise.resolve(bytesOf(path.startsWith('identityProtection/') ? RISK : (example('defender-alert') as { value: object[] }).value[0]!));
    },
    reauthorize: (_tenant, id) => Promise.resolve(void reauthorized.push(id)),
    ...more,
  }, made.receiving);
  const post = (body: unknown, query = ''): Promise<Response> => Promise.resolve(made.app.request(`/graph${query}`, { method: 'POST', body: new Uint8Array(bytesOf(body)) }));
  return { ...made, read, reauthorized, post };
}

test('the validation token comes back as plain text, decoded', async () => {
  const { post } = graph();
  const response = await post('', `?validationToken=${encodeURIComponent('Validation: <script>alert(1)</script> & more+')}`);
  expect([response.status, response.headers.get('content-type'), response.headers.get('x-content-type-options')]).toEqual([200, 'text/plain; charset=utf-8', 'nosniff']);
  expect(await response.text()).toBe('Validation: <script>alert(1)</script> & more+');
  expect((await post('', `?validationToken=${'x'.repeat(3000)}`)).status).toBe(400);
});

test('a notification’s signal is read by a path of known words and its id, and accepted', async () => {
  const { post, alerts, read } = graph();
  expect((await post({ value: [notice(), notice({ resource: "identityProtection/riskDetections('6a5874ca')" })] })).status).toBe(202);
  expect(read).toEqual([`${TENANT} security/alerts_v2/da637578995287051192_756343937`, `${TENANT} identityProtection/riskDetections/6a5874ca`]);
  expect(alerts().map(({ source }) => source).sort()).toEqual(['defender', 'identity-protection']);
});

test.each<[string, object]>([['another client state', { clientState: `${STATE}x` }], ['none', { clientState: undefined }], ['no text', { clientState: 7 }], ['another tenant', { tenantId: '00000000-0000-0000-0000-000000000000' }]])('403 for all of it: %s', async (_name, more) => {
  const { post, alerts, kept, read, logged } = graph();
  expect((await post({ value: [notice(), notice(more)] })).status).toBe(403);
  expect([alerts().length, kept.size, read.length]).toEqual([0, 0, 0]);
  expect(logged.join()).not.toContain(STATE);
});

test.each(['users/8b1a9953', 'security/alerts_v2/../../users', 'security/alerts_v2/a?$expand=x', 'https://evil.example/security/alerts_v2/a', 'security/alerts_v2/a/b', ''])('never read: %s', async (resource) => {
  const { post, read, notices } = graph();
  const response = await post({ value: [notice({ resource })] });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ path: 'value[0].resource' });
  expect([read.length, notices.length]).toEqual([0, 1]);
});

test.each<[string, Partial<GraphOptions>]>([['nobody may read it', { read: undefined }], ['it is gone', { read: () => Promise.resolve(null) }]])('still a signal when %s; the secret is not kept', async (_name, more) => {
  const { post, alerts, kept } = graph(more);
  expect((await post({ value: [notice()] })).status).toBe(202);
  expect(alerts()).toMatchObject([{ account: TENANT, principal: null }]);
  expect(Buffer.concat([...kept.values()]).toString()).not.toContain(STATE);
});

test('not a list: 400; too many: 400', async () => {
  const { post } = graph();
  for (const body of [{}, { value: 7 }, [], { value: Array.from({ length: 1001 }, () => notice()) }, '{"value":[],"value":[]}']) expect((await post(body)).status).toBe(400);
});

describe('lifecycle', () => {
  test('a subscription that is removed is an incident of its own, once; the secret is not kept', async () => {
    const { post, alerts, kept } = graph();
    for (let time = 0; time < 2; time += 1) expect((await post({ value: [notice({ lifecycleEvent: 'subscriptionRemoved', resource: undefined })] })).status).toBe(202);
    expect(alerts()).toMatchObject([{ source: 'tourniquet', provider: 'azure', account: TENANT, event: 'SubscriptionRemoved', target: { id: 'alerts/76222963-cc7b-42d2-882d-8aaa69cb2ba3' } }]);
    expect(classify(alerts()[0]!)).toMatchObject({ status: 'alert', event: 'logging-disabled', risk: 'critical' });
    expect(Buffer.concat([...kept.values()]).toString()).not.toContain(STATE);
  });
  test('reauthorized when asked', async () => {
    const { post, reauthorized, notices } = graph();
    expect((await post({ value: [notice({ lifecycleEvent: 'reauthorizationRequired', resource: undefined })] })).status).toBe(200);
    expect([reauthorized, notices.length]).toEqual([['76222963-cc7b-42d2-882d-8aaa69cb2ba3'], 0]);
  });
  test.each<[string, Partial<GraphOptions>, RegExp]>([['missed', {}, /lost/], ['reauthorizationRequired', { reauthorize: undefined }, /end/], ['reauthorizationRequired', { reauthorize: () => Promise.reject(new Error('403')) }, /end/], ['constructor', {}, /changed/]])('%s is told', async (lifecycleEvent, more, title) => {
    const { post, notices } = graph(more);
    expect((await post({ value: [notice({ lifecycleEvent })] })).status).toBe(200);
    expect(notices[0]!.title).toMatch(title);
  });
});

describe('exactly once in effect', () => {
  test('twice, and out of order', async () => {
    const { post, alerts } = graph();
    const two = [notice(), notice({ resource: 'identityProtection/riskDetections/6a5874ca' })];
    for (const order of [[two[1]], [two[0]], two]) expect((await post({ value: order })).status).toBe(202);
    expect(alerts()).toHaveLength(2);
  });
  test.each(['lost', 'unanswered'] as const)('%s: 503, and again', async (wrong) => {
    const { post, alerts, broken } = graph();
    broken.push(wrong);
    expect((await post({ value: [notice()] })).status).toBe(503);
    expect((await post({ value: [notice()] })).status).toBe(202);
    expect(alerts()).toHaveLength(1);
  });
  test('Graph cannot be read: 503, nothing lost', async () => {
    let down = true;
    const { post, alerts } = graph({ read: () => (down ? Promise.reject(new Error('429')) : Promise.resolve(bytesOf(RISK))) });
    expect((await post({ value: [notice()] })).status).toBe(503);
    down = false;
    expect((await post({ value: [notice()] })).status).toBe(202);
    expect(alerts()).toHaveLength(1);
  });
});
