import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { ConfigError} from '../../workers/config/load';
import { parseConfig } from '../../workers/config/load';
import { chosen, sourcesWith } from '../../workers/intake/mappings';
import { entraIdentityOf, tenantOf } from '../../workers/intake/people';
import { OBJECT, TENANT } from './examples';

type Members = Record<string, unknown>;
const base = parse(readFileSync(join(__dirname, '../../tourniquet.example.yaml'), 'utf8')) as Members & { intake: Members; people: Members[] };
const config = (intake: Members, more: Members = {}) => parseConfig(stringify({ ...base, ...more, intake: { ...base.intake, ...intake } }));
const problems = (intake: Members): string => {
  try {
    config(intake);
    return '';
  } catch (error) {
    return (error as ConfigError).problems.join('\n');
  }
};
const hub = { id: 'logs', name: 'insights', namespace: 'x.servicebus.windows.net', checkpoints: { containerUrl: 'https://a.blob.core.windows.net/c' } };
const reader = { tenant: TENANT, clientId: OBJECT, credential: { kind: 'managed-identity' } };
const queue = { id: 'q', url: 'https://sqs.eu-west-1.amazonaws.com/1/q', region: 'eu-west-1' };

test.each<[string, Members, RegExp]>([
  ['two queues of one name', { queues: [queue, queue] }, /intake\.queues\.1\.id: two are called q/], ['log files from no bucket', { queues: [{ ...queue, kind: 's3-files' }] }, /intake\.queues\.0\.buckets/], ['a hub that nobody may read', { hubs: [hub] }, /intake\.hubs\.0: needs/],
  ['a hub without a namespace', { hubs: [{ ...hub, namespace: undefined }], azureReader: reader }, /intake\.hubs\.0: needs/], ['a topic that is none', { sns: [{ topic: 'arn:aws:sqs:eu-west-1:1:x' }] }, /intake\.sns\.0\.topic/], ['a member that is not known', { ques: [] }, /intake/],
])('%s', (_name, intake, problem) => expect(problems(intake)).toMatch(problem));
test('all of it', () => {
  const { intake } = config({ hubs: [hub, { ...hub, id: 'keyed', namespace: undefined, connectionString: { env: 'HUB' }, checkpoints: { containerUrl: 'https://a.blob.core.windows.net/c', connectionString: { env: 'BLOB' } } }], azureReader: reader, queues: [queue], sns: [{ topic: 'arn:aws:sns:us-east-1:210987654321:billing', sources: ['budget'] }], graph: { subscriptions: [{ id: 'alerts', clientState: { env: 'STATE' } }] } });
  expect(intake.queues[0]).toMatchObject({ kind: 'alerts', visibilitySeconds: 60, deadLettersUrl: null });
  expect(intake.hubs[0]!.consumerGroup).toBe('$Default');
});

test('a name of the domain is the person’s Entra identity, when their entry says so', () => {
  const people = [{ ...base.people[0]!, identities: ['CORP\\ada', 'S-1-5-21-1-2-3-1105', OBJECT.toUpperCase(), 'ada@contoso.example'] }, ...base.people.slice(1)];
  const known = entraIdentityOf(config({ tenant: TENANT }, { people }))!;
  for (const name of ['corp\\ADA', 's-1-5-21-1-2-3-1105', 'ada@contoso.example']) expect(known(name)).toEqual({ provider: 'azure', account: TENANT, kind: 'user', id: OBJECT, name: 'ada@contoso.example' });
  expect(known('CORP\\eve')).toBeNull();
  expect(entraIdentityOf(config({ tenant: TENANT }))!('ada')).toBeNull();
  expect(tenantOf(config({}))).toBeUndefined();
  expect(entraIdentityOf(config({}))).toBeUndefined();
});

describe('the mapping file', () => {
  let folder: string;
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'mappings-')); });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (text: string): string => {
    const path = join(folder, 'mappings.yaml');
    writeFileSync(path, text);
    return path;
  };
  test('adds sources, and replaces one of ours', () => {
    const sources = sourcesWith(file('edr: {fields: {time: at, title: name}}\nsplunk: {each: results, fields: {time: at, title: name, account: acct}}\n'));
    expect(sources.map(({ id }) => id).filter((id) => id === 'splunk')).toEqual(['splunk']);
    expect(sources.find(({ id }) => id === 'splunk')!.parse({ results: [{ at: '2026-03-02T09:00:00Z', name: 'x', acct: '210987654321' }] })).toMatchObject([{ alert: { source: 'splunk', event: 'x' } }]);
    expect(chosen(sources, ['edr'], 'intake.queues.q.sources')).toHaveLength(1);
    expect(() => chosen(sources, ['nagios'], 'intake.queues.q.sources')).toThrow(/intake\.queues\.q\.sources: there is no source nagios/);
  });
  test.each<[string, string, RegExp]>([['code in a path', 'edr: {fields: {time: "at", title: "constructor[constructor]"}}', /edr\.fields\.title/], ['a field that is not known', 'edr: {fields: {time: a, title: b, script: c}}', /edr\.fields/], ['no time', 'edr: {fields: {title: b}}', /edr\.fields\.time/], ['no YAML', 'edr: [', /cannot be read/], ['an id that is none', 'E DR: {fields: {time: a, title: b}}', /E DR|id/]])('is refused: %s', (_name, text, problem) => {
    expect(() => sourcesWith(file(text))).toThrow(problem);
  });
  test('that is not there', () => expect(() => sourcesWith(join(folder, 'none.yaml'))).toThrow(/cannot be read/));
});
