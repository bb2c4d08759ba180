import { CreateUserCommand } from '@aws-sdk/client-identitystore';
import { CreateAccountAssignmentCommand, GetInlinePolicyForPermissionSetCommand, ListAccountAssignmentsCommand } from '@aws-sdk/client-sso-admin';
import { CreateRoleCommand, DeleteRoleCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import type { ApprovalProof } from '../../activities/actions';
import { awsJitPermissions } from '../../activities/aws';
import { createAwsAccess } from '../../activities/aws/clients';
import { defaultNames, type AwsConfig } from '../../activities/aws/config';
import type { AwsContext } from '../../activities/aws/context';
import { classifyAws } from '../../activities/aws/errors';
import { awsGrantExecutors } from '../../activities/aws/jit';
import type { JitProviderActivities } from '../../activities/contract-jit';
import { createGrantActivities } from '../../activities/jit/executor';
import { digestOf } from '../../playbook/digest';
import type { Entitlement, GrantOrder } from '../../playbook/jit/model';
import { startAws, type Aws } from '../../sandbox/aws';
import { clientsFor, type Clients } from '../../sandbox/aws/clients';
import type { Keys } from '../../sandbox/aws/control';
import { buildWorld, type AwsWorld } from '../../sandbox/aws/world';

let aws: Aws;
let world: AwsWorld;
let top: Clients;
let kurt: { userId: string; userName: string };
let kept: string[];
let denied: 'approved' | 'denied' = 'approved';
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

beforeAll(async () => {
  aws = await startAws();
  // The responder has what the executors declare and nothing else: an undeclared call is refused by the policy evaluator.
  world = await buildWorld(aws, { responderPolicy: awsJitPermissions() });
  top = clientsFor(aws.endpoint, aws.rootKeys(world.management.account));
}, 120_000);
afterAll(async () => {
  top?.close();
  await aws?.stop();
});
let people = 0;
beforeEach(async () => {
  kept = [];
  denied = 'approved';
  // A person of the test's own: what one test ended denies nobody in the next.
  const userName = `kurt.${(people += 1)}`;
  const { UserId } = await top.identityStore.send(new CreateUserCommand({ IdentityStoreId: world.identityCenter.identityStoreId, UserName: userName, DisplayName: 'Kurt', Name: { GivenName: 'Kurt', FamilyName: 'Ops' } }));
  kurt = { userId: UserId!, userName };
});

const production = (): string => world.production.account;
const assignment = (): Entitlement => ({ kind: 'aws-identity-center', account: production(), permissionSetArn: world.identityCenter.permissionSetArn });
const role = (over: object = {}): Entitlement => ({ kind: 'aws-role', account: production(), policyArns: [readOnly], requireMfa: false, ...over });
const order = (over: Partial<GrantOrder> = {}): GrantOrder => ({ grant: `gr-${'0'.repeat(20)}`, person: 'kurt', identities: [kurt.userName, world.dana.arn], role: 'admin', entitlement: assignment(), forMs: 90 * 60_000, reason: 'deploy', ...over });
const inAnHour = (): string => new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000).toISOString();
/** Far enough for giving and a look on a slow machine. */
const soon = (): string => new Date(Date.now() + 12_000).toISOString();
const passed = (until: string): Promise<void> => new Promise((resolve) => setTimeout(resolve, Date.parse(until) - Date.now() + 1_100));
const now = (): string => new Date().toISOString();

