import fc from 'fast-check';
import type { IAMClient } from '@aws-sdk/client-iam';
import { lastUsed } from '../../activities/aws/recover/last-used';
import { isBroad, narrow, policyLimit } from '../../activities/aws/recover/narrow';
import { codeOf } from '../../activities/boundary';

const now = new Date('2026-11-24T12:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const answering = (...pages: object[]) => ({ send: async () => pages.shift() ?? {} }) as unknown as IAMClient;

test('reads every page, leaves out what is older than 90 days, and says whole where use is not tracked by action', async () => {
  const iam = answering(
    { JobId: 'j' }, { JobStatus: 'IN_PROGRESS' },
    { JobStatus: 'COMPLETED', IsTruncated: true, Marker: 'm', ServicesLastAccessed: [
      { ServiceNamespace: 's3', LastAuthenticated: daysAgo(1), TrackedActionsLastAccessed: [{ ActionName: 'ListAllMyBuckets', LastAccessedTime: daysAgo(3) }] },
      { ServiceNamespace: 'ec2', LastAuthenticated: daysAgo(2), TrackedActionsLastAccessed: [{ ActionName: 'RunInstances', LastAccessedTime: daysAgo(2) }, { ActionName: 'StopInstances', LastAccessedTime: daysAgo(200) }, { ActionName: 'CopyImage' }] },
    ] },
    { JobStatus: 'COMPLETED', ServicesLastAccessed: [{ ServiceNamespace: 'sqs', LastAuthenticated: daysAgo(91) }, { ServiceNamespace: 'dynamodb', LastAuthenticated: daysAgo(5) }, { ServiceNamespace: 'iam' }] },
  );
  const used = await lastUsed(iam, 'arn:aws:iam::1:user/x', now);
  expect(used.map(({ service, actions }) => [service, actions?.map((one) => one.name) ?? null])).toEqual([['dynamodb', null], ['ec2', ['RunInstances']], ['s3', null]]);
});

test('a report that IAM cannot make is NOT_SUPPORTED', async () => {
  const failed = lastUsed(answering({ JobId: 'j' }, { JobStatus: 'FAILED', Error: { Code: 'x', Message: 'y' } }), 'arn', now);
  await expect(failed.catch((error: unknown) => Promise.reject(codeOf(error)))).rejects.toBe('NOT_SUPPORTED');
});

test.each([
  ['*', '*', true], ['*:*', '*', true], ['iam:*', '*', true], ['s3:*', '*', false], ['*', 'arn:aws:s3:::x', false], [['s3:GetObject', '*'], ['*'], true],
])('action %j on %j is broad: %s', (Action, Resource, broad) => {
  expect(isBroad({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] })).toBe(broad);
  expect(isBroad({ Version: '2012-10-17', Statement: { Effect: 'Deny', Action, Resource } })).toBe(false);
});

test('everything but a few actions is broad too', () => {
  expect(isBroad({ Statement: [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }] })).toBe(true);
  expect(isBroad(null)).toBe(false);
});

const at = (time: string): string => `2026-11-24T${time}:00.000Z`;

test('power used since the compromise is withheld; the rest is granted', () => {
  const used = [
    { service: 'iam', actions: [{ name: 'CreateUser', at: at('11:00') }, { name: 'GetRole', at: at('08:00') }], at: at('11:00') },
    { service: 'kms', actions: null, at: at('11:30') },
    { service: 's3', actions: null, at: at('11:30') },
  ];
  const { document, withheld, whole } = narrow(used, at('10:00'));
  expect(document).toMatchObject({ Statement: [{ Action: ['iam:GetRole', 's3:*'] }] });
  expect(withheld).toHaveLength(2);
  expect(whole).toEqual(['s3']);
  expect(narrow([], null).document).toBeNull();
});

test('never grants what was not used, and always fits into one policy', () => {
  const name = fc.stringMatching(/^[A-Z][a-zA-Z]{2,40}$/);
  const service = fc.record({ service: fc.stringMatching(/^[a-z]{2,12}$/), actions: fc.option(fc.array(fc.record({ name, at: fc.constant('2026-11-01T00:00:00.000Z') }), { maxLength: 200 })), at: fc.constant('2026-11-01T00:00:00.000Z') });
  fc.assert(
    fc.property(fc.uniqueArray(service, { selector: (one) => one.service, maxLength: 30 }), (used) => {
      const { document } = narrow(used, null);
      if (document === null) return used.every((one) => one.actions?.length === 0);
      expect(JSON.stringify(document).length).toBeLessThanOrEqual(policyLimit);
      for (const granted of (document.Statement as { Action: string[] }[])[0]!.Action) {
        const [prefix, action] = granted.split(':');
        const from = used.find((one) => one.service === prefix)!;
        expect(action === '*' || from.actions!.some((one) => one.name === action)).toBe(true);
      }
      return true;
    }),
    { numRuns: 60 },
  );
});

test('a service with data events is granted whole: that s3:GetObject was used, no report says', () => {
  const { document, whole } = narrow([{ service: 's3', actions: [{ name: 'ListBucket', at: at('08:00') }], at: at('08:00') }, { service: 'ec2', actions: [{ name: 'DescribeInstances', at: at('08:00') }], at: at('08:00') }], at('10:00'));
  expect(document).toMatchObject({ Statement: [{ Action: ['s3:*', 'ec2:DescribeInstances'] }] });
  expect(whole).toEqual(['s3']);
});
