import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { cloudtrail } from '../../intake/cloudtrail';
import { watchedAwsCalls } from '../../playbook/risk-table';
import { classify } from '../../playbook/triage/classify';
import { SOURCES } from '../../intake/sources';

const path = join(__dirname, '../../deploy/aws/alerts-to-tourniquet.yaml');
const tag = (name: string) => [`!${name}`].flatMap((one) => [{ tag: one, resolve: (value: string) => ({ [name]: value }) }, { tag: one, collection: 'seq' as const, resolve: (seq: { toJSON(): unknown }) => ({ [name]: seq.toJSON() }) }]);
const document = parseDocument(readFileSync(path, 'utf8'), { customTags: ['Ref', 'Sub', 'GetAtt', 'Not', 'Equals', 'If'].flatMap(tag) as never[], strict: true });

interface Rule { State: string; EventPattern: { detail?: { eventSource?: string[]; readOnly?: unknown[]; $or?: { eventName?: string[] }[] } & Record<string, unknown>; 'detail-type': string[] }; Targets: { Arn: { GetAtt: string }; DeadLetterConfig: unknown; RetryPolicy: { MaximumRetryAttempts: number } }[] }
const template = document.toJSON() as { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> };
const rules = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::Events::Rule').map(([name, { Properties }]) => [name, Properties as unknown as Rule] as const);
const destinations = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::Events::ApiDestination');

test('the template is YAML without aliases, which CloudFormation does not take', () => {
  expect(document.errors).toEqual([]);
  expect(readFileSync(path, 'utf8')).not.toMatch(/: [&*][a-z]+$/m);
});

test('every service of the table is in a rule', () => {
  const sent = new Set(rules.flatMap(([, rule]) => rule.EventPattern.detail?.eventSource ?? []).map((source) => source.replace('.amazonaws.com', '')));
  const watched = new Set(watchedAwsCalls().map((call) => call.split(':')[0]!));
  expect([...watched].filter((service) => !sent.has(service))).toEqual([]);
  expect([...sent].filter((service) => !watched.has(service))).toEqual([]);
});

test('reads that the table watches are asked for by name', () => {
  const named = rules.flatMap(([, rule]) => rule.EventPattern.detail?.$or ?? []).flatMap((one) => one.eventName ?? []);
  for (const call of ['sts:AssumeRoot', 'sts:AssumeRole', 'sts:GetFederationToken', 'signin:GetSigninToken', 'secretsmanager:BatchGetSecretValue']) {
    expect(watchedAwsCalls()).toContain(call);
    expect(named).toContain(call.split(':')[1]);
  }
});

test.each(rules)('%s: within EventBridge’s limits, retried, and kept when it cannot be delivered', (_name, rule) => {
  expect(JSON.stringify(rule.EventPattern).length).toBeLessThanOrEqual(2048);
  for (const target of rule.Targets) {
    expect(target.DeadLetterConfig).toBeDefined();
    expect(target.RetryPolicy.MaximumRetryAttempts).toBe(185);
    expect(destinations.map(([id]) => `${id}.Arn`)).toContain(target.Arn.GetAtt);
  }
});

test('destinations are sources that exist, and the key is no parameter', () => {
  const paths = destinations.map(([, { Properties }]) => (Properties['InvocationEndpoint'] as { Sub: string }).Sub.split('/alerts/')[1]);
  for (const id of paths) expect(SOURCES.map((source) => source.id)).toContain(id);
  expect(JSON.stringify(template.Resources['Connection'])).toContain('resolve:secretsmanager');
});

test('the example in the documentation is understood as the documentation says', () => {
  const text = readFileSync(join(__dirname, '../../docs/sources.md'), 'utf8');
  const [, example] = /```json\n([\s\S]*?)```/.exec(text)!;
  const [parsed] = cloudtrail.parse(JSON.parse(example!));
  if (!parsed || !('alert' in parsed)) throw new Error(JSON.stringify(parsed));
  expect(parsed.alert.principal).toMatchObject({ kind: 'role', id: 'arn:aws:iam::210987654321:role/deployer' });
  expect(classify(parsed.alert)).toMatchObject({ status: 'alert', event: 'logging-disabled', risk: 'critical' });
  for (const { id } of SOURCES) expect(text).toContain(`| \`${id}\` |`);
});

describe.each(['findings-to-tourniquet', 'queues-for-tourniquet'])('%s.yaml', (name) => {
  const source = readFileSync(join(__dirname, `../../deploy/aws/${name}.yaml`), 'utf8');
  const parsed = parseDocument(source, { customTags: ['Ref', 'Sub', 'GetAtt', 'Not', 'Equals', 'If'].flatMap(tag) as never[], strict: true });
  const { Resources, Parameters } = parsed.toJSON() as { Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>; Parameters: object };
  test('is YAML whose references are there', () => {
    expect(parsed.errors).toEqual([]);
    const known = [...Object.keys(Resources), ...Object.keys(Parameters)];
    const named = [...JSON.stringify(parsed.toJSON()).matchAll(/"(?:Ref|GetAtt)":"([\w:]+)/g)].map(([, one]) => one!).filter((one) => !one.startsWith('AWS::'));
    expect(named.filter((one) => !known.includes(one))).toEqual([]);
  });
  test('every destination is a source, every queue has a policy, and no pattern is too long', () => {
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type === 'AWS::Events::ApiDestination') expect(SOURCES.map(({ id }) => id)).toContain((Properties['InvocationEndpoint'] as { Sub: string }).Sub.split('/alerts/')[1]);
      if (Type === 'AWS::Events::Rule') expect(JSON.stringify(Properties['EventPattern']).length).toBeLessThanOrEqual(2048);
    }
    const policies = JSON.stringify(Object.values(Resources).filter(({ Type }) => Type === 'AWS::SQS::QueuePolicy'));
    for (const [id, { Type }] of Object.entries(Resources)) if (Type === 'AWS::SQS::Queue' && !id.endsWith('Dead')) expect(policies).toContain(`"Ref":"${id}"`);
  });
});