function activities(of: GrantOrder, config: Partial<AwsConfig> = {}): JitProviderActivities {
  const base: AwsConfig = {
    accounts: [world.management, world.production].map((one) => ({
      id: one.account, name: one.name, roleArn: world.responder.roleArns[one.account]!, externalId: world.responder.externalId, regions: world.regions, management: one === world.management,
    })),
    endpoint: aws.endpoint, globalRegion: 'us-east-1', protected: [], names: defaultNames, billing: { monthlyBudgetUsd: 1, email: 'a@example.com' }, trailBucket: null, ...config,
  };
  const evidence: AwsContext['evidence'] = {
    keep: async (_case, kind) => (kept.push(kind), { key: `raw/${kept.length}`, sha256: '0'.repeat(64), bytes: 1 }),
    read: () => Promise.reject(new Error('not read here')), record: async () => undefined,
  };
  const approvals: ApprovalProof = { outcomeOf: async (approval) => (approval === 'apr-1' ? { outcome: denied, digest: digestOf(of) } : null) } as ApprovalProof;
  const access = createAwsAccess(base, world.responder.base);
  const made = createGrantActivities('aws', awsGrantExecutors, {
    approvals, evidence, classify: classifyAws, now: () => new Date(), withContext: ({ incident, caseKey }, use) => use({ access, incident, caseKey, evidence, vault: null, now: () => new Date() }),
  }) as unknown as Record<string, never>;
  return { look: made['aws.jit.look']!, give: made['aws.jit.give']!, end: made['aws.jit.end']! };
}

const caseKey = 'jit-00000000000000000001';
async function alive(keys: Keys): Promise<boolean> {
  const clients = clientsFor(aws.endpoint, keys);
  try {
    await clients.ec2.send(new DescribeInstancesCommand({}));
    return true;
  } catch (error) {
    expect((error as Error).name).toMatch(/UnauthorizedOperation|AccessDenied|ExpiredToken|InvalidClientTokenId|AuthFailure/);
    return false;
  } finally {
    clients.close();
  }
}
const signIn = (who = kurt): Promise<Keys> => aws.signIn({ instance: world.identityCenter.instanceArn, userId: who.userId, userName: who.userName, account: production(), permissionSet: world.identityCenter.permissionSetArn });
const assigned = async (): Promise<string[]> => (await top.ssoAdmin.send(new ListAccountAssignmentsCommand({ InstanceArn: world.identityCenter.instanceArn, PermissionSetArn: world.identityCenter.permissionSetArn, AccountId: production() }))).AccountAssignments!.map((one) => one.PrincipalId!);
const inline = async (): Promise<string> => (await top.ssoAdmin.send(new GetInlinePolicyForPermissionSetCommand({ InstanceArn: world.identityCenter.instanceArn, PermissionSetArn: world.identityCenter.permissionSetArn }))).InlinePolicy ?? '';

test('Identity Center: given, used, ended; the session is dead and a colleague’s, in the same role, is not', async () => {
  const colleague = await signIn({ userId: world.identityCenter.userId, userName: world.identityCenter.userName });
  const { look, give, end } = activities(order());
  const before = await look({ caseKey, order: order() });
  expect(before).toEqual({ present: false, principal: kurt.userId });
  const until = inAnHour();
  expect(await give({ caseKey, order: order(), approval: 'apr-1', before, until })).toMatchObject({ present: true, seen: { endsByItself: until } });
  const session = await signIn();
  expect(await alive(session)).toBe(true);
  expect(kept).toEqual(['grant']);

  expect(await end({ caseKey, order: order(), before, since: now() })).toMatchObject({ present: false, sessionsDead: true });
  expect(await alive(session)).toBe(false);
  expect(await alive(colleague)).toBe(true);
  expect(await assigned()).toEqual([world.identityCenter.userId]);
  await expect(signIn()).rejects.toThrow(/no such assignment/);
  // Again, as after a lost answer: nothing more changes.
  expect(await end({ caseKey, order: order(), before, since: now() })).toMatchObject({ present: false, sessionsDead: true });
});

test('Identity Center: with nobody left to end it, it opens nothing after its end', async () => {
  const { look, give, end } = activities(order());
  const before = await look({ caseKey, order: order() });
  const until = soon();
  await give({ caseKey, order: order(), approval: 'apr-1', before, until });
  const session = await signIn();
  expect(await alive(session)).toBe(true);
  await passed(until);
  expect(await assigned()).toContain(kurt.userId);
  expect(await alive(session)).toBe(false);
  expect(await alive(await signIn())).toBe(false);
  await end({ caseKey, order: order(), before, since: now() });
});

