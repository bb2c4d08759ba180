import fc from 'fast-check';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadRules } from '../../cli/sigma';
import { readRule, ruleFires } from '../../playbook/sigma/rule';

const rule = (detection: Record<string, unknown>, more: Record<string, unknown> = {}) => ({ id: 'i', title: 'T', level: 'high', logsource: { product: 'aws' }, detection, ...more });
const fires = (detection: Record<string, unknown>, event: unknown, lists = {}) => ruleFires(readRule(rule(detection), lists), event);
const one = (field: Record<string, unknown>, event: unknown) => fires({ s: field, condition: 's' }, event);

test.each<[Record<string, unknown>, unknown, boolean]>([
  [{ a: 'X' }, { a: 'x' }, true],
  [{ 'a|cased': 'X' }, { a: 'x' }, false],
  [{ a: ['x', 'y'] }, { a: 'y' }, true],
  [{ a: 'x*z' }, { a: 'xyz' }, true],
  [{ a: 'x?z' }, { a: 'xz' }, false],
  [{ a: String.raw`x\*` }, { a: 'x*' }, true],
  [{ a: String.raw`x\*` }, { a: 'xy' }, false],
  [{ 'a|contains|all': ['x', 'y'] }, { a: 'y-x' }, true],
  [{ 'a|contains|all': ['x', 'y'] }, { a: 'x' }, false],
  [{ 'a|startswith': 'x' }, { a: 'yx' }, false],
  [{ 'a|endswith': 'x' }, { a: 'yx' }, true],
  [{ 'a.b.c': 1 }, { a: [{ b: { c: 2 } }, { b: { c: 1 } }] }, true],
  [{ 'a.b': 1 }, { 'a.b': 1 }, true],
  [{ a: null }, { b: 1 }, true],
  [{ 'a|exists': false }, { a: null }, false],
  [{ 'a|cidr': '10.0.0.0/8' }, { a: '10.1.2.3' }, true],
  [{ 'a|cidr': '10.0.0.0/8' }, { a: '11.1.2.3' }, false],
  [{ a: 'x', b: 'y' }, { a: 'x' }, false],
  [{ __proto__x: 'x' }, {}, false],
])('%j on %j: %s', (field, event, expected) => expect(one(field, event)).toBe(expected));

test.each<[string, string[], boolean]>([
  ['a and not b', ['a'], true], ['a and not b', ['a', 'b'], false], ['a or b and c', ['a'], true], ['(a or b) and c', ['a'], false], ['1 of a*', ['ab'], true], ['2 of them', ['a'], false], ['all of them', ['a', 'ab', 'b', 'c'], true], ['not (a or b)', [], true], ['a AND NOT b', ['a'], true],
])('condition %s with %j: %s', (condition, met, expected) => {
  const selections = Object.fromEntries(['a', 'ab', 'b', 'c'].map((name) => [name, { [name]: 'yes' }]));
  expect(fires({ ...selections, condition }, Object.fromEntries(met.map((name) => [name, 'yes'])))).toBe(expected);
});

test.each<[string, unknown]>([
  ['modifier re is not supported', rule({ s: { 'a|re': 'x' }, condition: 's' })],
  ['modifier base64offset is not supported', rule({ s: { 'a|base64offset': 'x' }, condition: 's' })],
  ['there is no selection t', rule({ s: { a: 'x' }, condition: 't' })],
  ['aggregations are not supported', rule({ s: { a: 'x' }, condition: 's | count() > 5' })],
  ['a bracket is not closed', rule({ s: { a: 'x' }, condition: '(s' })],
  ['it ends too early', rule({ s: { a: 'x' }, condition: 's and' })],
  ['only fields with values', rule({ s: ['x'], condition: 's' })],
  ['correlations are not supported', rule({ s: { a: 'x' }, timeframe: '5m', condition: 's' })],
  ['there is no list %who%', rule({ s: { 'a|expand': '%who%' }, condition: 's' })],
  ['is no address block', rule({ s: { 'a|cidr': 'x' }, condition: 's' })],
  ['level must be one of', rule({ s: { a: 'x' }, condition: 's' }, { level: 'bad' })],
  ['logsource needs a product', rule({ s: { a: 'x' }, condition: 's' }, { logsource: {} })],
  ['condition is missing', rule({ s: { a: 'x' } })],
  ['a rule must be an object', []],
])('refused: %s', (message, value) => expect(() => readRule(value)).toThrow(message));

test('a folder with one rule that is not understood is refused whole, and named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tourniquet-sigma-'));
  expect(() => loadRules(folder)).toThrow('no Sigma rule');
  writeFileSync(join(folder, 'bad.yml'), 'id: a\ntitle: b\nlevel: low\nlogsource: {product: aws}\ndetection: {s: {"a|re": x}, condition: s}\n');
  expect(() => loadRules(folder)).toThrow('bad.yml: a: modifier re is not supported');
  expect(() => loadRules(join(folder, 'none'))).toThrow('cannot be read');
});

test('any JSON gets an answer, in time that does not grow out of hand', () => {
  const rules = loadRules();
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => {
    for (const one of rules) expect(typeof ruleFires(one, JSON.parse(text))).toBe('boolean');
  }));
  const started = Date.now();
  expect(one({ a: `${'*a'.repeat(50)}*b` }, { a: 'a'.repeat(100_000) })).toBe(false);
  expect(Date.now() - started).toBeLessThan(5_000);
});
