import { PutUserPolicyCommand, UpdateAccessKeyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { ListRolesCommand } from '@aws-sdk/client-iam';
import { DeleteAccountAssignmentCommand, ProvisionPermissionSetCommand, PutInlinePolicyToPermissionSetCommand } from '@aws-sdk/client-sso-admin';
import { buildWorld, clientsFor, compare, fightBack, scenarios, snapshot, startAws, stateOf, type Attack, type Aws, type AwsWorld, type Clients, type Keys, type Recorded } from '../../sandbox/aws';
import { incidentIdOf } from '../../playbook/model/principal';
import { waitFor } from '../../sandbox/tools';
import { codeOf } from './fixture';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const deny = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] });
const responderPolicy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

let aws: Aws;
let world: AwsWorld;
let responder: Clients;
let history: Recorded[];
const complaints: string[] = [];

async function responderIn(account: string): Promise<Clients> {
  const base = clientsFor(aws.endpoint, world.responder.base);
  const { Credentials } = await base.sts.send(new AssumeRoleCommand({ RoleArn: world.responder.roleArns[account]!, RoleSessionName: 'test', ExternalId: world.responder.externalId }));
  base.close();
  return clientsFor(aws.endpoint, { accessKeyId: Credentials!.AccessKeyId!, secretAccessKey: Credentials!.SecretAccessKey!, sessionToken: Credentials!.SessionToken });
}

beforeAll(async () => {
  aws = await startAws({ say: (line) => complaints.push(line) });
  world = await buildWorld(aws, { responderPolicy });
  history = aws.records();
  responder = await responderIn(world.production.account);
}, 120_000);
afterAll(async () => {
  responder?.close();
  await aws?.stop();
  expect(complaints.filter((line) => line.startsWith('sandbox AWS:'))).toEqual([]);
});

test('the organisation is old, whole, and still when nobody touches it', async () => {
  const state = await snapshot(aws, world);
  expect(compare(state, await snapshot(aws, world))).toEqual([]);
  expect(state[`production/us-east-1/cloudtrail/${world.names.trail}`]).toMatchObject({ logging: true, multiRegion: true, validation: true });
  expect(state['production/root']).toEqual({ password: true, mfa: null, keys: [] });
  expect(history.length).toBeGreaterThan(50);
  expect(history.filter((one) => one.at > Date.now() - 2 * 86_400_000 || one.record.errorCode)).toEqual([]);
  expect(await (await fetch(`${aws.endpoint}/${world.names.websiteBucket}/index.html`)).text()).toContain('Northwind');
  expect((await fetch(`${aws.endpoint}/${world.names.ordersBucket}/exports/2026-08/orders.csv`)).status).toBe(403);
});

