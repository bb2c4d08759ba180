import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { decodeBody, JSON_LIMITS, parseJson } from '../../intake/json';

const problemOf = (text: string, limits = JSON_LIMITS): string | null => {
  const decoded = parseJson(text, limits);
  return 'problem' in decoded ? decoded.problem : null;
};

test.each([
  ['two members of one name', '{"a":1,"a":2}', 'two members'],
  ['the same name by an escape', '{"a":1,"\\u0061":2}', 'two members'],
  ['two members of one name, deep inside', '{"x":[{"y":{"a":1,"b":2,"a":3}}]}', 'two members'],
  ['two __proto__', '{"__proto__":1,"__proto__":2}', 'two members'],
  ['no JSON', '{"a":', 'not JSON'],
  ['an open string', '{"a":"b', 'not JSON'],
  ['a comment', '{"a":1} // x', 'not JSON'],
  ['nothing', '', 'not JSON'],
  ['too deep', `${'['.repeat(65)}${']'.repeat(65)}`, 'deeper than 64'],
  ['too deep, never closed', '{"a":'.repeat(100_000), 'deeper than 64'],
])('refused: %s', (_name, text, problem) => expect(problemOf(text)).toContain(problem));

test('limits of size and members', () => {
  expect(problemOf('[1,2,3,4]', { ...JSON_LIMITS, nodes: 2 })).toContain('more than 2');
  expect(problemOf('[1,2,3,4]', { ...JSON_LIMITS, bytes: 5 })).toContain('larger than 5');
});

test.each([
  ['a colon and a comma inside text', '{"a":"b:c,{\\"d\\":[1,2]}"}'],
  ['a backslash before the closing quote', '{"a":"\\\\","b":"\\\\\\""}'],
  ['members called constructor and toString', '{"constructor":{"prototype":1},"toString":2,"hasOwnProperty":3}'],
  ['the same name in two objects', '[{"a":1},{"a":2}]'],
  ['an empty name', '{"":1}'],
])('taken as it is: %s', (_name, text) => {
  const decoded = parseJson(text);
  expect('value' in decoded && decoded.value).toEqual(JSON.parse(text));
});

test.each(['{"tags":{"__proto__":{"admin":true},"a":1}}', '{"tags":{"\\u005f\\u005fproto__":{"admin":true},"a":1}}', '{"tags":{"__pr\\u006fto__":{"admin":true},"a":1}}'])('a member __proto__ is left out, not taken over: %s', (text) => {
  const decoded = parseJson(text);
  if (!('value' in decoded)) throw new Error('refused');
  const tags = (decoded.value as { tags: Record<string, unknown> }).tags;
  expect(Object.keys(tags)).toEqual(['a']);
  expect((Object.assign({}, tags) as { admin?: unknown }).admin).toBeUndefined();
  expect(({} as { admin?: unknown }).admin).toBeUndefined();
});

test('lone surrogates become U+FFFD, pairs stay', () => {
  const decoded = parseJson('{"a":"x\\ud800y","\\udc00":"\\ud83d\\ude00"}');
  expect('value' in decoded && decoded.value).toEqual({ a: 'x\uFFFDy', '\uFFFD': '😀' });
});

test('what comes out is what JSON.parse says, for any value', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
    const text = JSON.stringify(value, null, indent);
    const decoded = parseJson(text);
    if ('problem' in decoded) throw new Error(decoded.problem);
    if (!text.includes('__proto__') && !/\\ud/i.test(text)) expect(decoded.value).toEqual(JSON.parse(text));
  }), { numRuns: 500 });
});

test('any text gets an answer', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', '1', ' ', 'u', 'd', '8') , maxLength: 60 }), (text) => {
    const decoded = parseJson(text);
    let valid = true;
    try {
      JSON.parse(text);
    } catch {
      valid = false;
    }
    // Nothing that JSON.parse refuses is taken; what it takes is refused for duplicates only.
    if (!valid) expect('problem' in decoded).toBe(true);
    else if ('problem' in decoded) expect(decoded.problem).toContain('two members');
  }), { numRuns: 2_000 });
});

describe('bodies', () => {
  test('gzip is inflated', async () => expect(await decodeBody(gzipSync('{"a":1}'))).toEqual({ value: { a: 1 } }));
  test('a gzip bomb is stopped at the limit, not after it', async () => {
    const bomb = gzipSync(Buffer.alloc(60 * 1024 * 1024, 0x20));
    const before = process.memoryUsage().arrayBuffers;
    expect(await decodeBody(bomb, { ...JSON_LIMITS, bytes: 1024 * 1024 })).toEqual({ problem: expect.stringContaining('inflates to more'), tooLarge: true });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });
  test('broken gzip', async () => expect(await decodeBody(gzipSync('{"a":1}').subarray(0, 12))).toMatchObject({ problem: 'is not readable gzip' }));
  test('not UTF-8', async () => expect(await decodeBody(Uint8Array.from([0x22, 0xff, 0xfe, 0x22]))).toMatchObject({ problem: 'is not UTF-8' }));
  test('too large', async () => expect(await decodeBody(Buffer.from('[1,2,3]'), { ...JSON_LIMITS, bytes: 3 })).toMatchObject({ tooLarge: true }));
});
