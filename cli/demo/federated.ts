import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { enterFederated, federate, isAssigned, snapshot, stateOf, type Federated } from '../../sandbox/aws';
import { attack as attackAzure } from '../../sandbox/azure';
import type { ChainedEntry } from '../../playbook/model/evidence';
import type { Target } from '../../playbook/model/plan';
import { shutInAzure } from './azure/checks';
import { deliverAzure } from './azure/deliver';
import { closedAs, evidenceChecks, shutInAws, type Check } from './checks';
import { deliverAws, type Played } from './deliver';
import type { House } from './house';
import { incidentsOf } from './live';
import { EVE_USER } from './people';

const clouds = ['aws', 'azure'] as const;

/** One person, two clouds: the stolen sign-in at Entra acts in her subscription, and through Identity Center in AWS. */
export async function playFederated(house: House, say: (line: string) => void): Promise<Played> {
  const { azure } = house.azure!;
  const person = await federate(house.aws, house.world, EVE_USER);
  const [awsBefore, azureBefore] = [await snapshot(house.aws, house.world), azure.snapshot()];
  const inAzure = await attackAzure(azure, 'logging-dark');
  const inAws = await enterFederated(house.aws, house.world, person);
  return {
    events: [...inAzure.events, ...inAws.events], sourceIp: inAzure.sourceIp,
    deliver: async () => {
      const stops = [await deliverAzure(house, inAzure, say), await deliverAws(house, inAws, say)];
      return () => stops.forEach((stop) => stop());
    },
    check: async () => [
      ...named('Azure', await shutInAzure(house, inAzure, azureBefore)),
      ...named('AWS', [...(await shutInAws(house, inAws, awsBefore, await snapshot(house.aws, house.world), [new RegExp(`AWSReservedSSO_${person.permissionSet}_`)])), ...(await identityCenter(house, person))]),
      ...(await oneTimeline(house)), ...(await closedAs(house, 'contained-and-recovered')), ...(await evidenceChecks(house)),
    ],
  };
}

const named = (cloud: string, checks: readonly Check[]): Check[] => checks.map((check) => ({ ...check, what: `${cloud}: ${check.what}` }));

async function identityCenter({ aws, world }: House, person: Federated): Promise<Check[]> {
  const { instanceArn, account } = world.identityCenter;
  const back = await aws.signIn({ instance: instanceArn, account, permissionSet: person.permissionSetArn, userId: person.userId, userName: person.userName }).then(() => 'signed in again', () => 'refused');
  const colleague = await stateOf(aws.endpoint, { what: 'the colleague', keys: person.colleague, probe: (clients) => clients.sts.send(new GetCallerIdentityCommand({})) });
  return [
    { what: `${person.userName} has no assignment any more and cannot sign in`, ok: back === 'refused' && !(await isAssigned(aws, world, person)), seen: back },
    { what: 'a colleague’s session in the same permission set works on', ok: colleague === 'alive', seen: colleague },
  ];
}

/** Both clouds in one record, in the playbook’s order: each is shut before anything is removed in either. */
async function oneTimeline(house: House): Promise<Check[]> {
  const incidents = await incidentsOf(house.client);
  const cases = await house.evidence.cases();
  const chain = (await Promise.all(cases.map((one) => house.evidence.readChain(one)))).flat();
  const actions = chain.filter((entry) => entry.kind === 'action' && cloudOf(entry) !== null);
  const removed = actions.findIndex((entry) => entry.text.startsWith('3.'));
  const sides = (entries: readonly ChainedEntry[]): string[] => clouds.filter((cloud) => entries.some((entry) => cloudOf(entry) === cloud));
  const shut = actions.slice(0, removed === -1 ? actions.length : removed).filter((entry) => entry.text.startsWith('2.1.'));
  return [
    { what: 'it is one incident, one case and one record', ok: incidents.length === 1 && cases.length === 1, seen: `${incidents.length} incidents, ${cases.length} cases` },
    { what: 'both clouds were shut before anything was removed', ok: removed !== -1 && sides(shut).length === 2, seen: `${shut.length} steps of containment in ${sides(shut).join(' and ')}` },
    { what: 'what the attacker left was removed in both', ok: sides(actions.filter((entry) => entry.text.startsWith('3.'))).length === 2, seen: sides(actions.filter((entry) => entry.text.startsWith('3.'))).join(' and ') },
  ];
}

const cloudOf = ({ data }: ChainedEntry): string | null => (data.target as unknown as Target | undefined)?.provider ?? null;
