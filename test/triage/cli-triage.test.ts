import { PassThrough, Readable, Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { runTriage, triageLine, type TriageLine } from '../../cli/triage';
import { NOW, record, rootIdentity } from './events';

async function run(input: Iterable<string | Buffer>): Promise<{ code: number; lines: TriageLine[] }> {
  const chunks: string[] = [];
  const output = new Writable({ write: (chunk: Buffer, _encoding, done) => { chunks.push(chunk.toString()); done(); } });
  const code = await runTriage(Readable.from(input, { objectMode: false }), output, () => NOW);
  return { code, lines: chunks.join('').split('\n').filter(Boolean).map((line) => JSON.parse(line) as TriageLine) };
}

const user = JSON.stringify(record('iam', 'CreateUser', { userName: 'x' }));
const quiet = JSON.stringify(record('ec2', 'DescribeInstances', {}, { readOnly: true }));

test('one line each, in the same order, whatever is in them', async () => {
  const { code, lines } = await run([`${user}\n${quiet}\nnot json\n{"hello":1}\n\r\n${JSON.stringify(record('iam', 'CreateUser', [1]))}\n${user}`]);
  expect(code).toBe(0);
  expect(lines.map(({ status }) => status)).toEqual(['alert', 'ignored', 'rejected', 'rejected', 'rejected', 'alert']);
  expect(lines[0]).toMatchObject({ status: 'alert', event: 'create-user', risk: 'high', verdict: 'critical' });
  expect(lines[1]).toMatchObject({ event: null, verdict: 'false-positive' });
  expect(lines[4]!.reasons[0]).toMatchObject({ text: 'requestParameters must be an object', source: 'cloudtrail' });
  for (const line of lines) {
    expect(Object.keys(line).sort()).toEqual(['event', 'reasons', 'risk', 'status', 'verdict']);
    expect(line.reasons.length).toBeGreaterThan(0);
  }
});

test('lines cut anywhere, also inside a character', async () => {
  const bytes = Buffer.from(`${JSON.stringify(record('iam', 'CreateUser', { userName: 'Zoë😀' }))}\n${quiet}\n`);
  const { lines } = await run(Array.from(bytes, (byte) => Buffer.from([byte])));
  expect(lines.map(({ status }) => status)).toEqual(['alert', 'ignored']);
});

test('nothing in, nothing out', async () => expect(await run([''])).toEqual({ code: 0, lines: [] }));

test('a log file on one line is one answer: the gravest, with what was not understood', () => {
  const line = triageLine(JSON.stringify({ Records: [JSON.parse(quiet), { eventName: 3 }, record('cloudtrail', 'StopLogging', { name: 'm' }), JSON.parse(user)] }), NOW);
  expect(line).toMatchObject({ status: 'alert', event: 'logging-disabled', risk: 'critical', verdict: 'critical' });
  expect(line.reasons.map(({ text }) => text)).toContain('Records[1].eventName must be text');
});

test('fragments typed by hand are judged', () => {
  expect(triageLine('{"eventSource":"ssm.amazonaws.com","eventName":"SendCommand","requestParameters":{"documentName":"AWS-RunShellScript"}}', NOW).status).toBe('alert');
  expect(triageLine(JSON.stringify({ eventName: 'ConsoleLogin', userIdentity: rootIdentity(), responseElements: { ConsoleLogin: 'Success' } }), NOW)).toMatchObject({ event: 'root-login', verdict: 'critical' });
});

test('other clouds and shapes are rejected, with why', () => {
  for (const shape of [{ protoPayload: { methodName: 'x' } }, [], 7, null, 'text', { Records: 7 }]) expect(triageLine(JSON.stringify(shape), NOW)).toMatchObject({ status: 'rejected', event: null, verdict: null });
  expect(triageLine(gzipSync(user).toString('latin1'), NOW).status).toBe('rejected');
});

test('a line without end is answered, and memory holds no more than the limit of it', async () => {
  const chunk = 'x'.repeat(1024 * 1024);
  function* endless() {
    for (let i = 0; i < 40; i++) yield chunk;
    yield `\n${user}\n`;
  }
  const { code, lines } = await run(endless());
  expect(code).toBe(0);
  expect(lines.map(({ status }) => status)).toEqual(['rejected', 'alert']);
  expect(lines[0]!.reasons[0]!.text).toContain('longer than');
});

test('a slow reader is waited for; one that leaves ends it with 1', async () => {
  const slow = new PassThrough({ highWaterMark: 16 });
  const done = runTriage(Readable.from([`${user}\n`.repeat(20)], { objectMode: false }), slow, () => NOW);
  let text = '';
  for await (const part of slow.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    text += part.toString();
    if (text.split('\n').length > 20) break;
  }
  expect(await done).toBe(0);
  const leaving = new Writable({ write: (_chunk, _encoding, failed) => failed(Object.assign(new Error('gone'), { code: 'EPIPE' })) });
  expect(await runTriage(Readable.from([`${user}\n`.repeat(2_000)], { objectMode: false }), leaving, () => NOW)).toBe(1);
});
