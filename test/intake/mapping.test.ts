import { mappedSource, mappingSchema, valueAt } from '../../intake/mapping';
import { genericJsonSchema } from '../../intake/generic';
import Ajv2020 from 'ajv/dist/2020';
import { example, OPTIONS } from './examples';
import { generic } from '../../intake/generic';

describe('a path', () => {
  const record = { a: { b: [{ c: 1 }, { c: 2 }], 'd.e': 'flat' }, 'f.g.h': 'flatter', nothing: null, list: ['x'] };
  test.each<[string, unknown]>([['a.b[1].c', 2], ['a.b[*].c', [1, 2]], ['a.d.e', 'flat'], ['f.g.h', 'flatter'], ['a.b[9].c', undefined], ['nothing', null], ['nothing.more', undefined], ['list[0]', 'x'], ['list.length', undefined]])('%s', (path, value) => expect(valueAt(record, path)).toEqual(value));
  test.each(['constructor', '__proto__', 'a.constructor.name', 'toString', 'a.b.__proto__', 'list[0].length', 'a.hasOwnProperty'])('never reaches what a record does not own: %s', (path) => expect(valueAt(record, path)).toBeUndefined());
  test.each(['', 'a..b', 'a[', 'a[-1]', 'a[b]', 'a.b[*', Array.from({ length: 40 }, () => 'a').join('.'), 'a[9999]'])('is refused in the file: %s', (path) => expect(mappingSchema.safeParse({ fields: { time: path, title: 'a' } }).success).toBe(false));
});

describe('a mapping', () => {
  const source = mappedSource('edr', {
    each: 'detections',
    fields: { id: 'uid', time: ['seen', 'created'], title: 'rule.name', severity: 'score', provider: { value: 'aws' }, account: 'cloud.account', principal: 'who.arn', techniques: 'attack[*]', addresses: 'ips', raw: 'event' },
    severities: { p1: 'critical' },
  });
  const detection = { uid: 'd-1', created: 1772442930, rule: { name: 'Keys copied' }, score: 'P1', cloud: { account: '210987654321' }, who: { arn: 'arn:aws:iam::210987654321:user/ops/mallory' }, attack: ['attack.t1552', 'T1552.001'], ips: ['203.0.113.77', 'x', 7] };
  test('makes an alert of the sender’s own words', () => {
    expect(source.parse({ detections: [detection] })).toMatchObject([{ alert: { source: 'edr', time: '2026-03-02T09:15:30.000Z', event: 'Keys copied', principal: { id: 'arn:aws:iam::210987654321:user/mallory' }, addresses: ['203.0.113.77'], facts: { severity: 9.5, techniques: ['T1552.001'] } } }]);
  });
  test.each<[string, object, string]>([
    ['no time', { created: undefined }, 'detections[0].seen'], ['no title', { rule: {} }, 'detections[0].rule.name'], ['an account that is none', { cloud: { account: '12' }, who: {} }, 'detections[0].cloud.account'], ['an account that is an object', { cloud: { account: {} }, who: {} }, 'detections[0].cloud.account'],
    ['a time that is none', { created: 'yesterday' }, 'detections[0].seen'], ['a principal that is an object', { who: { arn: {} } }, 'detections[0].who.arn'],
  ])('names the sender’s own field: %s', (_name, more, path) => expect(source.parse({ detections: [{ ...detection, ...more }] })).toEqual([{ rejected: { path, problem: expect.any(String) } }]));
  test('without an id the record is its own; a severity that nobody knows is medium', () => {
    const ids = [{ ...detection, uid: undefined }, { ...detection, uid: undefined }, { ...detection, uid: undefined, score: 'weird' }].map((one) => source.parse([one])[0]!).map((one) => ('alert' in one ? [one.alert.id, one.alert.facts['severity']] : one));
    expect(ids[0]).toEqual(ids[1]);
    expect(ids[2]).not.toEqual(ids[0]);
    expect((ids[2] as unknown[])[1]).toBe(5);
  });
});

describe('the generic form', () => {
  const form = example('generic') as Record<string, unknown>;
  const validate = new Ajv2020({ strict: false }).compile(genericJsonSchema());
  test.each<[string, Record<string, unknown>, string]>([
    ['no id', { id: undefined }, 'id'], ['a severity that is none', { severity: 'urgent' }, 'severity'], ['too severe', { severity: 11 }, 'severity'], ['a principal without id', { principal: { name: 'x' } }, 'principal.id'], ['a technique that is none', { techniques: ['x'] }, 'techniques.0'], ['too long', { title: 'x'.repeat(513) }, 'title'],
    ['a member that is not in it', { sevirity: 'high' }, '(record)'],
  ])('is refused by the adapter and by its schema: %s', (_name, more, path) => {
    expect(generic.parse({ ...form, ...more })).toEqual([{ rejected: { path, problem: expect.any(String) } }]);
    expect(validate(JSON.parse(JSON.stringify({ ...form, ...more })))).toBe(false);
  });
  test('the example holds', () => expect(validate(form)).toBe(true));
  test.each<[string, Record<string, unknown>, object]>([
    ['a bare name in an account', { principal: { id: 'mallory' } }, { id: 'arn:aws:iam::210987654321:user/mallory' }], ['a role session', { principal: { id: 'arn:aws:sts::210987654321:assumed-role/deployer/ci' }, account: undefined, provider: undefined }, { kind: 'role', id: 'arn:aws:iam::210987654321:role/deployer' }],
    ['root', { principal: { id: 'root' } }, { kind: 'root' }], ['a person of the domain', { principal: { id: 'CORP\\mallory' }, provider: undefined, account: undefined }, { provider: 'azure', name: 'mallory@contoso.example' }], ['a UPN', { principal: { id: 'eve@contoso.example' }, provider: 'azure', account: undefined }, { provider: 'azure', id: 'eve@contoso.example' }],
  ])('names the principal as every source does: %s', (_name, more, principal) => expect(generic.parse({ ...form, ...more }, OPTIONS)).toMatchObject([{ alert: { principal } }]));
  test.each<[string, Record<string, unknown>]>([['a name with a path in it', { principal: { id: '../../role/admin' } }], ['a bare name in a tenant', { principal: { id: 'mallory' }, provider: 'azure', account: 'contoso' }]])('nobody, and loud: %s', (_name, more) => expect(generic.parse({ ...form, ...more })).toMatchObject([{ alert: { principal: null } }]));
});
