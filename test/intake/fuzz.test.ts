import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { decodeBody, parseJson } from '../../intake/json';
import { cloudtrail } from '../../intake/cloudtrail';
import { guardduty } from '../../intake/guardduty';
import { SOURCES } from '../../intake/sources';
import type { Source } from '../../intake/source';
import { classify } from '../../playbook/triage/classify';
import { decide } from '../../playbook/triage/decide';
import { NOW, noDocuments, record, roleIdentity } from '../triage/events';

/** 100,000 inputs: `FUZZ_RUNS=100000 npx jest test/intake/fuzz`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 600);
/** What may still be held after a collection: nothing that was read stays. */
const MAX_HELD = 48 * 1024 * 1024;

function heldAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

const fixture = (name: string): unknown => JSON.parse(readFileSync(join(__dirname, '../fixtures/events', name), 'utf8'));
const seeds: Record<string, unknown[]> = {
  cloudtrail: [fixture('cloudtrail-eventbridge.json'), record('s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: { Statement: [{ Effect: 'Allow', Principal: '*' }] } }, { userIdentity: roleIdentity() }), { Records: [record('ec2', 'AuthorizeSecurityGroupIngress', { ipPermissions: { items: [{ ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }] } }), record('iam', 'CreateRole', { assumeRolePolicyDocument: '{"Statement":[]}' })] }],
  guardduty: [fixture('guardduty-eventbridge.json')],
};

type Path = (string | number)[];
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, Array.isArray(value) ? Number(key) : key]))];
}
/** A copy with the member at `path` replaced, or removed when `by` is undefined. */
function changed(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? changed(item, rest, by) : item));
  const entries = Object.entries(value as object).flatMap(([name, member]) => (name !== key ? [[name, member]] : rest.length === 0 && by === undefined ? [] : [[name, changed(member, rest, by)]]));
  return Object.fromEntries(entries as [string, unknown][]);
}

const nasty = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 0, -1, 1e308, true, [], {}, '\u0000', '\ud800', '__proto__', '0.0.0.0/0', 'arn:aws:iam::::', ':'.repeat(500), '*', '%7B', 'x'.repeat(10_000), [[[[[[[[[[[[[[1]]]]]]]]]]]]]], { items: null }, { items: [null, 1, 'x', []] }),
  fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: 'binary', maxLength: 40 }), fc.dictionary(fc.constantFrom('constructor', 'toString', 'items', 'Statement', 'value', 'type', 'arn', 'userName'), fc.jsonValue({ maxDepth: 1 })),
);

function check(source: Source, payload: unknown): void {
  for (const one of source.parse(payload)) {
    if ('rejected' in one) {
      expect(one.rejected.path.length > 0 && one.rejected.problem.length > 0).toBe(true);
      continue;
    }
    const { alert } = one;
    expect(alert.id).toMatch(/^alr-[0-9a-f]{24}$/);
    expect(new Date(alert.time).toISOString()).toBe(alert.time);
    expect(JSON.stringify(alert).length).toBeLessThan(300_000);
    const classification = classify(alert);
    const verdict = decide({ alerts: [alert], classifications: [classification], documents: noDocuments(), lookedUp: null, now: NOW });
    if (classification.status === 'alert') expect(verdict.kind).not.toBe('false-positive');
    for (const reason of verdict.reasons) expect(reason.text.length).toBeLessThan(600);
  }
}

const paths: Record<string, Path[][]> = Object.fromEntries(Object.entries(seeds).map(([id, list]) => [id, list.map((seed) => pathsOf(seed))]));

test.each([cloudtrail, guardduty])('$id: a record changed anywhere gets an answer, and memory stays bounded', (source) => {
  const before = heldAfterCollection();
  const list = seeds[source.id]!;
  fc.assert(
    fc.property(fc.nat(list.length - 1), fc.array(fc.tuple(fc.nat(), nasty), { minLength: 1, maxLength: 4 }), (which, changes) => {
      let payload = list[which];
      for (const [at, by] of changes) {
        const all = payload === list[which] ? paths[source.id]![which]! : pathsOf(payload);
        payload = changed(payload, all[at % all.length]!, by);
      }
      check(source, payload);
    }),
    { numRuns: RUNS },
  );
  expect(heldAfterCollection() - before).toBeLessThan(MAX_HELD);
}, 600_000);

test('text changed anywhere gets an answer', () => {
  const texts = Object.values(seeds).flat().map((seed) => JSON.stringify(seed));
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.nat(), fc.nat(12), fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '\\u0000', '\\ud800', '9', 'e'), maxLength: 8 }), (text, at, cut, put) => {
      const start = at % text.length;
      const decoded = parseJson(text.slice(0, start) + put + text.slice(start + cut));
      if ('value' in decoded) for (const source of SOURCES) if (source.recognises(decoded.value)) check(source, decoded.value);
    }),
    { numRuns: RUNS },
  );
}, 600_000);

test('any bytes get an answer', async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, gzip) => {
    const decoded = await decodeBody(gzip ? Uint8Array.from([0x1f, 0x8b, 8, ...bytes]) : bytes);
    expect('value' in decoded || decoded.problem.length > 0).toBe(true);
  }), { numRuns: Math.min(RUNS, 5_000) });
}, 600_000);

test('every source answers any JSON', () => {
  fc.assert(fc.property(fc.constantFrom(...SOURCES), fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom('records', 'value', 'Records', 'Findings', 'detail', 'detail-type', 'properties', 'operationName', 'tenantId', 'time'), fc.jsonValue())), (source, payload) => {
    source.recognises(payload);
    check(source, payload);
  }), { numRuns: RUNS });
}, 600_000);