test('Identity Center: the end is in the permission set before the assignment is made', async () => {
  const { look, give, end } = activities(order());
  const before = await look({ caseKey, order: order() });
  const until = inAnHour();
  await give({ caseKey, order: order(), approval: 'apr-1', before, until });
  const names = aws.records(world.management.account).map(({ record }) => record.eventName);
  expect(names.lastIndexOf('PutInlinePolicyToPermissionSet')).toBeLessThan(names.lastIndexOf('CreateAccountAssignment'));
  expect(await inline()).toContain(until);
  const longer = new Date(Date.parse(until) + 600_000).toISOString();
  await give({ caseKey, order: order(), approval: 'apr-1', before, until: longer });
  expect(await inline()).not.toContain(until);
  expect(await inline()).toContain(longer);
  await end({ caseKey, order: order(), before, since: now() });
  expect(await inline()).not.toContain(longer);
});

test('Identity Center: what stood before is not boxed, not taken away', async () => {
  await top.ssoAdmin.send(new CreateAccountAssignmentCommand({ InstanceArn: world.identityCenter.instanceArn, PermissionSetArn: world.identityCenter.permissionSetArn, PrincipalId: kurt.userId, PrincipalType: 'USER', TargetId: production(), TargetType: 'AWS_ACCOUNT' }));
  const { look, give, end } = activities(order());
  const before = await look({ caseKey, order: order() });
  expect(before.present).toBe(true);
  const was = await inline();
  await give({ caseKey, order: order(), approval: 'apr-1', before, until: inAnHour() });
  await end({ caseKey, order: order(), before, since: now() });
  expect(await inline()).toBe(was);
  expect(await assigned()).toContain(kurt.userId);
});

test('a role for accounts without Identity Center: entered, then gone with its sessions', async () => {
  const wanted = order({ entitlement: role() });
  const { look, give, end } = activities(wanted);
  const before = await look({ caseKey, order: wanted });
  const until = inAnHour();
  const { seen } = await give({ caseKey, order: wanted, approval: 'apr-1', before, until });
  const dana = clientsFor(aws.endpoint, world.dana.keys);
  const enter = async (clients: Clients): Promise<Keys> => {
    const { Credentials } = await clients.sts.send(new AssumeRoleCommand({ RoleArn: String(seen.role), RoleSessionName: 'dana' }));
    return { accessKeyId: Credentials!.AccessKeyId!, secretAccessKey: Credentials!.SecretAccessKey!, sessionToken: Credentials!.SessionToken! };
  };
  const session = await enter(dana);
  expect(await alive(session)).toBe(true);
  const stranger = clientsFor(aws.endpoint, world.deployer.keys);
  await expect(enter(stranger)).rejects.toThrow(/not authorized/);
  expect(await end({ caseKey, order: wanted, before, since: now() })).toMatchObject({ present: false, sessionsDead: true });
  expect(await alive(session)).toBe(false);
  await expect(enter(dana)).rejects.toThrow();
  expect((await end({ caseKey, order: wanted, before, since: now() })).present).toBe(false);
  dana.close();
  stranger.close();
});

