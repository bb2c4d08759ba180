import fc from 'fast-check';
import type { JsonObject } from '../../playbook/json';
import { allowsMore, loses } from '../../playbook/permission-audit/compare';
import { knownUse, narrower, type Used } from '../../playbook/permission-audit/narrow';
import { covers } from '../../playbook/permission-audit/pattern';
import { loadSimulator, type Simulate } from '../../sandbox/aws/gateway/auth/decide';

const policy = (...Statement: JsonObject[]): JsonObject => ({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[], more: JsonObject = {}): JsonObject => ({ Effect: 'Allow', Action, Resource: '*', ...more });
const ROOMY = 6_144;

test.each([
  ['*', 's3:GetObject', true], ['s3:*', 's3:Get*', true], ['s3:Get*', 's3:*', false], ['s3:G?t', 's3:G*', false], ['s3:Get?', 's3:Get*', false], ['*:*', '*', true], ['ec2:*Tags', 'ec2:*reateTags', true], ['S3:GET*', 's3:getobject', true], ['iam:*', 'sts:AssumeRole', false],
])('%s covers %s: %s', (wide, narrow, expected) => expect(covers(wide, narrow)).toBe(expected));

test('what was used stays, with its resources and conditions; the rest goes; a Deny stays', () => {
  const deny = { Effect: 'Deny', Action: 'iam:*', Resource: '*' };
  const when = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, Resource: 'arn:aws:ec2:*:*:instance/*' };
  const before = policy(allow(['ec2:*', 'rds:*'], { Sid: 'A', ...when }), allow('cloudformation:*'), deny);
  const used: Used[] = [{ service: 'ec2', actions: ['DescribeInstances', 'StartInstances'] }];
  expect(narrower(before, used, ROOMY)).toEqual(policy({ Sid: 'A', Effect: 'Allow', Action: ['ec2:DescribeInstances', 'ec2:StartInstances'], ...when }, deny));
});

test('use that is not known by action leaves the service as it was granted, and data services are never known by action', () => {
  expect(narrower(policy(allow('*')), [{ service: 's3', actions: ['ListBuckets'] }, { service: 'rds', actions: null }], ROOMY)).toEqual(policy(allow(['iam:PassRole', 'rds:*', 's3:*'])));
  expect(narrower(policy(allow(['s3:Get*', 'rds:Describe*'])), [{ service: 's3', actions: [] }], ROOMY)).toEqual(policy(allow(['s3:Get*'])));
});

test('PassRole, which no report tracks, is kept where it was granted', () => {
  expect(narrower(policy(allow(['ec2:*', 'iam:PassRole', 'iam:CreateUser'])), [{ service: 'ec2', actions: ['RunInstances'] }], ROOMY)).toEqual(policy(allow(['ec2:RunInstances', 'iam:PassRole'])));
});

test('nothing used: nothing is left', () => expect(narrower(policy(allow('ec2:*')), [{ service: 's3', actions: null }], ROOMY)).toBeNull());

