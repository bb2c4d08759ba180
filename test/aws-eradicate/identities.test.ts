import {
  AddRoleToInstanceProfileCommand, AddUserToGroupCommand, AttachGroupPolicyCommand, AttachRolePolicyCommand, AttachUserPolicyCommand, CreateAccessKeyCommand, CreateGroupCommand,
  CreateInstanceProfileCommand, CreateLoginProfileCommand, CreatePolicyCommand, CreatePolicyVersionCommand, CreateRoleCommand, CreateUserCommand, CreateVirtualMFADeviceCommand,
  DeleteUserCommand, EnableMFADeviceCommand, GetAccountAuthorizationDetailsCommand, GetInstanceProfileCommand, GetPolicyCommand, ListAccessKeysCommand,
  ListVirtualMFADevicesCommand, PutGroupPolicyCommand, PutRolePolicyCommand, PutUserPolicyCommand, UpdateAssumeRolePolicyCommand, UploadSigningCertificateCommand, UploadSSHPublicKeyCommand,
} from '@aws-sdk/client-iam';
import { CreateFunctionCommand, DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { eradicateActions } from '../../activities/aws/eradicate';
import { describeListed, proposeEradication } from '../../activities/aws/eradicate/propose';
import type { Artifact, Finding } from '../../playbook/model/finding';
import { codeFrom, holdsContract, remember, unused } from './contract';
import { account, planned, proposal, startBench, writes, type Bench } from './harness';
import { certificate, zip } from './samples';

let bench: Bench;
const action = (id: string) => eradicateActions.find((one) => one.id === id)!;
const iam = () => bench.as().iam;
const arn = (what: string) => `arn:aws:iam::${account}:${what}`;
const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const allow = (Action: string) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const trust = (who: string) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: who }, Action: 'sts:AssumeRole' }] });
const ec2Trust = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }] });

/** Everything of IAM that belongs to nobody's attack: names starting with `legit`. */
async function legit() {
  const details = await iam().send(new GetAccountAuthorizationDetailsCommand({ Filter: ['User', 'Role', 'Group', 'LocalManagedPolicy'] }));
  const ours = <T>(list: T[] | undefined, name: (one: T) => string | undefined) => (list ?? []).filter((one) => name(one)?.startsWith('legit'));
  return {
    users: ours(details.UserDetailList, (one) => one.UserName), roles: ours(details.RoleDetailList, (one) => one.RoleName), groups: ours(details.GroupDetailList, (one) => one.GroupName),
    policies: ours(details.Policies, (one) => one.PolicyName), keys: (await iam().send(new ListAccessKeysCommand({ UserName: 'legit-app' }))).AccessKeyMetadata,
  };
}

beforeAll(async () => {
  bench = await startBench();
  await iam().send(new CreateUserCommand({ UserName: 'legit-app' }));
  await iam().send(new CreateAccessKeyCommand({ UserName: 'legit-app' }));
  await iam().send(new AttachUserPolicyCommand({ UserName: 'legit-app', PolicyArn: readOnly }));
  await iam().send(new CreateGroupCommand({ GroupName: 'legit-devs' }));
  await iam().send(new AddUserToGroupCommand({ GroupName: 'legit-devs', UserName: 'legit-app' }));
  await iam().send(new CreateRoleCommand({ RoleName: 'legit-role', AssumeRolePolicyDocument: trust(arn('root')) }));
  await iam().send(new CreatePolicyCommand({ PolicyName: 'legit-policy', PolicyDocument: allow('s3:GetObject') }));
}, 90_000);
afterAll(async () => bench?.stop());

