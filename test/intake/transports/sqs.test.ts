import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { processBody } from '../../../intake/pipeline';
import { SOURCES } from '../../../intake/sources';
import { anyOf } from '../../../intake/transports/any-of';
import { pull, settleOne, type PullOptions, type Queue } from '../../../intake/transports/pull';
import { fetchFile } from '../../../intake/transports/s3-files';
import { s3Notices } from '../../../intake/transports/s3-notices';
import { sqsQueue } from '../../../intake/transports/sqs';
import { startEmulator, type Emulator } from '../../../sandbox/aws/emulator';
import { example, intake, loud, until } from './harness';

jest.setTimeout(120_000);
let emulator: Emulator;
let sqs: SQSClient;
let s3: S3Client;
let queues = 0;
beforeAll(async () => {
  emulator = await startEmulator(() => undefined);
  const client = { region: 'us-east-1', endpoint: emulator.url.href, credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' } };
  sqs = new SQSClient(client);
  s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'trail-logs' }));
});
afterAll(async () => {
  sqs.destroy();
  s3.destroy();
  await emulator.stop();
});

/** A real queue with its dead-letter queue, two tries. */
async function queueWith(made = intake(), more: { tries?: number; files?: boolean; wrap?: (queue: Queue) => Queue } = {}) {
  const name = `q${queues++}`;
  const create = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> => (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
  const dead = await create(`${name}-dead`);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] }));
  const url = await create(name, { VisibilityTimeout: '30', RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes!.QueueArn, maxReceiveCount: more.tries ?? 5 }) });
  const real = sqsQueue(sqs, { url, deadLettersUrl: dead, visibilitySeconds: 30, waitSeconds: 1 });
  // A message that is given back comes at once instead of seconds later.
  const hurried: Queue = { ...real, keepFor: (message, seconds) => real.keepFor(message, seconds >= 30 ? seconds : 0) };
  const { pipeline } = made.receiving;
  const options: PullOptions = {
    id: name, transport: more.files ? 's3' : 'sqs', queue: (more.wrap ?? ((queue) => queue))(hurried), visibilitySeconds: 30, log: pipeline.log, metrics: made.metrics, notice: pipeline.notice, lookEveryMs: 50,
    handle: more.files ? s3Notices({ buckets: ['trail-logs'], sources: SOURCES, fetch: (file) => fetchFile(s3, file) }, pipeline, name) : async (body) => [await processBody(pipeline, anyOf('sqs', SOURCES), { id: name, key: '', sources: [] }, body)],
  };
  const count = async (QueueUrl: string): Promise<number> => {
    const { Attributes: all } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] }));
    return Number(all!.ApproximateNumberOfMessages) + Number(all!.ApproximateNumberOfMessagesNotVisible);
  };
  return { ...made, url, options, send: (body: unknown) => sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: typeof body === 'string' ? body : JSON.stringify(body) })), left: () => count(url), dead: () => count(dead) };
}

async function drained(queue: Awaited<ReturnType<typeof queueWith>>, also: () => boolean | Promise<boolean> = () => true): Promise<void> {
  const pulling = pull(queue.options);
  try {
    await until(async () => (await queue.left()) === 0 && (await also()), 60_000);
  } finally {
    await pulling.stop();
  }
}

test('events and SNS notifications are pulled, accepted and removed', async () => {
  const queue = await queueWith();
  await queue.send(example('guardduty-eventbridge'));
  await queue.send({ Type: 'Notification', MessageId: 'a', TopicArn: 'arn:aws:sns:us-east-1:210987654321:t', Timestamp: '2026-03-02T09:00:00Z', Message: JSON.stringify(example('billing-alarm-sns')) });
  await queue.send(example('budget-sns'));
  await drained(queue);
  expect(queue.alerts().map(({ source }) => source).sort()).toEqual(['billing-alarm', 'budget', 'guardduty']);
  expect(queue.metrics.get('sqs', 'accepted')).toBe(3);
});

