import { ListUsersCommand } from '@aws-sdk/client-iam';
import { clientsFor } from '../clients';
import type { Aws } from '../start';
import type { AwsWorld } from '../world';
import { torFinding } from './finding';
import { keepSession, lookAround, openTrust, plantRole, plantSecondKey, plantUser, stolen, widenPolicy } from './identities';
import { blindGuardDuty, exfiltrate, mine, openGroup, plantFunction, stopLogging } from './resources';
import { during, hostile, patiently } from './tools';
import { nothing, type Attack, type Live } from './types';

/** An administrator's key in a stranger's hands: every row of tables 1.1 and 1.3, and a last act under a planted identity when the trail is already off. */
export async function stolenAdminKey(aws: Aws, world: AwsWorld): Promise<Attack> {
  const { dana, production, regions, names } = world;
  const [home, second] = [regions[0]!, regions[1] ?? regions[0]!];
  const as = clientsFor(aws.endpoint, dana.keys, { ...hostile, region: home });
  const planted = nothing();
  const live: Live[] = [stolen(dana.keys, dana.name)];
  const startedAt = new Date().toISOString();
  const { value: finding, events } = await during(aws, async () => {
    await lookAround(as);
    const seen = await torFinding(aws, dana, home);
    const backdoor = await plantUser(as, planted);
    live.push(backdoor, await plantRole(aws, as, production.account, planted), await openTrust(as, world, planted), await plantSecondKey(as, world, planted), await keepSession(as, dana.name));
    await widenPolicy(as, world, planted);
    await openGroup(as, home, names.webGroup, planted);
    await mine(as, home, 2, planted);
    await exfiltrate(as, world, planted);
    await plantFunction(as, production.account, home, planted);
    await blindGuardDuty(as, home, planted);
    await stopLogging(as, home, names.trail, planted);
    // From here on EventBridge sees nothing; the event history does.
    const pivot = clientsFor(aws.endpoint, backdoor.keys, { ...hostile, region: second });
    await patiently('the planted key', () => pivot.iam.send(new ListUsersCommand({})));
    await mine(pivot, second, 3, planted);
    pivot.close();
    // What five such instances cost in a day; the real bill would show it some hours later.
    const date = new Date().toISOString().slice(0, 10);
    aws.addCosts(production.account, [{ date, service: 'Amazon Elastic Compute Cloud - Compute', usd: 1468.8 }]);
    aws.addAnomaly(production.account, { service: 'Amazon Elastic Compute Cloud - Compute', region: home, date, expectedUsd: 18.4, actualUsd: 1468.8 });
    return seen;
  });
  as.close();
  return { scenario: 'stolen-admin-key', account: production.account, principal: dana.arn, ...hostile, startedAt, events: events.filter((one) => one.account === production.account), finding, planted, live };
}