async function plantUser(name: string): Promise<string> {
  await iam().send(new CreateUserCommand({ UserName: name, Path: '/svc/' }));
  await iam().send(new CreateLoginProfileCommand({ UserName: name, Password: 'Xk29-lkj-Plmz!9' }));
  await iam().send(new CreateAccessKeyCommand({ UserName: name }));
  await iam().send(new AttachUserPolicyCommand({ UserName: name, PolicyArn: admin }));
  await iam().send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'more', PolicyDocument: allow('*') }));
  await iam().send(new AddUserToGroupCommand({ UserName: name, GroupName: 'legit-devs' }));
  const device = await iam().send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: `${name}-phone` }));
  await iam().send(new EnableMFADeviceCommand({ UserName: name, SerialNumber: device.VirtualMFADevice!.SerialNumber, AuthenticationCode1: '123456', AuthenticationCode2: '654321' }));
  await iam().send(new UploadSSHPublicKeyCommand({ UserName: name, SSHPublicKeyBody: 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7' }));
  await iam().send(new UploadSigningCertificateCommand({ UserName: name, CertificateBody: certificate }));
  return arn(`user/svc/${name}`);
}

describe('3.1', () => {
  test('deletes the attacker’s user with everything that hangs on it', async () => {
    const id = await plantUser('mallory');
    const { step } = await holdsContract(bench, action('aws.delete-user'), { proposal: proposal('aws.delete-user', 'user', id, 'mallory'), neighbours: legit, undo: 'impossible', keeps: true });
    expect(step.change.join('\n')).toMatch(/console password[\s\S]*access keys[\s\S]*AdministratorAccess[\s\S]*more[\s\S]*mallory-phone[\s\S]*legit-devs[\s\S]*SSH keys[\s\S]*signing certificates/);
    expect((await iam().send(new ListVirtualMFADevicesCommand({}))).VirtualMFADevices).toEqual([]);
    expect(JSON.stringify(bench.evidence.kept)).not.toMatch(/SecretAccessKey/);
  });

  test('a user of the same name that is not the planned one stays: PLAN_CHANGED', async () => {
    const id = await plantUser('mallory2');
    const step = await planned(action('aws.delete-user'), bench.ctx, proposal('aws.delete-user', 'user', id, 'mallory2'));
    const done = await action('aws.delete-user').apply(bench.ctx, step);
    expect(done).toHaveProperty('kept');
    await iam().send(new CreateUserCommand({ UserName: 'mallory2', Path: '/svc/' }));
    const from = bench.log.length;
    expect(await codeFrom(action('aws.delete-user').apply(bench.ctx, step))).toBe('PLAN_CHANGED');
    expect(writes(bench.log.slice(from))).toEqual([]);
    expect(await action('aws.delete-user').verify(bench.ctx, step)).toMatchObject({ holds: false, seen: { recreated: true } });
    await iam().send(new DeleteUserCommand({ UserName: 'mallory2' }));
  });

  test('refuses the protected, the missing, and what bears another account’s ARN', async () => {
    await iam().send(new CreateUserCommand({ UserName: 'break-glass' }));
    const plan = (id: string, name: string) => codeFrom(action('aws.delete-user').plan(bench.ctx, proposal('aws.delete-user', 'user', id, name)));
    expect(await plan(arn('user/break-glass'), 'break-glass')).toBe('PROTECTED_PRINCIPAL');
    expect(await plan(arn('user/nobody'), 'nobody')).toBe('NOT_FOUND');
    expect(await plan('arn:aws:iam::999999999999:user/legit-app', 'legit-app')).toBe('NOT_FOUND');
  });

  test('deletes the attacker’s role; only the attacker’s instance profile goes with it', async () => {
    await iam().send(new CreateRoleCommand({ RoleName: 'backdoor', AssumeRolePolicyDocument: ec2Trust }));
    await iam().send(new AttachRolePolicyCommand({ RoleName: 'backdoor', PolicyArn: admin }));
    await iam().send(new PutRolePolicyCommand({ RoleName: 'backdoor', PolicyName: 'more', PolicyDocument: allow('*') }));
    for (const name of ['backdoor-profile', 'legit-profile']) {
      await iam().send(new CreateInstanceProfileCommand({ InstanceProfileName: name }));
      await iam().send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: 'backdoor' }));
    }
    await holdsContract(bench, action('aws.delete-role'), {
      proposal: proposal('aws.delete-role', 'role', arn('role/backdoor'), 'backdoor', { instanceProfiles: ['backdoor-profile'] }), neighbours: legit, undo: 'impossible', keeps: true,
    });
    expect(await codeFrom(iam().send(new GetInstanceProfileCommand({ InstanceProfileName: 'backdoor-profile' })))).toBe('NOT_FOUND');
    expect((await iam().send(new GetInstanceProfileCommand({ InstanceProfileName: 'legit-profile' }))).InstanceProfile?.Roles).toEqual([]);
  });

  test('a role that a function of somebody else uses by now stays, unless the function is the attacker’s', async () => {
    const { lambda } = bench.as();
    const role = await iam().send(new CreateRoleCommand({ RoleName: 'shared', AssumeRolePolicyDocument: trust(arn('root')) }));
    const made = await lambda.send(new CreateFunctionCommand({ FunctionName: 'legit-job', Runtime: 'nodejs20.x', Handler: 'i.h', Role: role.Role!.Arn!, Code: { ZipFile: zip } }));
    const wish = (functions: string[]) => action('aws.delete-role').plan(bench.ctx, proposal('aws.delete-role', 'role', arn('role/shared'), 'shared', { functions }));
    expect(await codeFrom(wish([]))).toBe('STILL_IN_USE');
    expect(await codeFrom(wish([made.FunctionArn!]))).toBe('no error');
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'legit-job' }));
  });

  test('a role of an AWS service is refused', async () => {
    await iam().send(new CreateRoleCommand({ RoleName: 'AWSServiceRoleForX', Path: '/aws-service-role/x.amazonaws.com/', AssumeRolePolicyDocument: ec2Trust }));
    const wish = proposal('aws.delete-role', 'role', arn('role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX'), 'AWSServiceRoleForX');
    expect(await codeFrom(action('aws.delete-role').plan(bench.ctx, wish))).toBe('NOT_SUPPORTED');
  });

  test('deletes the attacker’s group, but not one with other members', async () => {
    await iam().send(new CreateGroupCommand({ GroupName: 'ops' }));
    await iam().send(new AttachGroupPolicyCommand({ GroupName: 'ops', PolicyArn: admin }));
    await iam().send(new PutGroupPolicyCommand({ GroupName: 'ops', PolicyName: 'more', PolicyDocument: allow('*') }));
    await holdsContract(bench, action('aws.delete-group'), { proposal: proposal('aws.delete-group', 'group', arn('group/ops'), 'ops', { users: [] }), neighbours: legit, undo: 'impossible', keeps: true });
    const wish = proposal('aws.delete-group', 'group', arn('group/legit-devs'), 'legit-devs', { users: ['mallory'] });
    expect(await codeFrom(action('aws.delete-group').plan(bench.ctx, wish))).toBe('STILL_IN_USE');
  });

  test('deletes the key that the attacker made for a user that stays', async () => {
    await iam().send(new CreateUserCommand({ UserName: 'victim' }));
    const own = await iam().send(new CreateAccessKeyCommand({ UserName: 'victim' }));
    const planted = await iam().send(new CreateAccessKeyCommand({ UserName: 'victim' }));
    const id = planted.AccessKey!.AccessKeyId!;
    await holdsContract(bench, action('aws.delete-access-key'), { proposal: proposal('aws.delete-access-key', 'access-key', id, id, { user: 'victim' }), neighbours: legit, undo: 'impossible', keeps: true });
    expect((await iam().send(new ListAccessKeysCommand({ UserName: 'victim' }))).AccessKeyMetadata?.map((key) => key.AccessKeyId)).toEqual([own.AccessKey!.AccessKeyId]);
  });
});

