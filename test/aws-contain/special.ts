import { AuthorizeSecurityGroupIngressCommand, CreateNetworkAclEntryCommand, DescribeNetworkAclsCommand, RunInstancesCommand, TerminateInstancesCommand, DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { AttachRolePolicyCommand, AttachUserPolicyCommand, CreateAccessKeyCommand, CreateServiceLinkedRoleCommand, DeleteUserCommand, DeleteUserPolicyCommand, GetRoleCommand, ListAccessKeysCommand, ListAttachedUserPoliciesCommand, ListRolesCommand, ListUsersCommand, PutUserPolicyCommand, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam';
import { DeleteTrailCommand } from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { CreateWebACLCommand } from '@aws-sdk/client-wafv2';
import { iamTarget, proposal, regional } from '../../activities/aws/contain/targets';
import type { JsonObject } from '../../playbook/json';
import { clientsFor } from '../../sandbox/aws/clients';
import { signIn } from '../../sandbox/aws/gateway/extra/sso';
import { asStep } from '../containment/contract';
import { actionOf, awsError, type Bed } from './bed';
import { allow, assign, attackerIp, doc, fresh, group, permissionSet, role, trail, trust, user } from './cases';

const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';

/** What each action does at its edges: races, limits, crashes, and what it must refuse. */
export function specialCases(at: () => Bed): void {
  afterEach(() => at().answers.clear());

  describe('deny-user', () => {
    const deny = actionOf('aws.deny-user');

    test('bites at once: a key that could do everything can do nothing', async () => {
      const bed = at();
      const target = await user(bed);
      await bed.home.iam.send(new AttachUserPolicyCommand({ UserName: target.name, PolicyArn: admin }));
      const { AccessKey: key } = await bed.home.iam.send(new CreateAccessKeyCommand({ UserName: target.name }));
      const stolen = clientsFor(bed.aws.endpoint, { accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! });
      await stolen.iam.send(new ListUsersCommand({}));
      await deny.apply(bed.context(), asStep(await bed.plan(proposal('aws.deny-user', target, 'test'))));
      await expect(stolen.iam.send(new ListUsersCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
      stolen.close();
    });

    test('takes AWS’s own policy when the attacker has filled the user’s inline policies', async () => {
      const bed = at();
      const target = await user(bed);
      const step = asStep(await bed.plan(proposal('aws.deny-user', target, 'test')));
      bed.answers.set('PutUserPolicy', () => { throw awsError('LimitExceededException', 409); });
      expect(await deny.apply(bed.context(), step)).toMatchObject({ policy: 'arn:aws:iam::aws:policy/AWSDenyAll' });
      expect(await deny.verify(bed.context(), step)).toMatchObject({ holds: true });
      expect(await deny.undo(bed.context(), step)).toMatchObject({ left: [] });
      expect((await bed.home.iam.send(new ListAttachedUserPoliciesCommand({ UserName: target.name }))).AttachedPolicies).toEqual([]);
    });

    test('a user that is gone counts as denied; one that never was is NOT_FOUND', async () => {
      const bed = at();
      const target = await user(bed);
      const step = asStep(await bed.plan(proposal('aws.deny-user', target, 'test')));
      await deny.apply(bed.context(), step);
      await bed.home.iam.send(new DeleteUserPolicyCommand({ UserName: target.name, PolicyName: 'TourniquetDenyAll' }));
      await bed.home.iam.send(new DeleteUserCommand({ UserName: target.name }));
      expect(await deny.verify(bed.context(), step)).toMatchObject({ holds: true, seen: { exists: false } });
      expect(await bed.plan(proposal('aws.deny-user', iamTarget('user', bed.account, 'nobody'), 'test'))).toMatchObject({ code: 'NOT_FOUND' });
    });

    test.each(['federated-user', 'unknown'])('a %s is refused loudly and not passed over', async (kind) => {
      const target = { provider: 'aws' as const, account: at().account, region: null, kind, id: 'x', name: 'x' };
      expect(await at().plan(proposal('aws.deny-user', target, 'test'))).toMatchObject({ code: 'NOT_SUPPORTED', message: expect.stringContaining('no IAM user') });
    });
  });

  describe('disable-access-keys', () => {
    test('of an honest user only the named key, and never a protected one', async () => {
      const bed = at();
      const target = await user(bed);
      const own = (await bed.home.iam.send(new CreateAccessKeyCommand({ UserName: target.name }))).AccessKey!.AccessKeyId!;
      const rogue = (await bed.home.iam.send(new CreateAccessKeyCommand({ UserName: target.name }))).AccessKey!.AccessKeyId!;
      const one = proposal('aws.disable-access-keys', target, 'test', { keys: [rogue] });
      const step = asStep(await bed.plan(one));
      await actionOf('aws.disable-access-keys').apply(bed.context(), step);
      const keys = (await bed.home.iam.send(new ListAccessKeysCommand({ UserName: target.name }))).AccessKeyMetadata!;
      expect(keys.map((key) => [key.AccessKeyId, key.Status]).sort()).toEqual([[own, 'Active'], [rogue, 'Inactive']].sort());
      expect(await bed.plan(proposal('aws.disable-access-keys', target, 'test'), bed.context({ config: { protected: [own] } }))).toMatchObject({ code: 'PROTECTED_PRINCIPAL' });
    });
  });

  describe('revoke-role-sessions', () => {
    const revoke = actionOf('aws.revoke-role-sessions');

    test('kills the sessions that are open', async () => {
      const bed = at();
      const target = await role(bed, trust(allow({ AWS: bed.world.ada.arn })));
      await bed.home.iam.send(new AttachRolePolicyCommand({ RoleName: target.name, PolicyArn: admin }));
      const ada = clientsFor(bed.aws.endpoint, bed.world.ada.keys);
      const { Credentials: made } = await ada.sts.send(new AssumeRoleCommand({ RoleArn: target.id, RoleSessionName: 'stolen' }));
      const session = clientsFor(bed.aws.endpoint, { accessKeyId: made!.AccessKeyId!, secretAccessKey: made!.SecretAccessKey!, sessionToken: made!.SessionToken });
      await session.iam.send(new ListUsersCommand({}));
      await revoke.apply(bed.context(), asStep(await bed.plan(proposal('aws.revoke-role-sessions', target, 'test'))));
      await expect(session.iam.send(new ListUsersCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
      ada.close();
      session.close();
    });

    test('never moves a later cut-off back', async () => {
      const bed = at();
      const target = await role(bed, trust(allow({ AWS: bed.world.ada.arn })));
      const early = asStep(await bed.plan(proposal('aws.revoke-role-sessions', target, 'test'), bed.context({ now: () => new Date('2026-01-01T00:00:00Z') })));
      const late = asStep(await bed.plan(proposal('aws.revoke-role-sessions', target, 'test')));
      expect(early.params.cutoff).toBe('2026-01-01T00:00:30Z');
      await revoke.apply(bed.context(), late);
      expect(await revoke.apply(bed.context(), early)).toEqual({ cutoff: late.params.cutoff });
      expect(await revoke.verify(bed.context(), late)).toMatchObject({ holds: true });
    });

    test('a role of workloads needs a person, who is told what runs under it; an attacker’s role does not', async () => {
      const bed = at();
      const target = iamTarget('role', bed.account, bed.world.names.appRole);
      expect(await bed.plan(proposal('aws.revoke-role-sessions', target, 'test'))).toMatchObject({ tier: 'approve', change: expect.arrayContaining([expect.stringContaining('ec2.amazonaws.com'), expect.stringContaining(`instance profiles: ${bed.world.names.appRole}`)]) });
      expect(await bed.plan(proposal('aws.revoke-role-sessions', target, 'test', { attackerMade: true }))).toMatchObject({ tier: 'automatic' });
      bed.answers.set('ListFunctions', () => { throw awsError('AccessDeniedException', 403); });
      expect(await bed.plan(proposal('aws.revoke-role-sessions', target, 'test'))).toMatchObject({ change: expect.arrayContaining([expect.stringContaining('could not be read: functions in eu-west-1: ACCESS_DENIED')]) });
    });

    test('roles that only AWS may change are refused, with why', async () => {
      const bed = at();
      const linked = (await bed.home.iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'autoscaling.amazonaws.com' }))).Role!;
      expect(await bed.plan(proposal('aws.revoke-role-sessions', iamTarget('role', bed.account, linked.Arn!), 'test'))).toMatchObject({ code: 'NOT_SUPPORTED', message: expect.stringContaining('service-linked') });
      const set = await permissionSet(bed, null);
      await assign(bed, set);
      const { Roles: [own] = [] } = await bed.home.iam.send(new ListRolesCommand({ PathPrefix: '/aws-reserved/sso.amazonaws.com/' }));
      const reserved = iamTarget('role', bed.account, own!.Arn!);
      for (const action of ['aws.revoke-role-sessions', 'aws.cut-role-trust'] as const) {
        expect(await bed.plan(proposal(action, reserved, 'test', { principals: ['999988887777'] }))).toMatchObject({ code: 'NOT_SUPPORTED', message: expect.stringContaining('permission set') });
      }
    });
  });

  describe('cut-role-trust', () => {
    const cut = actionOf('aws.cut-role-trust');
    const trustOf = async (bed: Bed, name: string): Promise<unknown> => JSON.parse(decodeURIComponent((await bed.home.iam.send(new GetRoleCommand({ RoleName: name }))).Role!.AssumeRolePolicyDocument!));

    test('leaves a valid policy when the attacker was the only one in it', async () => {
      const bed = at();
      const target = await role(bed, trust(allow({ AWS: 'arn:aws:iam::999988887777:root' })));
      await cut.apply(bed.context(), asStep(await bed.plan(proposal('aws.cut-role-trust', target, 'test', { principals: ['999988887777'] }))));
      expect(await trustOf(bed, target.name)).toMatchObject({ Statement: [{ Effect: 'Deny', Condition: { StringEquals: { 'aws:PrincipalAccount': ['999988887777'] } } }] });
    });

    test('takes everybody out when the attacker let everybody in', async () => {
      const bed = at();
      const target = await role(bed, trust(allow('*'), allow({ AWS: bed.world.ada.arn })));
      const step = asStep(await bed.plan(proposal('aws.cut-role-trust', target, 'test', { principals: ['*'] })));
      await cut.apply(bed.context(), step);
      expect(await trustOf(bed, target.name)).toMatchObject({ Statement: [{ Principal: { AWS: bed.world.ada.arn } }] });
      expect(await cut.verify(bed.context(), step)).toMatchObject({ holds: true });
    });

    test('is not needed where the attacker is not let in', async () => {
      const bed = at();
      expect(await bed.plan(proposal('aws.cut-role-trust', await role(bed, trust(allow({ Service: 'ec2.amazonaws.com' }))), 'test', { principals: ['999988887777'] }))).toMatchObject({ needed: false, change: [] });
    });

    test.each<[string, (bed: Bed) => JsonObject, string]>([
      ['nobody', () => ({ principals: [] }), 'INVALID_INPUT'],
      ['a pattern', () => ({ principals: ['arn:aws:iam::*:user/x'] }), 'INVALID_INPUT'],
      ['a protected principal', (bed) => ({ principals: [bed.world.breakGlass.arn] }), 'PROTECTED_PRINCIPAL'],
      ['our own account', (bed) => ({ principals: [bed.account] }), 'NOT_SUPPORTED'],
    ])('refuses to cut %s', async (_what, params, code) => {
      const bed = at();
      expect(await bed.plan(proposal('aws.cut-role-trust', await role(bed, trust(allow({ AWS: bed.world.ada.arn }))), 'test', params(bed)))).toMatchObject({ code });
    });

    test('undo does not write over a change that somebody made since', async () => {
      const bed = at();
      const target = await role(bed, trust(allow({ AWS: ['arn:aws:iam::999988887777:root', bed.world.ada.arn] })));
      const step = asStep(await bed.plan(proposal('aws.cut-role-trust', target, 'test', { principals: ['999988887777'] })));
      await cut.apply(bed.context(), step);
      await bed.home.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: target.name, PolicyDocument: doc(trust(allow({ AWS: bed.world.dana.arn }))) }));
      expect((await cut.undo(bed.context(), step)).left.join()).toMatch(/changed since/);
      expect(await trustOf(bed, target.name)).toEqual(trust(allow({ AWS: bed.world.dana.arn })));
    });
  });

  describe('Identity Center', () => {
    const params = (bed: Bed, set: string): JsonObject => ({ instanceArn: bed.world.identityCenter.instanceArn, permissionSetArn: set, userId: bed.world.identityCenter.userId });

    test('a removal is tried again on ConflictException and followed to its end', async () => {
      const bed = at();
      const set = await permissionSet(bed, null);
      await assign(bed, set);
      const step = asStep(await bed.plan(proposal('aws.remove-account-assignment', regional('account-assignment', bed.account, 'us-east-1', `${set}/u`, 'x'), 'test', params(bed, set))));
      let conflicts = 1;
      bed.answers.set('DeleteAccountAssignment', async (_input, next) => {
        if (conflicts-- > 0) throw awsError('ConflictException');
        const real = (await next()) as { output: { AccountAssignmentDeletionStatus?: { Status?: string } } };
        real.output.AccountAssignmentDeletionStatus!.Status = 'IN_PROGRESS';
        return real;
      });
      let looks = 0;
      bed.answers.set('DescribeAccountAssignmentDeletionStatus', async (_input, next) => {
        looks += 1;
        return looks < 3 ? { AccountAssignmentDeletionStatus: { Status: 'IN_PROGRESS' } } : next();
      });
      await actionOf('aws.remove-account-assignment').apply(bed.context(), step);
      expect(looks).toBe(3);
      expect(await actionOf('aws.remove-account-assignment').verify(bed.context(), step)).toMatchObject({ holds: true });
    });

    test('a failed operation is no success', async () => {
      const bed = at();
      const set = await permissionSet(bed, null);
      await assign(bed, set);
      const step = asStep(await bed.plan(proposal('aws.remove-account-assignment', regional('account-assignment', bed.account, 'us-east-1', `${set}/u`, 'x'), 'test', params(bed, set))));
      bed.answers.set('DeleteAccountAssignment', () => ({ AccountAssignmentDeletionStatus: { Status: 'FAILED', FailureReason: 'role is busy' } }));
      await expect(actionOf('aws.remove-account-assignment').apply(bed.context(), step)).rejects.toMatchObject({ type: 'REJECTED_BY_CLOUD', message: expect.stringContaining('role is busy') });
    });

    test('the person’s open session is dead, and a set whose newest form is not in the accounts does not hold', async () => {
      const bed = at();
      const { instanceArn, userId, userName } = bed.world.identityCenter;
      const set = await permissionSet(bed, { Version: '2012-10-17', Statement: [{ Sid: 'Own', Effect: 'Allow', Action: 'iam:List*', Resource: '*' }] });
      await assign(bed, set);
      const keys = await signIn(bed.aws.world, bed.world.management.account, { instance: instanceArn, userId, userName, account: bed.account, permissionSet: set });
      const session = clientsFor(bed.aws.endpoint, { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secret, sessionToken: keys.token ?? undefined });
      await session.iam.send(new ListUsersCommand({}));
      const deny = actionOf('aws.deny-permission-set');
      const step = asStep(await bed.plan(proposal('aws.deny-permission-set', regional('permission-set', bed.world.management.account, 'us-east-1', set, 'Support'), 'test', { ...params(bed, set), throughGroup: false })));
      expect(step).toMatchObject({ before: { accounts: [bed.account] }, params: { cutoff: expect.stringMatching(/^\d{4}-.*Z$/) } });
      // Provisioning that only says that it is under way has done nothing yet.
      bed.answers.set('ProvisionPermissionSet', () => ({ PermissionSetProvisioningStatus: { Status: 'IN_PROGRESS', RequestId: 'r' } }));
      bed.answers.set('DescribePermissionSetProvisioningStatus', () => ({ PermissionSetProvisioningStatus: { Status: 'SUCCEEDED' } }));
      await deny.apply(bed.context(), step);
      expect(await deny.verify(bed.context(), step)).toMatchObject({ holds: false, seen: { denied: true, provisioned: false } });
      bed.answers.clear();
      await deny.apply(bed.context(), step);
      expect(await deny.verify(bed.context(), step)).toMatchObject({ holds: true });
      await expect(session.iam.send(new ListUsersCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
      session.close();
    });

    test('an assignment given back is followed too', async () => {
      const bed = at();
      const set = await permissionSet(bed, null);
      await assign(bed, set);
      const action = actionOf('aws.remove-account-assignment');
      const step = asStep(await bed.plan(proposal('aws.remove-account-assignment', regional('account-assignment', bed.account, 'us-east-1', `${set}/u`, 'x'), 'test', params(bed, set))));
      await action.apply(bed.context(), step);
      bed.answers.set('CreateAccountAssignment', async (_input, next) => {
        const real = (await next()) as { output: { AccountAssignmentCreationStatus?: { Status?: string } } };
        real.output.AccountAssignmentCreationStatus!.Status = 'IN_PROGRESS';
        return real;
      });
      expect(await action.undo(bed.context(), step)).toMatchObject({ seen: { assigned: true }, left: [] });
    });

    test('needs the management account', async () => {
      const bed = at();
      const accounts = bed.context().access.config.accounts.map((one) => ({ ...one, management: false }));
      expect(await bed.plan(proposal('aws.remove-account-assignment', regional('account-assignment', bed.account, 'us-east-1', 's/u', 'x'), 'test', params(bed, 's')), bed.context({ config: { accounts } }))).toMatchObject({ code: 'NOT_SUPPORTED' });
    });
  });

  describe('rotate-access-keys', () => {
    const rotate = actionOf('aws.rotate-access-keys');
    const keysOf = async (bed: Bed, name: string): Promise<string[][]> => (await bed.home.iam.send(new ListAccessKeysCommand({ UserName: name }))).AccessKeyMetadata!.map((key) => [key.AccessKeyId!, key.Status!]);
    const withKeys = async (bed: Bed, count: number) => {
      const target = await user(bed);
      const ids: string[] = [];
      for (let n = 0; n < count; n += 1) ids.push((await bed.home.iam.send(new CreateAccessKeyCommand({ UserName: target.name }))).AccessKey!.AccessKeyId!);
      return { target, ids };
    };

    test('a crash between making and keeping the key leaves an orphan, which the retry deletes', async () => {
      const bed = at();
      const { target, ids } = await withKeys(bed, 1);
      const step = asStep(await bed.plan(proposal('aws.rotate-access-keys', target, 'test', { compromised: [] })));
      bed.vault.failing = true;
      await expect(rotate.apply(bed.context(), step)).rejects.toThrow('the vault is away');
      bed.vault.failing = false;
      const orphan = (await keysOf(bed, target.name)).map(([id]) => id!).find((id) => !ids.includes(id))!;
      expect(await keysOf(bed, target.name)).toContainEqual([ids[0], 'Active']);
      await rotate.apply(bed.context(), step);
      const keys = await keysOf(bed, target.name);
      expect(keys).toHaveLength(2);
      expect(keys.map(([id]) => id)).not.toContain(orphan);
      expect(keys).toContainEqual([ids[0], 'Inactive']);
      expect(await rotate.verify(bed.context(), step)).toMatchObject({ holds: true });
    });

    test('a crash after the proof goes on with the same key; a key that was never proven is made anew', async () => {
      const bed = at();
      const { target, ids } = await withKeys(bed, 1);
      const step = asStep(await bed.plan(proposal('aws.rotate-access-keys', target, 'test', { compromised: [] })));
      bed.answers.set('UpdateAccessKey', () => { throw awsError('ServiceUnavailable', 503); });
      await expect(rotate.apply(bed.context(), step)).rejects.toMatchObject({ name: 'ServiceUnavailable' });
      bed.answers.clear();
      const fresh = (await keysOf(bed, target.name)).map(([id]) => id!).find((id) => !ids.includes(id))!;
      bed.answers.set('GetAccessKeyLastUsed', () => ({ AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' } }));
      const again = await rotate.apply(bed.context(), step);
      bed.answers.clear();
      expect(again.newKey).not.toBe(fresh);
      expect(await keysOf(bed, target.name)).toEqual(expect.arrayContaining([[again.newKey, 'Active'], [ids[0], 'Inactive']]));
      expect(await rotate.apply(bed.context(), step)).toEqual({ newKey: again.newKey, already: true });
    });

    test('two honest keys leave no slot, and nothing is touched', async () => {
      const bed = at();
      const { target, ids } = await withKeys(bed, 2);
      expect(await bed.plan(proposal('aws.rotate-access-keys', target, 'test', { compromised: [] }))).toMatchObject({ code: 'LIMIT_EXCEEDED' });
      expect(await keysOf(bed, target.name)).toEqual(ids.map((id) => [id, 'Active']));
    });

    test('a key that somebody made and uses since the plan is not ours to delete', async () => {
      const bed = at();
      const { target } = await withKeys(bed, 1);
      const step = asStep(await bed.plan(proposal('aws.rotate-access-keys', target, 'test', { compromised: [] })));
      await bed.home.iam.send(new CreateAccessKeyCommand({ UserName: target.name }));
      bed.answers.set('GetAccessKeyLastUsed', () => ({ AccessKeyLastUsed: { ServiceName: 's3', Region: 'us-east-1', LastUsedDate: new Date() } }));
      await expect(rotate.apply(bed.context(), step)).rejects.toMatchObject({ type: 'STILL_IN_USE' });
      expect(await keysOf(bed, target.name)).toHaveLength(2);
    });

    test('keeps the evidence of the attacker’s key before it goes, and runs only where the vault is', async () => {
      const bed = at();
      const { target, ids } = await withKeys(bed, 2);
      const step = asStep(await bed.plan(proposal('aws.rotate-access-keys', target, 'test', { compromised: [ids[1]!] })));
      await expect(rotate.apply(bed.context({ vault: null }), step)).rejects.toMatchObject({ type: 'INVALID_CONFIG' });
      bed.kept.length = 0;
      const done = await rotate.apply(bed.context(), step);
      expect(bed.kept).toEqual([expect.objectContaining({ kind: 'access-key', content: expect.objectContaining({ deleted: ids[1] }) })]);
      expect(bed.vault.keys.get(done.newKey as string)).toBe(target.name);
      expect(JSON.stringify({ step, done, kept: bed.kept })).not.toMatch(/[Ss]ecret/);
    });
  });

  describe('block an address', () => {
    test.each([['10.0.0.7', 'INVALID_INPUT'], ['cloudtrail.amazonaws.com', 'INVALID_INPUT'], ['', 'INVALID_INPUT'], ['203.0.113.9', 'INVALID_INPUT'], ['185.220.101.5', 'PROTECTED_PRINCIPAL']])('%s is refused: %s', async (address, code) => {
      const bed = at();
      const ctx = bed.context({ config: { knownAddresses: ['185.220.101.0/28', 'not an address'] } });
      for (const action of ['aws.block-ip-security-group', 'aws.block-ip-network-acl', 'aws.block-ip-waf'] as const) {
        expect(await bed.plan(proposal(action, regional('x', bed.account, 'us-east-1', 'sg-0', 'x'), 'test', { address, scope: 'REGIONAL' }), ctx)).toMatchObject({ code });
      }
    });

    test('a group without a rule for it needs nothing; one that is not there is NOT_FOUND', async () => {
      const bed = at();
      const id = await group(bed, [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]);
      expect(await bed.plan(proposal('aws.block-ip-security-group', regional('security-group', bed.account, 'us-east-1', id), 'test', { address: attackerIp }))).toMatchObject({ needed: false });
      expect(await bed.plan(proposal('aws.block-ip-security-group', regional('security-group', bed.account, 'us-east-1', 'sg-0123456789abcdef0'), 'test', { address: attackerIp }))).toMatchObject({ code: 'NOT_FOUND' });
      expect(await bed.plan(proposal('aws.block-ip-network-acl', regional('network-acl', bed.account, 'us-east-1', 'acl-0123456789abcdef0'), 'test', { address: attackerIp }))).toMatchObject({ code: 'NOT_FOUND' });
    });

    test('a rule number taken since the plan stops the step; a list that begins with number 1 has no room', async () => {
      const bed = at();
      const eu = clientsFor(bed.aws.endpoint, bed.aws.rootKeys(bed.account), { region: 'eu-west-1' });
      const id = (await eu.ec2.send(new DescribeNetworkAclsCommand({}))).NetworkAcls![0]!.NetworkAclId!;
      const one = proposal('aws.block-ip-network-acl', regional('network-acl', bed.account, 'eu-west-1', id), 'test', { address: attackerIp });
      const step = asStep(await bed.plan(one));
      expect(step.params.ruleNumber).toBe(99);
      const entry = { NetworkAclId: id, Egress: false, Protocol: '-1', RuleAction: 'allow', CidrBlock: '10.0.0.0/8' } as const;
      await eu.ec2.send(new CreateNetworkAclEntryCommand({ ...entry, RuleNumber: 99 }));
      await expect(actionOf('aws.block-ip-network-acl').apply(bed.context(), step)).rejects.toMatchObject({ type: 'PLAN_CHANGED' });
      await eu.ec2.send(new CreateNetworkAclEntryCommand({ ...entry, RuleNumber: 1 }));
      expect(await bed.plan(one)).toMatchObject({ code: 'LIMIT_EXCEEDED' });
      eu.close();
    });

    test('the WAF set is read anew when somebody was faster, and a set in use is left', async () => {
      const bed = at();
      await bed.home.wafv2.send(new CreateWebACLCommand({ Name: fresh('site'), Scope: 'CLOUDFRONT', DefaultAction: { Allow: {} }, Rules: [], VisibilityConfig: { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: 'site' } }));
      const waf = actionOf('aws.block-ip-waf');
      const of = (address: string) => proposal('aws.block-ip-waf', regional('waf-ip-set', bed.account, 'us-east-1', 'CLOUDFRONT/x', 'x'), 'test', { address, scope: 'CLOUDFRONT' });
      const first = asStep(await bed.plan(of(attackerIp)));
      expect(first.change.join('\n')).toMatch(/no web ACL refers to/);
      const second = asStep(await bed.plan(of('185.220.101.78')));
      await waf.apply(bed.context(), first);
      let races = 2;
      bed.answers.set('UpdateIPSet', (_input, next) => {
        if (races-- > 0) throw awsError('WAFOptimisticLockException');
        return next();
      });
      await waf.apply(bed.context(), second);
      expect(races).toBe(-1);
      expect((await waf.verify(bed.context(), first)).holds && (await waf.verify(bed.context(), second)).holds).toBe(true);
      bed.answers.clear();
      await waf.undo(bed.context(), second);
      expect(await waf.verify(bed.context(), first)).toMatchObject({ holds: true });
      bed.answers.set('DeleteIPSet', () => { throw awsError('WAFAssociatedItemException'); });
      expect((await waf.undo(bed.context(), first)).left.join()).toMatch(/a web ACL refers to it/);
    });

    test('without a web ACL the WAF has nothing to block with', async () => {
      const bed = at();
      bed.answers.set('ListWebACLs', () => ({ WebACLs: [] }));
      expect(await bed.plan(proposal('aws.block-ip-waf', regional('waf-ip-set', bed.account, 'eu-west-1', 'x', 'x'), 'test', { address: attackerIp, scope: 'REGIONAL' }))).toMatchObject({ needed: false });
    });
  });

  describe('isolation and buckets', () => {
    test('a terminated instance needs nothing', async () => {
      const bed = at();
      const { Images } = await bed.home.ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
      const id = (await bed.home.ec2.send(new RunInstancesCommand({ ImageId: Images![0]!.ImageId, MinCount: 1, MaxCount: 1 }))).Instances![0]!.InstanceId!;
      const step = asStep(await bed.plan(proposal('aws.isolate-instance', regional('instance', bed.account, 'us-east-1', id), 'test')));
      await bed.home.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      expect(await bed.plan(proposal('aws.isolate-instance', regional('instance', bed.account, 'us-east-1', id), 'test'))).toMatchObject({ needed: false });
      expect(await actionOf('aws.isolate-instance').verify(bed.context(), step)).toMatchObject({ holds: true });
      expect(await bed.plan(proposal('aws.isolate-instance', regional('instance', bed.account, 'us-east-1', 'i-0123456789abcdef0'), 'test'))).toMatchObject({ code: 'NOT_FOUND' });
      expect(await bed.plan(proposal('aws.isolate-function', regional('function', bed.account, 'us-east-1', 'nothing'), 'test'))).toMatchObject({ code: 'NOT_FOUND' });
    });

    test('a quarantine group that somebody opened is closed again', async () => {
      const bed = at();
      const { Images } = await bed.home.ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
      const id = (await bed.home.ec2.send(new RunInstancesCommand({ ImageId: Images![0]!.ImageId, MinCount: 1, MaxCount: 1 }))).Instances![0]!.InstanceId!;
      const isolate = actionOf('aws.isolate-instance');
      const step = asStep(await bed.plan(proposal('aws.isolate-instance', regional('instance', bed.account, 'us-east-1', id), 'test')));
      const done = await isolate.apply(bed.context(), step);
      await bed.home.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: done.group as string, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] }));
      expect(await isolate.verify(bed.context(), step)).toMatchObject({ holds: false });
      await isolate.apply(bed.context(), step);
      expect(await isolate.verify(bed.context(), step)).toMatchObject({ holds: true });
    });

    test('the company’s own public website is refused, a closed bucket needs nothing, one that is gone is NOT_FOUND', async () => {
      const bed = at();
      const of = (name: string) => proposal('aws.close-public-bucket', regional('bucket', bed.account, 'us-east-1', `arn:aws:s3:::${name}`, name), 'test');
      expect(await bed.plan(of(bed.world.names.websiteBucket))).toMatchObject({ code: 'PROTECTED_PRINCIPAL' });
      const Bucket = fresh('closed');
      await bed.home.s3.send(new CreateBucketCommand({ Bucket }));
      expect(await bed.plan(of(Bucket))).toMatchObject({ needed: false, change: [] });
      expect(await bed.plan(of('no-such-bucket-anywhere'))).toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  describe('restore-logging', () => {
    test('a deleted trail whose bucket nobody knows is a person’s task', async () => {
      const bed = at();
      const target = await trail(bed);
      await bed.home.cloudtrail.send(new DeleteTrailCommand({ Name: target.id }));
      const one = proposal('aws.restore-logging', target, 'test', { wanted: {}, unknown: [] });
      expect(await bed.plan(one, bed.context({ config: { trailBucket: null } }))).toMatchObject({ code: 'NOT_SUPPORTED', message: expect.stringContaining('aws.trailBucket') });
    });

    test('what is on stays on: a wish for less is fulfilled by more', async () => {
      const bed = at();
      expect(await bed.plan(proposal('aws.restore-logging', await trail(bed), 'test', { wanted: { multiRegion: false, validation: false }, unknown: ['kmsKey'] }))).toMatchObject({ needed: false });
    });
  });

  test('what the responder may not do, it says: a key of the policy denies changes to protected identities even when the code would not', async () => {
    const bed = at();
    const target = iamTarget('user', bed.account, 'tourniquet-break-glass');
    await expect(bed.context({ config: { protected: [] } }).access.clients(bed.account).iam.send(new PutUserPolicyCommand({ UserName: target.name, PolicyName: 'x', PolicyDocument: doc(trust()) }))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
}
