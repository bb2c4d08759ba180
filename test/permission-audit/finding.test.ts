import { accessAnalyzer } from '../../intake/access-analyzer';
import { processBody, type Pipeline } from '../../intake/pipeline';
import { JSON_LIMITS } from '../../intake/json';
import type { Subject } from '../../playbook/permission-audit/model';

const role = 'arn:aws:iam::111122223333:role/service/forgotten';
const event = (detail: object = {}) => ({
  version: '0', id: '1', 'detail-type': 'Unused Access Finding for IAM entities', source: 'aws.access-analyzer', account: '111122223333', time: '2026-06-01T00:00:00Z', region: 'us-east-1', resources: [],
  detail: { version: '1.0', id: '2f1c6a3e-0000-4000-8000-000000000001', status: 'ACTIVE', resourceType: 'AWS::IAM::Role', resource: role, accountId: '111122223333', createdAt: '2026-05-31T00:00:00Z', analyzedAt: '2026-06-01T00:00:00Z', updatedAt: '2026-06-01T00:00:00Z', findingType: 'UnusedIAMRole', ...detail },
});

async function take(payload: object, fails = false) {
  const reviewed: Subject[] = [];
  const delivered: string[] = [];
  const pipeline: Pipeline = {
    keep: async () => ({ key: 'raw/1', sha256: '0'.repeat(64), bytes: 1 }), deliver: async (incident) => void delivered.push(incident), notice: async () => undefined,
    review: async (subject) => { if (fails) throw new Error('Temporal is away'); reviewed.push(subject); return 'rev-1'; },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined }, now: () => '2026-06-01T00:00:00Z', json: JSON_LIMITS, deliverMs: 1_000,
  };
  const handling = await processBody(pipeline, accessAnalyzer, { id: 'eventbridge', key: 'k', sources: ['*'], keyInPath: false }, Buffer.from(JSON.stringify(payload)));
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