test('the responder enters with the external id only, from its own user only', async () => {
  const base = clientsFor(aws.endpoint, world.responder.base);
  const RoleArn = world.responder.roleArns[world.production.account]!;
  expect(await codeOf(base.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', ExternalId: 'guess' })))).toBe('AccessDenied');
  const dana = clientsFor(aws.endpoint, world.dana.keys);
  expect(await codeOf(dana.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', ExternalId: world.responder.externalId })))).toBe('AccessDenied');
  expect(await codeOf(base.iam.send(new ListRolesCommand({})))).toBe('AccessDenied');
  base.close();
  dana.close();
});

test('a false positive and the wrong person leave true records and nothing hostile', async () => {
  const quiet = await scenarios['false-positive'](aws, world);
  expect(quiet.events.map((one) => [one['detail-type'], one.detail.eventName, (one.detail.additionalEventData as { MFAUsed: string }).MFAUsed])).toEqual([['AWS Console Sign In via CloudTrail', 'ConsoleLogin', 'Yes']]);
  const wrong = await scenarios['wrong-person'](aws, world);
  expect(wrong.events.map((one) => one.detail.eventName)).toEqual(['CreateUser', 'AttachUserPolicy', 'CreateAccessKey']);
  expect(new Set(wrong.events.map((one) => (one.detail.userIdentity as { arn: string }).arn))).toEqual(new Set([world.ada.arn]));
});

test('root in a stranger’s hands: no MFA, a root key that works', async () => {
  const attack = await scenarios['root-login'](aws, world);
  expect(attack.events.map((one) => one.detail.eventName)).toEqual(['ConsoleLogin', 'CreateAccessKey']);
  expect((attack.events[1]!.detail.userIdentity as { type: string }).type).toBe('Root');
  expect(await Promise.all(attack.live.map((one) => stateOf(aws.endpoint, one)))).toEqual(['alive', 'alive']);
  expect((await snapshot(aws, world))['production/root']).toMatchObject({ keys: attack.planted.rootKeys });
});

describe('a stolen administrator’s key', () => {
  let before: Awaited<ReturnType<typeof snapshot>>;
  let attack: Attack;
  beforeAll(async () => {
    before = await snapshot(aws, world);
    attack = await scenarios['stolen-admin-key'](aws, world);
  }, 60_000);

  test('plants every row of table 1.3, and the snapshot shows just that', async () => {
    const p = attack.planted;
    const [home, second] = world.regions as [string, string];
    const expected = [
      ...p.users.map((name) => `added production/iam/user/${name}`), ...p.roles.map((name) => `added production/iam/role/${name}`), ...p.changedTrusts.map(({ role }) => `changed production/iam/role/${role}`),
      `changed production/iam/user/${world.deployer.name}`, 'changed production/iam/policy/release-artifacts',
      ...p.instances.map(({ region, id }) => `added production/${region}/ec2/instance/${id}`), ...p.securityGroups.map(({ region, id }) => `added production/${region}/ec2/security-group/${id}`),
      `changed production/${home}/ec2/security-group/${world.names.webGroup}`, ...p.buckets.map((name) => `added production/s3/${name}`), ...p.exposedBuckets.map((name) => `changed production/s3/${name}`),
      ...p.functions.map(({ region, name }) => `added production/${region}/lambda/${name}`), `changed production/${home}/cloudtrail/${world.names.trail}`, ...p.disabledDetectors.map(({ region, id }) => `changed production/${region}/guardduty/${id}`),
    ];
    expect(compare(before, await snapshot(aws, world)).map((one) => `${one.change} ${one.path}`).sort()).toEqual(expected.sort());
    expect(new Set(p.instances.map((one) => one.region))).toEqual(new Set([home, second]));
  });

  test('EventBridge gets its write events up to StopLogging; the event history has the rest', () => {
    const names = attack.events.map((one) => String(one.detail.eventName));
    expect(names.at(-1)).toBe('StopLogging');
    for (const row of ['CreateUser', 'AttachUserPolicy', 'CreateAccessKey', 'PutBucketPolicy', 'AuthorizeSecurityGroupIngress', 'RunInstances', 'CreateRole']) expect(names).toContain(row);
    for (const one of attack.events) expect(one.detail).toMatchObject({ sourceIPAddress: attack.sourceIp, userAgent: attack.userAgent, userIdentity: { arn: world.dana.arn } });
    const later = aws.records(world.production.account).map((one) => one.record).filter((one) => one.eventName === 'RunInstances' && one.awsRegion === world.regions[1]);
    expect(later.map((one) => one.userIdentity.userName)).toEqual(['svc-backup-sync']);
    expect(attack.finding).toMatchObject({ 'detail-type': 'GuardDuty Finding', detail: { type: 'UnauthorizedAccess:IAMUser/TorIPCaller', resource: { accessKeyDetails: { userName: world.dana.name, accessKeyId: world.dana.keys.accessKeyId } } } });
    expect(incidentIdOf({ provider: 'aws', account: attack.account, id: attack.principal })).toMatch(/^inc-/);
  });

  test('every credential it took is alive, and each dies or is denied by what should stop it', async () => {
    const states = async (): Promise<Record<string, string>> => Object.fromEntries(await Promise.all(attack.live.map(async (one) => [one.what, await stateOf(aws.endpoint, one)] as const)));
    expect(Object.values(await states())).toEqual(attack.live.map(() => 'alive'));
    await responder.iam.send(new PutUserPolicyCommand({ UserName: world.dana.name, PolicyName: 'DenyAll', PolicyDocument: deny }));
    await responder.iam.send(new UpdateAccessKeyCommand({ UserName: 'svc-backup-sync', AccessKeyId: attack.planted.accessKeys[0]!.id, Status: 'Inactive' }));
    await responder.iam.send(new PutRolePolicyCommand({ RoleName: 'OrgSupportAccess', PolicyName: 'AWSRevokeOlderSessions', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(Date.now() + 30_000).toISOString() } } }] }) }));
    expect(await states()).toMatchObject({
      'dana.ops’s stolen key': 'denied', 'a 36-hour session of dana.ops': 'denied', 'svc-backup-sync’s key': 'dead', 'a session of OrgSupportAccess from account 999999999999': 'denied', 'a second key of ci-deployer': 'alive', 'a session of data-sync': 'alive',
    });
  });

  test('an attacker who fights back undoes a containment that leaves a credential, and is beaten when none is left', async () => {
    await responder.iam.send(new UpdateAccessKeyCommand({ UserName: 'svc-backup-sync', AccessKeyId: attack.planted.accessKeys[0]!.id, Status: 'Active' }));
    const keys = attack.live.filter((one) => /stolen key|svc-backup-sync/.test(one.what));
    const undoer = fightBack(aws, world, keys, 20);
    try {
      await waitFor(async () => (undoer.undone.some((one) => one.what.startsWith('deleted DenyAll')) ? true : null), 10_000, () => new Error('nothing was undone'));
      await responder.iam.send(new PutUserPolicyCommand({ UserName: 'svc-backup-sync', PolicyName: 'DenyAll', PolicyDocument: deny }));
      await responder.iam.send(new PutUserPolicyCommand({ UserName: world.dana.name, PolicyName: 'DenyAll', PolicyDocument: deny }));
      await waitFor(async () => (undoer.beaten() ? true : null), 10_000, () => new Error('the attacker was not beaten'));
    } finally {
      await undoer.stop();
    }
  });
});

