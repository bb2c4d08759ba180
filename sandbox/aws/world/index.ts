import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateLoginProfileCommand, CreateVirtualMFADeviceCommand, EnableMFADeviceCommand, ListRolesCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { clientsFor, type Clients } from '../clients';
import type { Aws } from '../start';
import { assume, makeKey, makeOrganization, makeResponder, makeUser } from './accounts';
import { makeEstate } from './estate';
import { makeIdentityCenter } from './identity-center';
import { admin, deploy } from './policies';
import type { Actor, AwsWorld } from './types';

export type { Actor, AwsWorld, Member } from './types';

export interface WorldOptions {
  /** The policy of the responder role in every account. */
  responderPolicy: object;
  /** Default us-east-1 and eu-west-1; the first must be us-east-1, where global events are. */
  regions?: string[];
  managementAccount?: string;
}

const day = 86_400_000;
const office = { sourceIp: '203.0.113.20' };

/** Builds the organisation through the gateway, as its owners would; takes a few seconds. */
export async function buildWorld(aws: Aws, options: WorldOptions): Promise<AwsWorld> {
  const regions = options.regions ?? ['us-east-1', 'eu-west-1'];
  const management = options.managementAccount ?? '111122223333';
  const open: Clients[] = [];
  const clients = (keys: Parameters<typeof clientsFor>[1], region?: string): Clients => {
    const made = clientsFor(aws.endpoint, keys, { ...office, region });
    open.push(made);
    return made;
  };
  const lag = aws.world.estate.lag;
  // The estate is old: what it is made of has long taken effect.
  aws.setLag(0);
  try {
    const root = clients(aws.rootKeys(management));
    const { organizationId, rootId, production } = await makeOrganization(root);
    const keys = await assume(root, `arn:aws:iam::${production}:role/OrganizationAccountAccessRole`, 'setup');
    const inProduction = (region: string): Clients => clients(keys, region);
    const home = inProduction(regions[0]!);
    const [names, identityCenter, responder, people] = await Promise.all([
      makeEstate(production, inProduction, regions),
      makeIdentityCenter(root, production),
      makeResponder([{ account: management, clients: root }, { account: production, clients: home }], root, options.responderPolicy),
      makePeople(home, production),
    ]);
    aws.world.history.backdate(27 * day);
    usualBill(aws, production);
    await usualWork(aws, [people.dana, people.ada]);
    aws.world.history.backdate(3 * day);
    return { organizationId, rootId, management: { account: management, name: 'management' }, production: { account: production, name: 'production' }, regions, responder, identityCenter, names, ...people };
  } finally {
    aws.setLag(lag);
    for (const one of open) one.close();
  }
}

/** Thirty days of a small company's bill. */
function usualBill(aws: Aws, account: string): void {
  const days = Array.from({ length: 30 }, (_, ago) => new Date(Date.now() - (ago + 1) * day).toISOString().slice(0, 10));
  aws.addCosts(account, days.flatMap((date) => [{ date, service: 'Amazon Elastic Compute Cloud - Compute', usd: 18.4 }, { date, service: 'Amazon Simple Storage Service', usd: 2.1 }, { date, service: 'AWS Lambda', usd: 0.3 }]));
}

/** What the administrators do on any day: the history that an investigation compares with. */
async function usualWork(aws: Aws, people: Actor[]): Promise<void> {
  for (const { keys } of people) {
    const clients = clientsFor(aws.endpoint, keys, { ...office, userAgent: 'aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/macos#24.5.0 md/arch#arm64 lang/python#3.13.4 md/command#ec2.describe-instances' });
    await Promise.all([clients.sts.send(new GetCallerIdentityCommand({})), clients.ec2.send(new DescribeInstancesCommand({})), clients.iam.send(new ListRolesCommand({})), clients.s3.send(new ListBucketsCommand({}))]);
    clients.close();
  }
}

async function makePeople(home: Clients, account: string): Promise<Pick<AwsWorld, 'ada' | 'dana' | 'breakGlass' | 'deployer'>> {
  const person = async (name: string, policies: string[], human: boolean): Promise<Actor> => {
    const arn = await makeUser(home, name, { policies, tags: { kind: human ? 'person' : 'machine' } });
    if (human) {
      await home.iam.send(new CreateLoginProfileCommand({ UserName: name, Password: `Long-enough-${name}-1` }));
      const { VirtualMFADevice } = await home.iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: name }));
      await home.iam.send(new EnableMFADeviceCommand({ UserName: name, SerialNumber: VirtualMFADevice!.SerialNumber, AuthenticationCode1: '123456', AuthenticationCode2: '654321' }));
    }
    return { name, arn, account, keys: await makeKey(home, name) };
  };
  const ada = await person('ada', [admin], true);
  const dana = await person('dana.ops', [admin], true);
  const breakGlass = await person('tourniquet-break-glass', [admin], false);
  const deployer = await person('ci-deployer', [], false);
  await home.iam.send(new PutUserPolicyCommand({ UserName: 'ci-deployer', PolicyName: 'deploy', PolicyDocument: JSON.stringify(deploy(`northwind-website-${account}`)) }));
  return { ada, dana, breakGlass, deployer };
}