test('a role: after its end nobody enters and nobody inside acts, though nobody closed it', async () => {
  const wanted = order({ entitlement: role() });
  const { look, give, end } = activities(wanted);
  const before = await look({ caseKey, order: wanted });
  const until = soon();
  const { seen } = await give({ caseKey, order: wanted, approval: 'apr-1', before, until });
  const dana = clientsFor(aws.endpoint, world.dana.keys);
  const { Credentials } = await dana.sts.send(new AssumeRoleCommand({ RoleArn: String(seen.role), RoleSessionName: 'dana' }));
  const session = { accessKeyId: Credentials!.AccessKeyId!, secretAccessKey: Credentials!.SecretAccessKey!, sessionToken: Credentials!.SessionToken! };
  expect(await alive(session)).toBe(true);
  await passed(until);
  await expect(dana.sts.send(new AssumeRoleCommand({ RoleArn: String(seen.role), RoleSessionName: 'dana' }))).rejects.toThrow(/not authorized/);
  expect(await alive(session)).toBe(false);
  expect((await dana.sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(world.dana.arn);
  dana.close();
  await end({ caseKey, order: wanted, before, since: now() });
});

test('MFA is asked for in the role’s trust unless the configuration says otherwise', async () => {
  const wanted = order({ entitlement: role({ requireMfa: true }) });
  const { look, give, end } = activities(wanted);
  const before = await look({ caseKey, order: wanted });
  const { seen } = await give({ caseKey, order: wanted, approval: 'apr-1', before, until: inAnHour() });
  const home = clientsFor(aws.endpoint, aws.rootKeys(production()));
  const { Role } = await home.iam.send(new GetRoleCommand({ RoleName: String(seen.role).split('/').pop() }));
  expect(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).toContain('"aws:MultiFactorAuthPresent":"true"');
  home.close();
  const dana = clientsFor(aws.endpoint, world.dana.keys);
  await expect(dana.sts.send(new AssumeRoleCommand({ RoleArn: String(seen.role), RoleSessionName: 'dana' }))).rejects.toThrow(/not authorized/);
  dana.close();
  await end({ caseKey, order: wanted, before, since: now() });
});

test('a role of that name which somebody else made is left alone', async () => {
  const wanted = order({ entitlement: role() });
  const home = clientsFor(aws.endpoint, aws.rootKeys(production()));
  const RoleName = `tourniquet-jit-${digestOf([wanted.person, wanted.entitlement]).slice(0, 20)}`;
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }] };
  await home.iam.send(new CreateRoleCommand({ RoleName, Path: '/tourniquet-jit/', AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const { look, give, end } = activities(wanted);
  const before = { present: false, principal: RoleName };
  await expect(look({ caseKey, order: wanted })).rejects.toMatchObject({ type: 'REJECTED_BY_CLOUD' });
  await expect(give({ caseKey, order: wanted, approval: 'apr-1', before, until: inAnHour() })).rejects.toMatchObject({ type: 'REJECTED_BY_CLOUD' });
  await expect(end({ caseKey, order: wanted, before, since: now() })).rejects.toMatchObject({ type: 'REJECTED_BY_CLOUD' });
  expect(decodeURIComponent((await home.iam.send(new GetRoleCommand({ RoleName }))).Role!.AssumeRolePolicyDocument!)).toBe(JSON.stringify(trust));
  await home.iam.send(new DeleteRoleCommand({ RoleName }));
  home.close();
});

describe('refused where it would act', () => {
  const attempt = async (wanted: GrantOrder, over: Partial<Parameters<JitProviderActivities['give']>[0]> = {}, of = wanted, config: Partial<AwsConfig> = {}) => {
    const { give } = activities(of, config);
    return give({ caseKey, order: wanted, approval: 'apr-1', before: { present: false, principal: kurt.userId }, until: inAnHour(), ...over });
  };

  test('without a yes, with a no, with a yes to something else', async () => {
    await expect(attempt(order(), { approval: 'apr-2' })).rejects.toMatchObject({ type: 'NOT_APPROVED' });
    await expect(attempt(order({ role: 'owner' }), {}, order())).rejects.toMatchObject({ type: 'NOT_APPROVED' });
    denied = 'denied';
    await expect(attempt(order())).rejects.toMatchObject({ type: 'NOT_APPROVED' });
  });

  test('for longer than two hours, whatever was approved', async () => {
    await expect(attempt(order(), { until: new Date(Date.now() + 3 * 3_600_000).toISOString() })).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
    await expect(attempt(order({ forMs: 3 * 3_600_000 }))).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
    await expect(attempt(order(), { until: new Date(Date.now() - 1_000).toISOString() })).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
    await expect(attempt(order(), { until: 'never' })).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
  });

  test('to a protected identity, to nobody, to two people', async () => {
    await expect(attempt(order(), {}, order(), { protected: [kurt.userName] })).rejects.toMatchObject({ type: 'PROTECTED_PRINCIPAL' });
    await expect(activities(order({ identities: ['nobody'] })).look({ caseKey, order: order({ identities: ['nobody'] }) })).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
    const two = order({ identities: [kurt.userName, world.identityCenter.userName] });
    await expect(activities(two).look({ caseKey, order: two })).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
    const none = order({ identities: [kurt.userName], entitlement: role() });
    await expect(activities(none).look({ caseKey, order: none })).rejects.toMatchObject({ type: 'GRANT_REFUSED' });
  });
});