test('what nobody understands is kept, told and removed: the next time it would be no better', async () => {
  const queue = await queueWith();
  await queue.send('{"a":1,"a":2}');
  await queue.send({ what: 'is this' });
  await drained(queue);
  expect([queue.kept.size, queue.notices.length, queue.metrics.get('sqs', 'rejected'), await queue.dead()]).toEqual([2, 2, 2, 0]);
});

describe('exactly once in effect', () => {
  test('sent twice and out of order', async () => {
    const queue = await queueWith();
    for (const number of [2, 1, 2, 1, 3]) await queue.send(loud(number));
    await drained(queue);
    expect(queue.alerts()).toHaveLength(3);
  });
  test.each(['lost', 'unanswered'] as const)('%s: the message is not removed, comes again, and is one alert', async (wrong) => {
    const queue = await queueWith();
    queue.broken.push(wrong);
    await queue.send(loud(1));
    const pulling = pull(queue.options);
    await until(() => queue.metrics.get('sqs', 'accepted') === 1);
    await until(async () => (await queue.left()) === 0);
    await pulling.stop();
    expect(queue.metrics.get('sqs', 'failed')).toBe(1);
    expect(queue.alerts()).toHaveLength(1);
  });
  test('a crash between accept and remove: it comes again, and is one alert', async () => {
    let crashes = 1;
    const made = intake();
    const queue = await queueWith(made, { wrap: (real) => ({ ...real, remove: async (message) => { if (crashes-- > 0) { await real.keepFor(message, 0); throw new Error('crashed'); } await real.remove(message); } }) });
    await queue.send(loud(1));
    await drained(queue);
    expect([queue.metrics.get('sqs', 'accepted'), queue.alerts().length]).toEqual([2, 1]);
  });
  test('the evidence store is away: nothing is removed', async () => {
    const queue = await queueWith(intake({ keep: () => Promise.reject(new Error('EVIDENCE_UNAVAILABLE')) }));
    await queue.send(loud(1));
    const pulling = pull(queue.options);
    await until(() => queue.metrics.get('sqs', 'failed') > 0);
    await pulling.stop();
    expect([await queue.left() + await queue.dead(), queue.alerts().length]).toEqual([1, 0]);
  });
});

test('a message that takes long is kept from coming twice', async () => {
  const queue = await queueWith();
  const kept: number[] = [];
  const spied: Queue = { ...queue.options.queue, keepFor: (message, seconds) => { kept.push(seconds); return queue.options.queue.keepFor(message, seconds); } };
  let release: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  await queue.send(loud(1));
  const [message] = await spied.receive(new AbortController().signal);
  const settling = settleOne({ ...queue.options, queue: spied, visibilitySeconds: 0.3, handle: async () => { await slow; return []; } }, message!);
  await until(() => kept.length >= 2);
  release();
  await settling;
  expect(await queue.left()).toBe(0);
});

test('what fails again and again becomes a dead letter: counted in the metrics, and told', async () => {
  const queue = await queueWith(intake(), { tries: 2 });
  queue.broken.push(...Array.from({ length: 50 }, () => 'lost' as const));
  await queue.send(loud(1));
  await drained(queue, () => queue.notices.length > 0);
  expect(await queue.dead()).toBe(1);
  expect(queue.notices[0]!.title).toContain('1 messages of the queue');
  expect(queue.metrics.text()).toContain(`tourniquet_intake_dead_letters{queue="${queue.options.id}"} 1`);
  expect(queue.alerts()).toHaveLength(0);
});

test('a queue that is away is asked again', async () => {
  let down = 2;
  const queue = await queueWith(intake(), { wrap: (real) => ({ ...real, receive: (signal) => (down-- > 0 ? Promise.reject(new Error('ECONNREFUSED')) : real.receive(signal)) }) });
  await queue.send(loud(1));
  await drained(queue);
  expect(queue.alerts()).toHaveLength(1);
});

