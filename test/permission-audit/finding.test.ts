import { accessAnalyzer } from '../../intake/access-analyzer';
import { defender } from '../../intake/defender';
import { processBody, type Pipeline } from '../../intake/pipeline';
import { JSON_LIMITS } from '../../intake/json';
import { ocsf } from '../../intake/ocsf';
import { securityHub } from '../../intake/securityhub';
import type { Source } from '../../intake/source';
import type { Subject } from '../../playbook/permission-audit/model';
import { example, OBJECT, TENANT } from '../intake/examples';

const role = 'arn:aws:iam::111122223333:role/service/forgotten';
const event = (detail: object = {}) => ({
  version: '0', id: '1', 'detail-type': 'Unused Access Finding for IAM entities', source: 'aws.access-analyzer', account: '111122223333', time: '2026-06-01T00:00:00Z', region: 'us-east-1', resources: [],
  detail: { version: '1.0', id: '2f1c6a3e-0000-4000-8000-000000000001', status: 'ACTIVE', resourceType: 'AWS::IAM::Role', resource: role, accountId: '111122223333', createdAt: '2026-05-31T00:00:00Z', analyzedAt: '2026-06-01T00:00:00Z', updatedAt: '2026-06-01T00:00:00Z', findingType: 'UnusedIAMRole', ...detail },
});

async function take(payload: unknown, fails = false, source: Source = accessAnalyzer, clouds?: Pipeline['clouds']) {
  const reviewed: Subject[] = [];
  const delivered: string[] = [];
  const pipeline: Pipeline = {
    clouds, keep: async () => ({ key: 'raw/1', sha256: '0'.repeat(64), bytes: 1 }), deliver: async (incident) => void delivered.push(incident), notice: async () => undefined,
    review: async (subject) => { if (fails) throw new Error('Temporal is away'); reviewed.push(subject); return 'rev-1'; },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined }, now: () => '2026-06-01T00:00:00Z', tenant: TENANT, json: JSON_LIMITS, deliverMs: 1_000,
  };
  const handling = await processBody(pipeline, source, { id: 'eventbridge', key: 'k', sources: ['*'], keyInPath: false }, Buffer.from(JSON.stringify(payload)));
  return { reviewed, delivered, result: handling.kind === 'handled' ? handling.results[0]! : null };
}

test('a finding of unused access starts the review of its role, and no incident', async () => {
  const { reviewed, delivered, result } = await take(event());
  expect(result).toMatchObject({ status: 'accepted', incident: 'rev-1' });
  expect(reviewed).toEqual([{ provider: 'aws', account: '111122223333', kind: 'role', id: role, name: 'forgotten' }]);
  expect(delivered).toEqual([]);
});

test.each<[string, object]>([
  ['archived', { status: 'ARCHIVED' }], ['resolved', { status: 'RESOLVED' }], ['of another account', { resource: 'arn:aws:iam::999988887777:role/x' }], ['a path that climbs', { resource: 'arn:aws:iam::111122223333:role/x/../y z' }],
  ['no identity', { resource: 'arn:aws:s3:::bucket' }], ['root', { resource: 'arn:aws:iam::111122223333:root' }],
])('%s: nothing is reviewed', async (_what, detail) => expect((await take(event(detail))).reviewed).toEqual([]));

test('a review that cannot be started is told to the sender, who comes again', async () => expect((await take(event(), true)).result).toMatchObject({ status: 'failed' }));

const account = '210987654321';
const mallory: Subject = { provider: 'aws', account, kind: 'user', id: `arn:aws:iam::${account}:user/mallory`, name: 'mallory' };
const key: Subject = { provider: 'aws', account, kind: 'access-key', id: 'AKIAQ3EGRYKZ7EXAMPLE', name: 'AKIAQ3EGRYKZ7EXAMPLE of mallory', of: 'mallory' };
type Deep = { [name: string]: unknown } & { detail: { findings: Record<string, unknown>[] } };