test('an Allow of all but a list becomes a list, or stays where a list cannot say it', () => {
  const but = { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' };
  expect(narrower(policy(but), [{ service: 'ec2', actions: ['RunInstances'] }, { service: 'iam', actions: ['ListUsers'] }], ROOMY)).toEqual(policy(allow(['ec2:RunInstances'])));
  expect(narrower(policy({ ...but, NotAction: 's3:Delete*' }), [{ service: 's3', actions: null }], ROOMY)).toEqual(policy({ ...but, NotAction: 's3:Delete*' }));
});

test('too long for a policy: services get back what they had, the longest first', () => {
  const many = Array.from({ length: 300 }, (_, at) => `DescribeSomethingLong${at}`);
  const made = narrower(policy(allow(['ec2:*', 'rds:*'])), [{ service: 'ec2', actions: many }, { service: 'rds', actions: ['DescribeDBInstances'] }], ROOMY)!;
  expect(made).toEqual(policy(allow(['ec2:*', 'rds:DescribeDBInstances'])));
});

test('the check sees a wider policy, and a lost use', () => {
  const before = policy(allow('ec2:Describe*', { Resource: 'arn:aws:ec2:::x' }), { Effect: 'Deny', Action: 'ec2:DescribeTags', Resource: '*' });
  const deny = (before.Statement as JsonObject[])[1]!;
  expect(allowsMore(before, policy(allow('ec2:Describe*'), deny))).toHaveLength(1);
  expect(allowsMore(before, policy(allow('ec2:*', { Resource: 'arn:aws:ec2:::x' }), deny))).toHaveLength(1);
  expect(allowsMore(before, policy(allow('ec2:DescribeHosts', { Resource: 'arn:aws:ec2:::x' })))).toEqual(['a Deny is gone']);
  expect(allowsMore(before, policy(allow('ec2:DescribeHosts', { Resource: 'arn:aws:ec2:::x' }), deny))).toEqual([]);
  const used: Used[] = [{ service: 'ec2', actions: ['DescribeHosts'] }];
  expect(loses(before, policy(allow('ec2:DescribeTags', { Resource: 'arn:aws:ec2:::x' }), deny), used)).toEqual(['ec2:DescribeHosts was used, and would be lost']);
  expect(loses(policy(allow('*')), policy(allow('ec2:DescribeHosts')), used)).toEqual(['iam:PassRole was used, and would be lost']);
});

const actions = ['ec2:DescribeInstances', 'ec2:RunInstances', 'ec2:DescribeTags', 'rds:DescribeDBInstances', 'rds:DeleteDBInstance', 's3:GetObject', 's3:DeleteObject', 'iam:ListUsers', 'iam:CreateUser', 'iam:PassRole', 'cloudformation:CreateStack'];
const pattern = fc.oneof(fc.constantFrom('*', 'ec2:*', 'ec2:Describe*', 'rds:*', 's3:Get*', 's3:*', 'iam:*', 'iam:L*', 'cloudformation:*', 'EC2:describe*'), fc.constantFrom(...actions));
const condition = fc.constantFrom<JsonObject | null>(null, { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } });
const statement = fc.record({ effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'), not: fc.boolean(), patterns: fc.array(pattern, { minLength: 1, maxLength: 3 }), condition }).map(({ effect, not, patterns, condition: when }): JsonObject => ({
  Effect: effect, [not && effect === 'Allow' ? 'NotAction' : 'Action']: patterns, Resource: '*', ...(when && { Condition: when }),
}));
const odd = fc.constantFrom('*:*', 'e?2:*', '*:Describe*', 'iam:?*').map((one): JsonObject => allow(one));
const document = fc.array(statement, { minLength: 1, maxLength: 3 }).map((statements) => policy(...statements));
const use = fc.uniqueArray(fc.constantFrom(...actions.filter((one) => one !== 'iam:PassRole')), { maxLength: 6 }).chain((list) => fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }).map((wholes): Used[] => {
  const services = [...new Set(list.map((one) => one.split(':')[0]!))];
  return services.map((service, at) => ({ service, actions: wholes[at] ? null : list.filter((one) => one.startsWith(`${service}:`)).map((one) => one.split(':')[1]!) }));
}));

test('whatever the policy and the use: the narrower one passes its own check', () => {
  fc.assert(fc.property(fc.oneof(document, fc.tuple(document, odd).map(([one, more]) => policy(...(one.Statement as JsonObject[]), more))), use, fc.constantFrom(300, ROOMY), (before, used, limit) => {
    const after = narrower(before, used, limit);
    expect(allowsMore(before, after)).toEqual([]);
    expect(loses(before, after, used)).toEqual([]);
  }), { numRuns: 3_000 });
});

describe('asked of a policy evaluator that knows nothing of ours', () => {
  let simulate: Simulate;
  beforeAll(async () => { simulate = await loadSimulator(); }, 60_000);
  const allowed = async (of: JsonObject | null, action: string, region: string): Promise<boolean> => {
    if (of === null) return false;
    const run = await simulate({
      request: { action, principal: 'arn:aws:iam::111122223333:role/app', resource: { resource: '*', accountId: '111122223333' }, contextVariables: { 'aws:RequestedRegion': region } },
      identityPolicies: [{ name: 'p', policy: of }], serviceControlPolicies: [], resourceControlPolicies: [],
    } as never, {});
    return run.resultType !== 'error' && run.overallResult === 'Allowed';
  };
  // Actions that take no resource, so that every question can be asked on *.
  const askable = ['ec2:DescribeInstances', 'ec2:DescribeTags', 'iam:ListUsers', 'ec2:DescribeRegions', 'ec2:DescribeHosts'];

  test('it allows nothing more, and everything that was used', async () => {
    await fc.assert(fc.asyncProperty(document, use, async (before, used) => {
      const after = narrower(before, used, ROOMY);
      for (const action of askable) for (const region of ['eu-west-1', 'us-east-1']) {
        const [was, is] = [await allowed(before, action, region), await allowed(after, action, region)];
        if (is && !was) throw new Error(`${action} in ${region} is new in ${JSON.stringify(after)}`);
        const [service, name] = action.split(':');
        const needed = knownUse(used).some((one) => one.service === service && (one.actions === null || one.actions.includes(name!)));
        if (needed && was && !is) throw new Error(`${action} in ${region} is lost in ${JSON.stringify(after)}`);
      }
    }), { numRuns: 150 });
  }, 120_000);
});