describe('log files in S3', () => {
  const notice = (key: string, bucket = 'trail-logs') => ({ Records: [{ eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: { bucket: { name: bucket }, object: { key: encodeURIComponent(key).replaceAll('%20', '+'), size: 1 } } }] });
  const put = (Key: string, Body: Buffer) => s3.send(new PutObjectCommand({ Bucket: 'trail-logs', Key, Body }));
  const log = (...numbers: number[]) => gzipSync(JSON.stringify({ Records: numbers.map(loud) }));

  test('is read from its notice, bare, inside SNS, and from EventBridge; a digest and S3’s test are not', async () => {
    const queue = await queueWith(intake(), { files: true });
    await put('AWSLogs/210987654321/CloudTrail/eu central/a+b.json.gz', log(1, 2));
    await put('AWSLogs/c.json', Buffer.from(JSON.stringify({ Records: [loud(3)] })));
    await queue.send(notice('AWSLogs/210987654321/CloudTrail/eu central/a+b.json.gz'));
    await queue.send({ Type: 'Notification', TopicArn: 'arn:aws:sns:us-east-1:210987654321:t', Message: JSON.stringify(notice('AWSLogs/c.json')) });
    await queue.send({ 'detail-type': 'Object Created', source: 'aws.s3', detail: { bucket: { name: 'trail-logs' }, object: { key: 'AWSLogs/c.json' } } });
    await queue.send(notice('AWSLogs/210987654321/CloudTrail-Digest/d.json.gz'));
    await queue.send({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'trail-logs' });
    await drained(queue);
    expect(queue.alerts()).toHaveLength(3);
    expect(queue.notices).toEqual([]);
    expect(queue.metrics.get('s3', 'accepted')).toBe(4);
  });

  test.each<[string, unknown, RegExp]>([
    ['another bucket', notice('secrets.json', 'payroll'), /s3:\/\/payroll\/secrets\.json is in no bucket/], ['a file that is gone', notice('gone.json.gz'), /gone\.json\.gz is gone/], ['no key', { Records: [{ eventName: 'ObjectCreated:Put', s3: {} }] }, /is missing/],
    ['no list', { Records: 7 }, /must be a list/], ['broken escapes', { Records: [{ eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'trail-logs' }, object: { key: '%E0%A4%A' } } }] }, /is missing/],
  ])('told and removed: %s', async (_name, body, line) => {
    const queue = await queueWith(intake(), { files: true });
    await queue.send(body);
    await drained(queue);
    expect(queue.notices.flatMap(({ lines }) => lines).join()).toMatch(line);
    expect([queue.alerts().length, await queue.dead()]).toEqual([0, 0]);
  });

  test('too large as it lies, or inflated: told, never held whole', async () => {
    await put('bomb.json.gz', gzipSync(Buffer.alloc(80 * 1024 * 1024, 32)));
    const queue = await queueWith(intake(), { files: true });
    await queue.send(notice('bomb.json.gz'));
    await drained(queue);
    expect(queue.notices[0]!.lines.join()).toMatch(/inflates to more than/);
    expect(await fetchFile(s3, { bucket: 'trail-logs', key: 'bomb.json.gz' }, 1_000)).toEqual({ problem: 'is larger than 1000 bytes' });
  });

  test('one record that Temporal did not get brings the whole file again, and each is one alert', async () => {
    const queue = await queueWith(intake(), { files: true });
    queue.broken.push('unanswered', 'lost');
    await put('again.json.gz', log(1, 2, 3));
    await queue.send(notice('again.json.gz'));
    const pulling = pull(queue.options);
    await until(async () => queue.metrics.get('s3', 'accepted') === 4 && (await queue.left()) === 0);
    await pulling.stop();
    expect(queue.alerts()).toHaveLength(3);
  });
});