describe('3.2', () => {
  test.each(['user', 'role', 'group'] as const)('detaches what the attacker attached to a %s, and attaches it again on undo', async (kind) => {
    const name = `target-${kind}`;
    if (kind === 'user') await iam().send(new CreateUserCommand({ UserName: name }));
    if (kind === 'role') await iam().send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust(arn('root')) }));
    if (kind === 'group') await iam().send(new CreateGroupCommand({ GroupName: name }));
    const attach = { user: new AttachUserPolicyCommand({ UserName: name, PolicyArn: admin }), role: new AttachRolePolicyCommand({ RoleName: name, PolicyArn: admin }), group: new AttachGroupPolicyCommand({ GroupName: name, PolicyArn: admin }) };
    const put = { user: new PutUserPolicyCommand({ UserName: name, PolicyName: 'own', PolicyDocument: allow('*') }), role: new PutRolePolicyCommand({ RoleName: name, PolicyName: 'own', PolicyDocument: allow('*') }), group: new PutGroupPolicyCommand({ GroupName: name, PolicyName: 'own', PolicyDocument: allow('*') }) };
    if (kind === 'user') await Promise.all([iam().send(attach.user), iam().send(put.user)]);
    if (kind === 'role') await Promise.all([iam().send(attach.role), iam().send(put.role)]);
    if (kind === 'group') await Promise.all([iam().send(attach.group), iam().send(put.group)]);
    await holdsContract(bench, action('aws.detach-policy'), { proposal: proposal('aws.detach-policy', kind, arn(`${kind}/${name}`), name, { policyArn: admin }), neighbours: legit, undo: 'restores', keeps: true });
    await holdsContract(bench, action('aws.delete-inline-policy'), { proposal: proposal('aws.delete-inline-policy', kind, arn(`${kind}/${name}`), name, { policyName: 'own' }), neighbours: legit, undo: 'restores', keeps: true });
    const previous = JSON.parse(allow('s3:GetObject')) as object;
    await holdsContract(bench, action('aws.delete-inline-policy'), { proposal: proposal('aws.delete-inline-policy', kind, arn(`${kind}/${name}`), name, { policyName: 'own', previous: { ...previous } }), neighbours: legit, undo: 'restores', keeps: true });
  });

  test('an inline policy that is not the planned one any more stays: PLAN_CHANGED', async () => {
    await iam().send(new CreateUserCommand({ UserName: 'moving' }));
    await iam().send(new PutUserPolicyCommand({ UserName: 'moving', PolicyName: 'x', PolicyDocument: allow('*') }));
    const step = await planned(action('aws.delete-inline-policy'), bench.ctx, proposal('aws.delete-inline-policy', 'user', arn('user/moving'), 'moving', { policyName: 'x' }));
    await iam().send(new PutUserPolicyCommand({ UserName: 'moving', PolicyName: 'x', PolicyDocument: allow('s3:*') }));
    expect(await codeFrom(action('aws.delete-inline-policy').apply(bench.ctx, step))).toBe('PLAN_CHANGED');
  });

  test('deletes the attacker’s policy with its versions; attached elsewhere it is refused', async () => {
    const policy = arn('policy/evil');
    await iam().send(new CreatePolicyCommand({ PolicyName: 'evil', PolicyDocument: allow('s3:*') }));
    await iam().send(new CreatePolicyVersionCommand({ PolicyArn: policy, PolicyDocument: allow('*'), SetAsDefault: true }));
    await iam().send(new CreateUserCommand({ UserName: 'holder' }));
    await iam().send(new CreateRoleCommand({ RoleName: 'holder', AssumeRolePolicyDocument: trust(arn('root')) }));
    await iam().send(new CreateGroupCommand({ GroupName: 'holder' }));
    await iam().send(new AttachUserPolicyCommand({ UserName: 'holder', PolicyArn: policy }));
    await iam().send(new AttachRolePolicyCommand({ RoleName: 'holder', PolicyArn: policy }));
    await iam().send(new AttachGroupPolicyCommand({ GroupName: 'holder', PolicyArn: policy }));
    const wish = (holders: string[]) => proposal('aws.delete-policy', 'policy', policy, 'evil', { holders });
    expect(await codeFrom(action('aws.delete-policy').plan(bench.ctx, wish(['user/holder'])))).toBe('STILL_IN_USE');
    await holdsContract(bench, action('aws.delete-policy'), { proposal: wish(['group/holder', 'role/holder', 'user/holder']), neighbours: legit, undo: 'impossible', keeps: true });
  });

  test('puts a managed policy back to the version before the attacker’s', async () => {
    const policy = arn('policy/shared-policy');
    await iam().send(new CreatePolicyCommand({ PolicyName: 'shared-policy', PolicyDocument: allow('s3:GetObject') }));
    await iam().send(new CreatePolicyVersionCommand({ PolicyArn: policy, PolicyDocument: allow('*'), SetAsDefault: true }));
    const { step } = await holdsContract(bench, action('aws.restore-policy-version'), {
      proposal: proposal('aws.restore-policy-version', 'policy', policy, 'shared-policy', { versions: ['v2'] }), neighbours: legit, undo: 'restores', keeps: true,
    });
    expect(step.params).toMatchObject({ previous: 'v1' });
    // The attacker's document came back under a new number.
    expect((await iam().send(new GetPolicyCommand({ PolicyArn: policy }))).Policy?.DefaultVersionId).toBe('v3');
    expect(await codeFrom(action('aws.restore-policy-version').plan(bench.ctx, proposal('aws.restore-policy-version', 'policy', policy, 'shared-policy', { previous: 'v2', versions: ['v3'] })))).toBe('UNDO_IMPOSSIBLE');
  });

  test('puts a trust policy back', async () => {
    await iam().send(new CreateRoleCommand({ RoleName: 'deploy', AssumeRolePolicyDocument: trust(arn('root')) }));
    await iam().send(new UpdateAssumeRolePolicyCommand({ RoleName: 'deploy', PolicyDocument: trust('arn:aws:iam::666666666666:root') }));
    const wish = proposal('aws.restore-trust', 'role', arn('role/deploy'), 'deploy', { previous: JSON.parse(trust(arn('root'))) as Record<string, never> });
    await holdsContract(bench, action('aws.restore-trust'), { proposal: wish, neighbours: legit, undo: 'restores', keeps: true });
    const step = await planned(action('aws.restore-trust'), bench.ctx, wish);
    await iam().send(new UpdateAssumeRolePolicyCommand({ RoleName: 'deploy', PolicyDocument: trust('arn:aws:iam::777777777777:root') }));
    expect(await codeFrom(action('aws.restore-trust').apply(bench.ctx, step))).toBe('PLAN_CHANGED');
    expect(await codeFrom(action('aws.restore-trust').plan(bench.ctx, { ...wish, params: {} }))).toBe('INVALID_INPUT');
  });

  test('takes the added member out of the group, and puts it back on undo', async () => {
    await iam().send(new CreateUserCommand({ UserName: 'joiner' }));
    await iam().send(new AddUserToGroupCommand({ GroupName: 'legit-devs', UserName: 'joiner' }));
    await holdsContract(bench, action('aws.remove-group-member'), { proposal: proposal('aws.remove-group-member', 'group', arn('group/legit-devs'), 'legit-devs', { user: 'joiner' }), neighbours: legit, undo: 'restores', keeps: true });
    const wish = proposal('aws.remove-group-member', 'group', arn('group/legit-devs'), 'legit-devs', { user: 'break-glass' });
    expect(await codeFrom(action('aws.remove-group-member').plan(bench.ctx, wish))).toBe('PROTECTED_PRINCIPAL');
  });
});