describe('who else tells of what nobody uses', () => {
  test.each<[string, Source, Subject]>([
    ['access-analyzer-unused-access-key', accessAnalyzer, key], ['securityhub-unused-credentials', securityHub, mallory], ['securityhub-unused-access-key', securityHub, key], ['securityhub-ocsf-unused-credentials', securityHub, mallory],
    ['defender-cloud-inactive-identity', defender, { provider: 'azure', account: TENANT, kind: 'user', id: OBJECT, name: OBJECT }],
  ])('%s starts the review of what it names, and no incident', async (file, source, subject) => {
    const { reviewed, delivered, result } = await take(example(file), false, source);
    expect([reviewed, delivered, result?.status]).toEqual([[subject], [], 'accepted']);
  });

  test('one OCSF finding by itself does too', async () => {
    const [finding] = (example('securityhub-ocsf-unused-credentials') as Deep).detail.findings;
    expect((await take(finding, false, ocsf)).reviewed).toEqual([mallory]);
  });

  test('a key’s finding that names no key starts the review of its user; as GetFindingV2 answers, of the key', async () => {
    const finding = example('access-analyzer-unused-access-key') as { detail: Record<string, unknown> };
    delete finding.detail.accessKeyId;
    expect((await take(finding)).reviewed).toEqual([mallory]);
    finding.detail.findingDetails = [{ unusedIamUserAccessKeyDetails: { accessKeyId: key.id, lastAccessed: '2025-01-01T00:00:00Z' } }];
    expect((await take(finding)).reviewed).toEqual([key]);
  });

  const changed = (file: string, change: object): unknown => {
    const payload = example(file) as Deep;
    payload.detail.findings = payload.detail.findings.map((one) => ({ ...one, ...change }));
    return payload;
  };
  test.each<[string, string, object]>([
    ['a control that passed', 'securityhub-unused-credentials', { Compliance: { Status: 'PASSED', SecurityControlId: 'IAM.8' } }],
    ['another control', 'securityhub-unused-credentials', { GeneratorId: 'security-control/IAM.6', Compliance: { Status: 'FAILED', SecurityControlId: 'IAM.6' } }],
    ['archived', 'securityhub-unused-access-key', { RecordState: 'ARCHIVED' }],
    ['a suppressed control', 'securityhub-unused-credentials', { Workflow: { Status: 'SUPPRESSED' } }],
    ['an OCSF control that passed', 'securityhub-ocsf-unused-credentials', { compliance: { control: 'IAM.22', status: 'PASS', status_id: 1 } }],
    ['a resolved OCSF finding', 'securityhub-ocsf-unused-credentials', { status_id: 4 }],
    ['a product that only writes “unused” into its types', 'securityhub-unused-access-key', { ProductName: 'Other', ProductArn: 'arn:aws:securityhub:::product/other/other', GeneratorId: 'other' }],
  ])('%s: nothing is reviewed, and it is no incident', async (_what, file, change) => {
    const { reviewed, delivered } = await take(changed(file, change), false, securityHub);
    expect([reviewed, delivered]).toEqual([[], []]);
  });

  test.each<[string, string, object, string]>([
    ['a kind of unused access that is not known', 'securityhub-unused-access-key', { Types: ['Software and Configuration Checks/AWS Security Best Practices/Unused Toaster'] }, 'detail.findings[0].Types'],
    ['no user', 'securityhub-unused-credentials', { Resources: [{ Type: 'AwsAccount', Id: `AWS::::Account:${account}` }] }, 'detail.findings[0].Resources[0].Id'],
    ['no resource at all', 'securityhub-unused-credentials', { Resources: [] }, 'detail.findings[0].Types'],
    ['OCSF without a user', 'securityhub-ocsf-unused-credentials', { resources: [{ uid: 'x' }] }, 'detail.findings[0].resources[0].uid'],
  ])('%s: kept, and refused with the field', async (_what, file, change, path) => {
    const { reviewed, result } = await take(changed(file, change), false, securityHub);
    expect([reviewed, result]).toEqual([[], { status: 'rejected', path, problem: expect.any(String) }]);
  });

  const assessment = (change: object, additionalData: object = {}) => {
    const record = example('defender-cloud-inactive-identity') as { properties: { additionalData: object } };
    return { ...record, ...change, properties: { ...record.properties, ...(change as { properties?: object }).properties, additionalData: { ...record.properties.additionalData, ...additionalData } } };
  };
  test('Defender: an application too; what is healthy, and every other recommendation, opens nothing', async () => {
    expect((await take(assessment({}, { ResourceType: 'ServicePrincipal' }), false, defender)).reviewed).toMatchObject([{ kind: 'service-principal', id: OBJECT }]);
    for (const one of [assessment({ properties: { status: { code: 'Healthy', statusChangeDate: '2026-03-01T07:00:00Z' } } }), assessment({ name: '21300918-b2e3-0346-785f-c77ff57d243b' })]) {
      const { reviewed, delivered, result } = await take(one, false, defender);
      expect([reviewed, delivered, result?.status]).toEqual([[], [], 'ignored']);
    }
  });
  test.each<[string, object, string]>([
    ['a managed identity or a group', { ResourceType: 'Group' }, 'properties.additionalData.ResourceType'], ['no kind', { ResourceType: '' }, 'properties.additionalData.ResourceType'],
    ['a name that is no object id', { ResourceName: '../x' }, 'properties.additionalData.ResourceName'], ['nobody', { ResourceName: '' }, 'properties.additionalData.ResourceName'],
  ])('Defender: %s: kept, and refused with the field', async (_what, data, path) => {
    expect((await take(assessment({}, data), false, defender)).result).toMatchObject({ status: 'rejected', path: expect.stringContaining(path) });
  });
  test('of a cloud that nobody has configured: no review that no worker would take', async () => {
    expect((await take(example('defender-cloud-inactive-identity'), false, defender, ['aws'])).reviewed).toEqual([]);
  });
});
