import { UpdateTrailCommand } from '@aws-sdk/client-cloudtrail';
import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, GetAccountSummaryCommand } from '@aws-sdk/client-iam';
import { ListUsersCommand } from '@aws-sdk/client-iam';
import { clientsFor } from '../clients';
import type { Aws } from '../start';
import type { AwsWorld } from '../world';
import { keysOf } from '../world/accounts';
import { readOnly } from '../world/policies';
import { lookAround, plantRole, stolen } from './identities';
import { stopLogging } from './resources';
import { during, hostile } from './tools';
import { nothing, type Attack, type Live, type ScenarioName } from './types';

const office = { sourceIp: '203.0.113.20', userAgent: 'aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/macos#24.5.0 md/arch#arm64 lang/python#3.13.4 md/command#iam.create-user' };

async function told(aws: Aws, scenario: ScenarioName, base: Pick<Attack, 'account' | 'principal' | 'sourceIp' | 'userAgent'>, act: (planted: Attack['planted'], live: Live[]) => Promise<void>): Promise<Attack> {
  const planted = nothing();
  const live: Live[] = [];
  const startedAt = new Date().toISOString();
  const { events } = await during(aws, () => act(planted, live));
  return { scenario, ...base, startedAt, events: events.filter((one) => one.account === base.account), finding: null, planted, live };
}

const rootArn = (account: string): string => `arn:aws:iam::${account}:root`;

/** Somebody signs in as root of the production account without MFA and makes a root key. */
export function rootLogin(aws: Aws, { production }: AwsWorld): Promise<Attack> {
  const { account } = production;
  return told(aws, 'root-login', { account, principal: rootArn(account), ...hostile }, async (planted, live) => {
    aws.recordConsoleLogin({ account, user: null, mfa: false, ip: hostile.sourceIp });
    const session = aws.rootSession(account, false);
    const as = clientsFor(aws.endpoint, session, hostile);
    const { AccessKey } = await as.iam.send(new CreateAccessKeyCommand({}));
    as.close();
    planted.rootKeys.push(AccessKey!.AccessKeyId!);
    live.push({ what: 'a root access key', keys: keysOf(AccessKey), probe: (clients) => clients.iam.send(new ListUsersCommand({})) });
    live.push({ what: 'the root console session', keys: session, probe: (clients) => clients.iam.send(new ListUsersCommand({})) });
  });
}

/** A role for a stranger's account, entered at once. */
export function crossAccountRole(aws: Aws, { dana, production }: AwsWorld): Promise<Attack> {
  return told(aws, 'cross-account-role', { account: production.account, principal: dana.arn, ...hostile }, async (planted, live) => {
    const as = clientsFor(aws.endpoint, dana.keys, hostile);
    await lookAround(as);
    live.push(stolen(dana.keys, dana.name), await plantRole(aws, as, production.account, planted, 'VendorMonitoring'));
    as.close();
  });
}

/** The trail narrowed to one region, then stopped. */
export function loggingStopped(aws: Aws, { dana, production, names, regions }: AwsWorld): Promise<Attack> {
  return told(aws, 'logging-stopped', { account: production.account, principal: dana.arn, ...hostile }, async (planted, live) => {
    const as = clientsFor(aws.endpoint, dana.keys, { ...hostile, region: regions[0] });
    await as.cloudtrail.send(new UpdateTrailCommand({ Name: names.trail, IsMultiRegionTrail: false }));
    await stopLogging(as, regions[0]!, names.trail, planted);
    live.push(stolen(dana.keys, dana.name));
    as.close();
  });
}

/** Root used as documented: from the office, with MFA, and only to look. */
export function falsePositive(aws: Aws, { production }: AwsWorld): Promise<Attack> {
  const { account } = production;
  return told(aws, 'false-positive', { account, principal: rootArn(account), ...office }, async () => {
    aws.recordConsoleLogin({ account, user: null, mfa: true, ip: office.sourceIp });
    const as = clientsFor(aws.endpoint, aws.rootSession(account, true), office);
    await as.iam.send(new GetAccountSummaryCommand({}));
    as.close();
  });
}

/** A legitimate administrator makes a user without a ticket; nothing of it is hostile. */
export function wrongPerson(aws: Aws, { ada, production }: AwsWorld): Promise<Attack> {
  return told(aws, 'wrong-person', { account: production.account, principal: ada.arn, ...office }, async (planted) => {
    const as = clientsFor(aws.endpoint, ada.keys, office);
    const UserName = 'report-reader';
    await as.iam.send(new CreateUserCommand({ UserName }));
    await as.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: readOnly }));
    const { AccessKey } = await as.iam.send(new CreateAccessKeyCommand({ UserName }));
    as.close();
    planted.users.push(UserName);
    planted.accessKeys.push({ user: UserName, id: AccessKey!.AccessKeyId! });
  });
}