describe('Identity Center (IAM Identity Center User Guide)', () => {
  const enter = (): Promise<Keys> => aws.signIn({ ...{ instance: world.identityCenter.instanceArn, userId: world.identityCenter.userId, userName: world.identityCenter.userName, account: world.identityCenter.account, permissionSet: world.identityCenter.permissionSetArn } });
  const at = (): { InstanceArn: string; PermissionSetArn: string } => ({ InstanceArn: world.identityCenter.instanceArn, PermissionSetArn: world.identityCenter.permissionSetArn });

  test('a permission set’s deny reaches sessions when it is provisioned; its role cannot be changed in IAM; the last assignment takes it away', async () => {
    const management = await responderIn(world.management.account);
    const lena = clientsFor(aws.endpoint, await enter());
    const look = (): Promise<unknown> => lena.iam.send(new ListRolesCommand({}));
    const role = (await lena.iam.send(new ListRolesCommand({}))).Roles!.find((one) => one.RoleName!.startsWith('AWSReservedSSO_Support_'))!.RoleName!;
    expect(await codeOf(responder.iam.send(new PutRolePolicyCommand({ RoleName: role, PolicyName: 'x', PolicyDocument: deny })))).toMatch(/^UnmodifiableEntity/);
    await management.ssoAdmin.send(new PutInlinePolicyToPermissionSetCommand({ ...at(), InlinePolicy: deny }));
    await look();
    await management.ssoAdmin.send(new ProvisionPermissionSetCommand({ ...at(), TargetType: 'ALL_PROVISIONED_ACCOUNTS' }));
    expect(await codeOf(look())).toBe('AccessDenied');
    await management.ssoAdmin.send(new DeleteAccountAssignmentCommand({ ...at(), PrincipalId: world.identityCenter.userId, PrincipalType: 'USER', TargetId: world.identityCenter.account, TargetType: 'AWS_ACCOUNT' }));
    await expect(enter()).rejects.toThrow(/no such assignment/);
    expect((await responder.iam.send(new ListRolesCommand({}))).Roles!.map((one) => one.RoleName)).not.toContain(role);
    lena.close();
    management.close();
  });
});
