import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { example, EXAMPLES } from './examples';

type Path = (string | number)[];

/** Every place in a value. */
export function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, Array.isArray(value) ? Number(key) : key]))];
}

/** A copy with the member at `path` replaced, or removed when `by` is undefined. */
export function changed(value: unknown, path: Path, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? changed(item, rest, by) : item));
  const entries = Object.entries(value as object).flatMap(([name, member]) => (name !== key ? [[name, member]] : rest.length === 0 && by === undefined ? [] : [[name, changed(member, rest, by)]]));
  return Object.fromEntries(entries as [string, unknown][]);
}

/** Texts that a careless expression, path or limit would choke on. */
const CHOKING = [
  '\u0000', '\ud800', '__proto__', 'constructor', '0.0.0.0/0', '*', '%7B', '%E0%A4%A', '\u202egnp.exe', 'NaN', '1e999', '-', '0', '../../../etc/passwd', '${jndi:ldap://x}', '<script>alert(1)</script>', "' OR 1=1 --", 'x'.repeat(100_000), 'a'.repeat(30_000) + '!',
  ':'.repeat(20_000), '.'.repeat(20_000), '/'.repeat(20_000), '['.repeat(20_000), ' '.repeat(20_000) + 'x', '\n'.repeat(20_000), '0'.repeat(20_000) + 'Z', '1'.repeat(400), `arn:aws:iam::${'1'.repeat(5_000)}:user/${'/'.repeat(5_000)}`, 'arn:aws:iam::210987654321:user/' + 'a/'.repeat(5_000),
  '{"Key":"userAgent","Value":"'.repeat(2_000), 'Budget Name: '.repeat(3_000), 'AWS Budget Notification' + '\nBudget Name: '.repeat(5_000), 'T1098.'.repeat(4_000), 'S-1-5-21-' + '1-'.repeat(5_000), 'CORP\\'.repeat(4_000), '<![CDATA['.repeat(2_000), `${'a@'.repeat(5_000)}b`, '2026-03-02T' + '0'.repeat(10_000),
  '{"a":'.repeat(60) + '1' + '}'.repeat(60), '{"Records":['.repeat(500), '9'.repeat(309),
];
const nasty = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(undefined, null, '', 0, -1, 1e308, 99, true, false, [], {}, [[[[[[[[[[[[[[1]]]]]]]]]]]]]], { items: null }, { items: [null, 1, 'x', []] }, { '@Name': {}, '#text': [] }, [null], [{}], [[]]) },
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...CHOKING) }, { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('constructor', 'toString', 'hasOwnProperty', 'items', 'value', 'type', 'arn', 'detail', 'length', 'records'), fc.jsonValue({ maxDepth: 1 })) },
);

const SEEDS = EXAMPLES.map(([file, source]) => ({ source, payload: example(file) }));

/** What is done to the text of a real-shaped event, after its members were changed. */
const spoil: fc.Arbitrary<(text: string) => string | Uint8Array> = fc.oneof(
  { weight: 10, arbitrary: fc.constant((text: string) => text) },
  { weight: 3, arbitrary: fc.tuple(fc.nat(), fc.nat(12), fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '\\u0000', '\\ud800', '9', 'e', '-'), maxLength: 8 })).map(([at, cut, put]) => (text: string) => { const start = at % (text.length + 1); return text.slice(0, start) + put + text.slice(start + cut); }) },
  // A second member of one name, `__proto__` by whatever escapes, at any object.
  { weight: 2, arbitrary: fc.tuple(fc.nat(), fc.constantFrom('"id":"a","id":"b",', '"__proto__":{"isAdmin":true},', '"\\u005f_proto__":{"severity":10},', '"constructor":{"prototype":{"x":1}},', '"detail":{},"detail":{},', '"\\ud800":1,', '"a\\ud800":"\\udc00",')).map(([at, put]) => (text: string) => { const opens = [...text.matchAll(/\{(?=")/g)].map(({ index }) => index + 1); const where = opens[at % Math.max(opens.length, 1)] ?? 0; return text.slice(0, where) + put + text.slice(where); }) },
  { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 50, max: 200_000 }), fc.constantFrom('[', '{"a":', '[{"a":[')).map(([deep, open]) => (text: string) => text.replace(/:"[^"]*"/, () => `:${open.repeat(deep)}`)) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 })).map(([at, bytes]) => (text: string) => { const whole = Buffer.from(text); return Buffer.concat([whole.subarray(0, at % whole.length), bytes, whole.subarray(at % whole.length)]); }) },
  { weight: 1, arbitrary: fc.nat().map((cut) => (text: string) => { const packed = gzipSync(text); return cut % 3 === 0 ? packed.subarray(0, cut % packed.length) : packed; }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => () => Uint8Array.from([0x1f, 0x8b, 8, ...bytes])) },
);

export interface Hostile {
  /** Whom it claims to be from. */
  source: string;
  body: Uint8Array;
}

/** One payload with up to four members changed, then spoiled. */
export const spoiled = (payload: unknown): fc.Arbitrary<Uint8Array> => fc.tuple(fc.array(fc.tuple(fc.nat(), nasty), { maxLength: 4 }), spoil).map(([changes, spoiling]) => {
  const value = changes.reduce<unknown>((before, [at, by]) => {
    const all = pathsOf(before);
    return changed(before, all[at % all.length]!, by);
  }, payload);
  const body = spoiling(JSON.stringify(value) ?? '');
  return typeof body === 'string' ? Buffer.from(body) : body;
});

/** A real-shaped event of any source, changed and spoiled so; to its own source or, at times, to another. */
export const hostile: fc.Arbitrary<Hostile> = fc.nat(SEEDS.length - 1).chain((which) => fc.tuple(spoiled(SEEDS[which]!.payload), fc.option(fc.nat(SEEDS.length - 1), { freq: 6 })).map(([body, other]) => ({ source: SEEDS[other ?? which]!.source, body })));

/** A megabyte that becomes a gigabyte. */
export const bomb = (megabytes: number): Uint8Array => gzipSync(Buffer.alloc(megabytes * 1024 * 1024, 32), { level: 9 });
