import { CreateAccessKeyCommand, CreateLoginProfileCommand, EnableOrganizationsRootCredentialsManagementCommand, EnableOrganizationsRootSessionsCommand } from '@aws-sdk/client-iam';
import { proposal } from '../../activities/aws/contain/targets';
import { proposeRoot } from '../../activities/aws/root/propose';
import type { Target } from '../../playbook/model/plan';
import { asStep } from '../containment/contract';
import { actionOf, awsError, type Bed } from './bed';

const account = (bed: Bed, id = bed.account): Target => ({ provider: 'aws', account: id, region: null, kind: 'account', id: `arn:aws:iam::${id}:root`, name: id });

/** Section 2.2: people’s tasks that only the cloud’s own record ends, and the member account’s root. */
export function rootFlows(at: () => Bed): void {
  afterEach(() => at().answers.clear());

  test('a hardware MFA on root is a person’s task until IAM’s account summary shows it; a virtual one does not count', async () => {
    const bed = at();
    const action = actionOf('aws.require-root-mfa');
    const target = account(bed, bed.world.management.account);
    const step = asStep(await bed.plan(proposal('aws.require-root-mfa', target, 'test')));
    expect(step).toMatchObject({ needed: true, human: true, tier: 'automatic' });
    expect(step.change.length).toBeGreaterThan(3);
    expect(await action.apply(bed.context(), step)).toMatchObject({ instructions: step.change });
    expect(await action.verify(bed.context(), step)).toMatchObject({ holds: false });
    bed.aws.enableRootMfa(bed.world.management.account);
    expect(await action.verify(bed.context(), step)).toMatchObject({ holds: true });
    bed.answers.set('ListVirtualMFADevices', () => ({ VirtualMFADevices: [{ SerialNumber: `arn:aws:iam::${target.account}:mfa/root-account-mfa-device`, User: { Arn: target.id } }] }));
    expect(await action.verify(bed.context(), step)).toMatchObject({ holds: false, seen: { mfa: true, hardware: false } });
    expect((await action.undo(bed.context(), step)).left).toHaveLength(1);
  });

  test('a new root password is proven by CloudTrail’s PasswordUpdated after the plan, or by the credential report; not by an earlier change', async () => {
    const bed = at();
    const action = actionOf('aws.rotate-root-password');
    const target = account(bed, bed.world.management.account);
    const ctx = bed.context();
    const step = asStep(await bed.plan(proposal('aws.rotate-root-password', target, 'test'), ctx));
    expect(step).toMatchObject({ needed: true, human: true });
    await action.apply(ctx, step);
    // The attacker may have changed it too, before the plan.
    bed.answers.set('LookupEvents', () => ({ Events: [record('Root', 'Success', -60_000)] }));
    expect(await action.verify(ctx, step)).toMatchObject({ holds: false });
    const csv = (changed: string): Uint8Array => Buffer.from(`user,arn,password_last_changed\n<root_account>,arn:aws:iam::${target.account}:root,${changed}\n`);
    bed.answers.set('GenerateCredentialReport', () => ({ State: 'COMPLETE' }));
    for (const [changed, holds] of [['not_supported', false], ['2020-01-01T00:00:00+00:00', false], [new Date(Date.now() + 60_000).toISOString(), true]] as const) {
      bed.answers.set('GetCredentialReport', () => ({ Content: csv(changed) }));
      expect((await action.verify(ctx, step)).holds).toBe(holds);
    }
    bed.answers.clear();
    bed.answers.set('GenerateCredentialReport', () => ({ State: 'STARTED' }));
    expect(await action.verify(ctx, step)).toMatchObject({ holds: false });
    bed.answers.set('LookupEvents', () => ({ Events: [record('Root', 'Failure'), record('IAMUser', 'Success')] }));
    expect(await action.verify(ctx, step)).toMatchObject({ holds: false });
    bed.answers.set('LookupEvents', () => ({ Events: [record('Root', 'Success')] }));
    expect(await action.verify(ctx, step)).toMatchObject({ holds: true, seen: { event: 'e1' } });
    expect((await action.undo(ctx, step)).left).toHaveLength(1);
  });

  test('the sandbox’s own PasswordUpdated ends the task too', async () => {
    const bed = at();
    const target = account(bed);
    const step = asStep(await bed.plan(proposal('aws.rotate-root-password', target, 'test'), bed.context({ now: () => new Date(Date.now() - 1_000) })));
    bed.aws.recordPasswordUpdated(target.account);
    expect(await actionOf('aws.rotate-root-password').verify(bed.context(), step)).toMatchObject({ holds: step.needed });
  });

  test('a member account’s root credentials go by a privileged session of the management account', async () => {
    const bed = at();
    const action = actionOf('aws.remove-root-credentials');
    await bed.top.iam.send(new EnableOrganizationsRootCredentialsManagementCommand({})).catch(() => undefined);
    await bed.top.iam.send(new EnableOrganizationsRootSessionsCommand({})).catch(() => undefined);
    await bed.home.iam.send(new CreateAccessKeyCommand({}));
    await bed.home.iam.send(new CreateLoginProfileCommand({ UserName: undefined, Password: 'Long-enough-for-all-1' })).catch(() => undefined);
    const step = asStep(await bed.plan(proposal('aws.remove-root-credentials', account(bed), 'test')));
    expect(step).toMatchObject({ needed: true, reversible: false, tier: 'break-glass' });
    expect(step.change.join('\n')).toMatch(/delete root access key/);
    expect(await action.verify(bed.context(), step)).toMatchObject({ holds: false });
    await action.apply(bed.context(), step);
    expect(await action.verify(bed.context(), step)).toMatchObject({ holds: true, seen: { accessKeys: [], password: false } });
    await action.apply(bed.context(), step);
    expect(await bed.plan(proposal('aws.remove-root-credentials', account(bed), 'test'))).toMatchObject({ needed: false });
    expect((await action.undo(bed.context(), step)).left.join()).toMatch(/IAMCreateRootUserPassword/);
    expect(JSON.stringify(step)).not.toMatch(/[Ss]ecret|sessionToken/);
    // Root without any credential needs neither MFA nor a password.
    for (const id of ['aws.require-root-mfa', 'aws.rotate-root-password'] as const) expect(await bed.plan(proposal(id, account(bed), 'test'))).toMatchObject({ needed: false });
  });

  test('the management account’s own root, and a protected one, are refused', async () => {
    const bed = at();
    expect(await bed.plan(proposal('aws.remove-root-credentials', account(bed, bed.world.management.account), 'test'))).toMatchObject({ code: 'NOT_SUPPORTED' });
    expect(await bed.plan(proposal('aws.remove-root-credentials', account(bed), 'test'), bed.context({ config: { protected: [`arn:aws:iam::${bed.account}:root`] } }))).toMatchObject({ code: 'PROTECTED_PRINCIPAL' });
  });

  test('the report to AWS Support is made once; without a plan it is a person’s task', async () => {
    const bed = at();
    const action = actionOf('aws.contact-support');
    const one = proposal('aws.contact-support', account(bed), 'test', { body: 'what happened' });
    bed.aws.setSupportPlan(bed.account, false);
    expect(await bed.plan(one)).toMatchObject({ code: 'NOT_SUPPORTED', message: expect.stringContaining('SubscriptionRequired') });
    bed.aws.setSupportPlan(bed.account, true);
    const step = asStep(await bed.plan(one));
    expect(step).toMatchObject({ needed: true, params: { severity: 'critical', serviceCode: 'account-management', categoryCode: 'security' } });
    expect(await action.verify(bed.context(), step)).toMatchObject({ holds: false });
    const { case: id } = await action.apply(bed.context(), step);
    expect(await action.apply(bed.context(), step)).toEqual({ case: id, already: true });
    expect(await action.verify(bed.context(), step)).toMatchObject({ holds: true, seen: { case: id } });
    expect((await action.undo(bed.context(), step)).left.join()).toContain(String(id));
    expect(await bed.plan(one)).toMatchObject({ needed: false });
    bed.answers.set('DescribeSeverityLevels', () => ({ severityLevels: [{ code: 'low' }, { code: 'high' }] }));
    bed.answers.set('DescribeServices', () => { throw awsError('InternalServerError', 500); });
    expect(await bed.plan(one)).toMatchObject({ code: 'CLOUD_UNAVAILABLE' });
  });

  test('a compromised root of ours gets all of 2.2, an alien one a line', async () => {
    const bed = at();
    const principal = { provider: 'aws', account: bed.account, kind: 'root', id: `arn:aws:iam::${bed.account}:root`, name: 'root' } as const;
    const { proposals, left } = await proposeRoot(bed.context(), { principal, alerts: [], incident: 'inc-1' }, []);
    expect(proposals.map((one) => one.action)).toEqual(['aws.require-root-mfa', 'aws.rotate-root-password', 'aws.remove-root-credentials', 'aws.contact-support']);
    expect(left).toEqual([]);
    const top = await proposeRoot(bed.context(), { principal: { ...principal, account: bed.world.management.account }, alerts: [], incident: 'inc-1' }, []);
    expect(top.proposals.map((one) => one.action)).not.toContain('aws.remove-root-credentials');
    expect(await proposeRoot(bed.context(), { principal: { ...principal, account: '999988887777' }, alerts: [], incident: 'inc-1' }, [])).toMatchObject({ proposals: [], left: [expect.stringContaining('not ours')] });
  });
}

const record = (type: string, answer: string, afterMs = 60_000) => ({
  EventId: 'e1', EventTime: new Date(Date.now() + afterMs), CloudTrailEvent: JSON.stringify({ userIdentity: { type }, responseElements: { PasswordUpdated: answer } }),
});
