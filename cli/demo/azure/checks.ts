import { compare, stateOf, type AzureAttack, type State } from '../../../sandbox/azure';
import { closedAs, evidenceChecks, untouched, type Check } from '../checks';
import type { House } from '../house';
import { incidentsOf } from '../live';
import { AZURE_EMERGENCY } from './house';
import { unexpectedInAzure } from './untouched';

type Json = Record<string, unknown>;

/** The check list at the end, asked of the tenant, the vault and the evidence store themselves. */
export async function checkAzure(house: House, attack: AzureAttack, before: State): Promise<Check[]> {
  return [...(await shutInAzure(house, attack, before)), ...(await closedAs(house, 'contained-and-recovered')), ...(await evidenceChecks(house))];
}

/** The attacker is out of Entra and Azure and nothing of his is left. */
export async function shutInAzure(house: House, attack: AzureAttack, before: State): Promise<Check[]> {
  const { azure } = house.azure!;
  const after = azure.snapshot();
  return [
    ...(await Promise.all(attack.live.map(async (one) => {
      const state = await stateOf(azure, one);
      return { what: `${one.what} can do nothing`, ok: state !== 'alive', seen: state };
    }))),
    ...plantedGone(attack, after),
    untouched('what was there before is untouched, but for containment, rotation and hardening', unexpectedInAzure(house, attack, compare(before, after))),
    loggingOn(after, azure.world.estate.diagnostics),
    ...(await emergencyReturned(house)),
  ];
}

function plantedGone({ planted }: AzureAttack, after: State): Check[] {
  const paths = Object.keys(after).map((path) => path.toLowerCase());
  // Not in the whole text: the report to Microsoft tells of what the attacker made.
  const within = (places: RegExp, name: string): boolean => Object.entries(after).some(([path, value]) => places.test(path) && JSON.stringify(value).includes(name));
  const there = (id: string): boolean => paths.some((path) => path === id.toLowerCase() || path.endsWith(`/${id.toLowerCase()}`));
  const gone = (what: string, names: readonly { name: string; left: boolean }[]): Check[] => {
    const left = names.filter((one) => one.left).map((one) => one.name);
    return names.length === 0 ? [] : [{ what: `${what} gone: ${names.map((one) => one.name).join(', ')}`, ok: left.length === 0, seen: left.length === 0 ? 'gone' : `still there: ${left.join(', ')}` }];
  };
  return [
    ...gone('users', planted.users.map(({ id, upn }) => ({ name: upn, left: there(id) }))),
    ...gone('applications', planted.applications.map(({ id, name, servicePrincipalId }) => ({ name, left: there(id) || there(servicePrincipalId) }))),
    ...gone('secrets', planted.secrets.map(({ keyId }) => ({ name: keyId, left: within(/^\/(applications|servicePrincipals)\//, keyId) }))),
    ...gone('federated credentials', planted.federatedCredentials.map(({ id }) => ({ name: id, left: there(id) }))),
    ...gone('sign-in methods', planted.methods.map(({ id }) => ({ name: id, left: there(id) }))),
    ...gone('network rules', planted.rules.map((name) => ({ name, left: within(/networkSecurityGroups/i, name) }))),
    ...gone('machines', planted.machines.map((id) => ({ name: id.split('/').pop()!, left: there(id) }))),
    ...planted.containers.map((id) => {
      const { publicAccess } = ((after[id.toLowerCase()] as Json)['properties'] ?? {}) as Json;
      return { what: `container ${id.split('/').pop()} is closed again`, ok: publicAccess === 'None', seen: String(publicAccess) };
    }),
  ];
}

function loggingOn(after: State, diagnostics: string): Check {
  const logs = (((after[diagnostics.toLowerCase()] as Json | undefined)?.['properties'] as Json | undefined)?.['logs'] ?? []) as { category?: string; enabled?: boolean }[];
  const on = logs.some((log) => log.category === 'Administrative' && log.enabled);
  return { what: 'the Activity Log is exported', ok: on, seen: on ? diagnostics.split('/').pop()! : 'no setting keeps it' };
}

async function emergencyReturned(house: House): Promise<Check[]> {
  const { azure } = house.azure!;
  const used = (await incidentsOf(house.client)).flatMap((one) => (one.status?.breakGlass ? [one.status.breakGlass] : []));
  if (used.length === 0) return [];
  const { lock, currentVersion, liveVersions } = await house.vault.inspect(AZURE_EMERGENCY);
  const { appId, secret } = azure.world.breakGlass;
  const old = await stateOf(azure, { what: 'the old secret', credential: { kind: 'secret', appId, secret }, probe: { on: 'graph', method: 'GET', path: '/users' } });
  return [
    { what: 'the emergency credential was returned', ok: (lock?.['state'] ?? 'free') === 'free', seen: String(lock?.['state'] ?? 'free') },
    { what: 'it was rotated: a new version is in the vault, the old one is destroyed', ok: currentVersion > 1 && liveVersions.length === 1 && liveVersions[0] === currentVersion, seen: `version ${currentVersion}, readable: ${liveVersions.join(', ')}` },
    { what: 'the old emergency secret does not log in any more', ok: old === 'dead', seen: old },
    { what: 'the rotation was proven', ok: used.some((one) => one.proof?.oldRefused === true), seen: used.map((one) => one.outcome).join(', ') },
  ];
}