describe('what is proposed', () => {
  const made = (kind: Artifact['kind'], id: string, more: Partial<Artifact> = {}): Artifact => ({
    provider: 'aws', account, region: null, kind, id, name: id.split('/').pop()!, attribution: 'attacker', how: 'created', events: ['e'], details: { why: 'seen' }, ...more,
  });
  const finding = (...artifacts: Artifact[]): Finding => ({ check: '1.3.6-identities', state: 'found', summary: '', error: null, artifacts, facts: {}, evidence: [] });
  const principal = { provider: 'aws' as const, account, kind: 'user' as const, id: arn('user/dana'), name: 'dana' };

  test('lists what a legitimate thing has come to rely on, the incident’s own principal, and what is in no configured account', async () => {
    const role = await iam().send(new CreateRoleCommand({ RoleName: 'popular', AssumeRolePolicyDocument: trust(arn('root')) }));
    await bench.as().lambda.send(new CreateFunctionCommand({ FunctionName: 'legit-report', Runtime: 'nodejs20.x', Handler: 'i.h', Role: role.Role!.Arn!, Code: { ZipFile: zip } }));
    await iam().send(new CreatePolicyCommand({ PolicyName: 'popular', PolicyDocument: allow('s3:*') }));
    await iam().send(new AttachUserPolicyCommand({ UserName: 'legit-app', PolicyArn: arn('policy/popular') }));
    const artifacts = [
      made('role', arn('role/popular')), made('policy', arn('policy/popular')), made('user', arn('user/dana')), made('user', 'arn:aws:iam::999999999999:user/x', { account: '999999999999' }), made('user', arn('user/mallory')),
    ];
    const from = bench.log.length;
    const { proposals, unattributed } = await proposeEradication(bench.ctx, { principal }, [finding(...artifacts), finding(...artifacts)]);
    expect(writes(bench.log.slice(from))).toEqual([]);
    expect(proposals.map((one) => `${one.action} ${one.target.name}`)).toEqual(['aws.delete-user mallory']);
    const lines = unattributed.map(describeListed).sort();
    expect(lines).toEqual([
      expect.stringMatching(/^policy .*used by what is not the attacker’s: user\/legit-app$/), expect.stringMatching(/^role .*function .*legit-report$/),
      expect.stringMatching(/^user .*user\/dana .*own principal/), expect.stringMatching(/^user .*999999999999.*not configured$/),
    ]);
    await bench.as().lambda.send(new DeleteFunctionCommand({ FunctionName: 'legit-report' }));
  });

  test('what cannot be seen through is listed; what may be tried again is thrown', async () => {
    const failing = (name: string, status: number) => ({
      ...bench.ctx, access: { ...bench.ctx.access, clients: () => { throw Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: status } }); } },
    });
    const artifacts = [made('policy', arn('policy/popular'))];
    const { proposals, unattributed } = await proposeEradication(failing('AccessDenied', 403), { principal }, [finding(...artifacts)]);
    expect([proposals, unattributed.map(describeListed).join()]).toEqual([[], expect.stringContaining('ACCESS_DENIED')]);
    expect(await codeFrom(proposeEradication(failing('Throttling', 400), { principal }, [finding(...artifacts)]))).toBe('THROTTLED');
  });

  test('seen by two checks, the one that could attribute it counts', async () => {
    const { proposals, unattributed } = await proposeEradication(bench.ctx, { principal }, [finding(made('user', arn('user/mallory'), { attribution: 'unattributed' })), finding(made('user', arn('user/mallory')))]);
    expect([proposals.length, unattributed]).toEqual([1, []]);
  });
});

test('every declared permission of the identity actions is used', () => {
  remember(action('aws.delete-role'), new Set(['ec2:DescribeInstances']));
  const left = unused(eradicateActions.filter((one) => /user|role|group$|group-member|key|policy$|policy-version|trust/.test(one.id) && !/bucket|security/.test(one.id)));
  // The sandbox has no service-specific credentials to delete.
  expect(left).toEqual({ 'aws.delete-user': ['iam:DeleteServiceSpecificCredential'] });
});
