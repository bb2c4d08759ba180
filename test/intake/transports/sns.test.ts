import { snsRoute } from '../../../intake/transports/sns';
import { certificateUrl, confirmationUrl, hostOfTopic } from '../../../intake/transports/sns-signature';
import { classify } from '../../../playbook/triage/classify';
import { SOURCES } from '../../../intake/sources';
import { makeClientCertificate } from '../../../sandbox/azure/protocol/tls';
import { bytesOf, example, intake } from './harness';
import { CERT, signedBy, TOPIC, type Message } from './signing';


let key: string;
let certificate: string;
let foreign: Awaited<ReturnType<typeof makeClientCertificate>>;
beforeAll(async () => {
  ({ privateKey: key, certificate } = await makeClientCertificate('sns.amazonaws.com'));
  foreign = await makeClientCertificate('sns.amazonaws.com');
});

const signed = (message: Message, version: '1' | '2' = '2', by = key): Message => signedBy(by, message, version);
const notification = (more: Message = {}): Message => ({ Type: 'Notification', MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324', TopicArn: TOPIC, Message: JSON.stringify(example('cost-anomaly-sns')), Timestamp: '2026-03-02T09:21:07.000Z', ...more });
const confirmation = (more: Message = {}): Message => ({ Type: 'SubscriptionConfirmation', MessageId: '165545c9-2a5c-472c-8df2-7ff2be2b3b1b', Token: '2336412f37fb687f5d51e6e2425e', TopicArn: TOPIC, Message: 'You have chosen to subscribe', SubscribeURL: 'http://169.254.169.254/latest/meta-data/', Timestamp: '2026-03-02T09:00:00.000Z', ...more });

function sns(answers: (url: string) => string = (url) => (url === CERT ? certificate : '<ok/>'), now = () => new Date().toISOString()) {
  const made = intake({ now });
  const fetched: string[] = [];
  const fetchText = (url: string): Promise<string> => {
    fetched.push(url);
    try {
      return Promise.resolve(answers(url));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  };
  snsRoute(made.app, { topics: [{ arn: TOPIC, sources: SOURCES }], fetchText }, made.receiving);
  const post = async (message: unknown): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await made.app.request('/sns', { method: 'POST', body: new Uint8Array(bytesOf(message)), headers: { 'content-type': 'text/plain; charset=UTF-8' } });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { ...made, fetched, post };
}

test.each(['1', '2'] as const)('a notification signed in version %s is accepted, and its certificate is fetched once', async (version) => {
  const { post, alerts, fetched } = sns();
  expect((await post(signed(notification(), version))).status).toBe(202);
  expect((await post(signed(notification({ Subject: 'Anomaly' }), version))).status).toBe(202);
  expect(alerts()).toMatchObject([{ source: 'cost-anomaly', account: '210987654321' }]);
  expect(fetched).toEqual([CERT]);
});

test('a letter that is no JSON is read from the notification itself', async () => {
  const { post, alerts } = sns();
  const { Message } = example('budget-sns') as Message;
  expect((await post(signed(notification({ Message: Message! })))).status).toBe(202);
  expect(alerts()).toMatchObject([{ source: 'budget', facts: { title: 'workloads-monthly' } }]);
});

describe('refused, and nothing is kept', () => {
  const cases: [string, (message: Message) => unknown, RegExp][] = [
    ['a changed message', (message) => ({ ...message, Message: '{"anomalyId":"other"}' }), /Signature/],
    ['a changed topic', (message) => ({ ...message, TopicArn: `${TOPIC}2` }), /TopicArn/],
    ['another key', () => signed(notification(), '2', foreign.privateKey), /Signature/],
    ['a version that is not known', (message) => ({ ...message, SignatureVersion: '3' }), /Signature/],
    ['a version of a prototype', (message) => ({ ...message, SignatureVersion: 'constructor' }), /Signature/],
    ['no signature', (message) => ({ ...message, Signature: '' }), /Signature/],
    ['a type that is not known', (message) => ({ ...message, Type: 'toString' }), /Signature/],
    ['a member that is no text', (message) => ({ ...message, MessageId: 7 }), /Signature/],
    ['a subject put in afterwards', (message) => ({ ...message, Subject: 'urgent' }), /Signature/],
    ['a certificate from elsewhere', (message) => ({ ...message, SigningCertURL: 'https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem' }), /SigningCertURL/],
    ['a certificate of a bucket', (message) => ({ ...message, SigningCertURL: 'https://sns.us-east-1.amazonaws.com/evil/SimpleNotificationService-1.pem' }), /SigningCertURL/],
    ['no JSON', () => 'hello', /body/], ['a list', () => [], /body/],
  ];
  test.each(cases)('%s', async (_name, change, problem) => {
    const { post, kept, alerts, fetched } = sns();
    const { status, body } = await post(change(signed(notification())));
    expect([400, 403]).toContain(status);
    expect(body['problem']).toMatch(problem);
    expect([kept.size, alerts().length]).toEqual([0, 0]);
    expect(fetched.filter((url) => url !== CERT)).toEqual([]);
  });
  test('a certificate that is not SNS’s, or not of today', async () => {
    const other = await makeClientCertificate('mail.amazonaws.com.evil.example');
    expect((await sns(() => other.certificate).post(signed(notification(), '2', other.privateKey))).body['problem']).toMatch(/not for SNS/);
    expect((await sns(undefined, () => '2099-01-01T00:00:00.000Z').post(signed(notification()))).body['problem']).toMatch(/not valid/);
  });
  test('a certificate that cannot be fetched: come again', async () => {
    const { post } = sns(() => { throw new Error('no network'); });
    expect((await post(signed(notification()))).status).toBe(503);
  });
});

test.each<[string, string]>([
  ['another host', 'https://example.com/SimpleNotificationService-1.pem'], ['plain http', 'http://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem'], ['another region', 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem'],
  ['a user', 'https://sns.us-east-1.amazonaws.com@evil.example/SimpleNotificationService-1.pem'], ['a port', 'https://sns.us-east-1.amazonaws.com:8443/SimpleNotificationService-1.pem'], ['a query', 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem?x=.pem'],
  ['a newline', 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem\n'], ['metadata', 'http://169.254.169.254/SimpleNotificationService-1.pem'], ['dots', 'https://sns.us-east-1.amazonaws.com/../SimpleNotificationService-1.pem'], ['a dot for any letter', 'https://sns.us-east-1xamazonaws.com/SimpleNotificationService-1.pem'],
])('no certificate comes from %s', (_name, url) => expect(certificateUrl(url, TOPIC)).toBeNull());
test('hosts by partition', () => {
  expect(hostOfTopic('arn:aws-cn:sns:cn-north-1:210987654321:t')).toBe('sns.cn-north-1.amazonaws.com.cn');
  expect(hostOfTopic('arn:aws-us-gov:sns:us-gov-west-1:210987654321:t')).toBe('sns.us-gov-west-1.amazonaws.com');
  expect(hostOfTopic('arn:aws:sns:evil.example/:210987654321:t')).toBeNull();
  expect(confirmationUrl(TOPIC, 'a&Action=DeleteTopic')).toBeNull();
});

describe('subscriptions', () => {
  test('are confirmed for a configured topic, at SNS, whatever link the message has', async () => {
    const { post, fetched } = sns();
    expect(await post(signed(confirmation()))).toMatchObject({ status: 200, body: { status: 'confirmed' } });
    expect(fetched).toEqual([CERT, `https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${encodeURIComponent(TOPIC)}&Token=2336412f37fb687f5d51e6e2425e`]);
  });
  test('of another topic are not, and nothing is fetched', async () => {
    const { post, fetched } = sns();
    expect((await post(signed(confirmation({ TopicArn: 'arn:aws:sns:us-east-1:998877665544:billing' })))).status).toBe(403);
    expect(fetched).toEqual([]);
  });
  test('that are removed are an incident of their own, once', async () => {
    const { post, alerts, kept } = sns();
    for (let time = 0; time < 2; time += 1) expect(await post(signed(confirmation({ Type: 'UnsubscribeConfirmation' })))).toMatchObject({ status: 202, body: { status: 'accepted' } });
    expect(alerts()).toMatchObject([{ source: 'tourniquet', event: 'SubscriptionRemoved', account: '210987654321', region: 'us-east-1', time: '2026-03-02T09:00:00.000Z', target: { id: TOPIC }, raw: { key: expect.any(String) } }]);
    expect(classify(alerts()[0]!)).toMatchObject({ status: 'alert', event: 'logging-disabled', risk: 'critical' });
    expect(kept.size).toBe(1);
  });
  test('that are removed at no time: refused by the field, and told', async () => {
    const { post, alerts, notices } = sns();
    expect(await post(signed(confirmation({ Type: 'UnsubscribeConfirmation', Timestamp: 'yesterday' })))).toMatchObject({ status: 400, body: { path: 'Timestamp' } });
    expect([alerts().length, notices.length]).toEqual([0, 1]);
  });
});

describe('exactly once in effect', () => {
  test('twice, and out of order', async () => {
    const { post, alerts } = sns();
    const two = [signed(notification()), signed(notification({ MessageId: 'b', Message: JSON.stringify({ ...(example('cost-anomaly-sns') as object), anomalyId: 'other' }) }))];
    for (const one of [two[1]!, two[0]!, two[0]!, two[1]!]) expect((await post(one)).status).toBe(202);
    expect(alerts()).toHaveLength(2);
  });
  test.each(['lost', 'unanswered'] as const)('%s between accept and acknowledge: 503, then again, then one alert', async (wrong) => {
    const { post, alerts, broken } = sns();
    broken.push(wrong);
    const message = signed(notification());
    expect((await post(message)).status).toBe(503);
    expect((await post(message)).status).toBe(202);
    expect(alerts()).toHaveLength(1);
  });
});
