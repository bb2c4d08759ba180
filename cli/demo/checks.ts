import { compare, stateOf, snapshot, type Attack, type Difference, type State } from '../../sandbox/aws';
import type { House } from './house';
import { incidentsOf } from './live';
import { unexpected } from './untouched';

export interface Check {
  what: string;
  ok: boolean;
  seen: string;
}

/** The check list at the end: nothing in it believes Tourniquet’s own word. */
export async function checkAll(house: House, attack: Attack, before: State): Promise<Check[]> {
  const after = await snapshot(house.aws, house.world);
  const differences = compare(before, after);
  const evidence = await evidenceChecks(house);
  switch (attack.scenario) {
    case 'false-positive':
      return [untouched('nothing was touched', differences), ...(await closedAs(house, 'false-positive')), ...evidence];
    case 'wrong-person':
      return [untouched('everything that was there before is as it was, but for what undo must not bring back', unexpected(house, attack, differences)), ...undoneChecks(house, differences), ...(await closedAs(house, 'undone')), ...evidence];
    default:
      return [...(await shutInAws(house, attack, before, after)), ...(await closedAs(house, 'contained-and-recovered')), ...evidence];
  }
}

/** The attacker is out of AWS and nothing of his is left; `also`: paths that containment changes beside its own. */
export async function shutInAws(house: House, attack: Attack, before: State, after: State, also: readonly RegExp[] = []): Promise<Check[]> {
  const differences = unexpected(house, attack, compare(before, after)).filter((one) => !also.some((shape) => shape.test(one.path)));
  return [
    ...(await credentialsDead(house, attack)), ...plantedGone(attack, before, after), untouched('what was there before is untouched, but for containment, rotation and hardening', differences),
    ...loggingOn(house, after), ...(await breakGlassReturned(house)),
  ];
}

async function credentialsDead(house: House, attack: Attack): Promise<Check[]> {
  return Promise.all(attack.live.map(async (one) => {
    const state = await stateOf(house.aws.endpoint, one);
    return { what: `${one.what} can do nothing`, ok: state !== 'alive', seen: state };
  }));
}

/** Everything that appeared under the attacker’s names is gone; one line a kind. */
function plantedGone({ planted }: Attack, before: State, after: State): Check[] {
  const paths = Object.keys(after);
  const still = (names: readonly string[]): string[] => paths.filter((path) => !(path in before) && names.some((name) => path.endsWith(`/${name}`)));
  const text = JSON.stringify(after);
  const gone = (what: string, names: readonly string[], left: readonly string[]): Check[] =>
    names.length === 0 ? [] : [{ what: `${what} gone: ${names.join(', ')}`, ok: left.length === 0, seen: left.length === 0 ? 'gone' : `still there: ${left.join(', ')}` }];
  const keyIds = planted.accessKeys.map((key) => key.id);
  const instances = planted.instances.map((one) => one.id);
  const running = instances.filter((id) => paths.some((path) => path.endsWith(`/${id}`) && !/terminated|shutting-down/.test(JSON.stringify(after[path]))));
  return [
    ...gone('users', planted.users, still(planted.users)), ...gone('roles', planted.roles, still(planted.roles)),
    ...gone('access keys', keyIds, keyIds.filter((id) => text.includes(id))), ...gone('instances', instances, running),
    ...gone('security groups', planted.securityGroups.map((one) => one.id), still(planted.securityGroups.map((one) => one.id))),
    ...gone('buckets', planted.buckets, still(planted.buckets)), ...gone('functions', planted.functions.map((one) => one.name), still(planted.functions.map((one) => one.name))),
    ...gone('root keys', planted.rootKeys, planted.rootKeys.filter((id) => text.includes(id))),
    ...planted.exposedBuckets.map((bucket) => {
      const was = JSON.stringify(Object.entries(before).find(([path]) => path.endsWith(`/${bucket}`))?.[1]);
      const is = JSON.stringify(Object.entries(after).find(([path]) => path.endsWith(`/${bucket}`))?.[1]);
      return { what: `bucket ${bucket} is closed again`, ok: was === is || !/"Principal":("\*"|\{"AWS":"\*"\})/.test(is ?? ''), seen: was === is ? 'as before' : 'not public' };
    }),
    ...planted.policyVersions.map(({ arn, version }) => ({ what: `policy version ${version} of ${arn.split('/').pop()} gone`, ok: !Object.entries(after).some(([path, state]) => path.includes(arn.split('/').pop()!) && JSON.stringify(state).includes(`"${version}"`)), seen: '' })),
  ];
}

export const untouched = (what: string, differences: readonly Pick<Difference, 'change' | 'path'>[]): Check => ({
  what, ok: differences.length === 0, seen: differences.length === 0 ? 'compared, thing by thing' : differences.slice(0, 8).map((one) => `${one.change} ${one.path}`).join(', '),
});

function loggingOn(house: House, after: State): Check[] {
  const trails = Object.entries(after).filter(([path]) => path.includes('/cloudtrail/'));
  const on = trails.some(([path, state]) => path.endsWith(`/${house.world.names.trail}`) && /"(IsLogging|logging)":true/i.test(JSON.stringify(state)));
  return [{ what: 'the audit trail is logging', ok: on, seen: on ? house.world.names.trail : JSON.stringify(trails).slice(0, 300) }];
}

async function breakGlassReturned(house: House): Promise<Check[]> {
  const name = house.config.aws!.accounts.find((account) => account.emergencyCredential)!.emergencyCredential!;
  const { lock, currentVersion, liveVersions } = await house.vault.inspect(name);
  const incidents = await incidentsOf(house.client);
  const used = incidents.flatMap((one) => (one.status?.breakGlass ? [one.status.breakGlass] : []));
  if (used.length === 0) return [];
  const old = { what: 'the old emergency key', keys: house.world.breakGlass.keys, probe: (clients: { sts: { config: unknown } }) => Promise.resolve(clients) };
  const refused = await stateOf(house.aws.endpoint, old as never);
  return [
    { what: 'the emergency credential was returned', ok: (lock?.['state'] ?? 'free') === 'free', seen: String(lock?.['state'] ?? 'free') },
    { what: 'it was rotated: a new version is in the vault, the old one is destroyed', ok: currentVersion > 1 && liveVersions.length === 1 && liveVersions[0] === currentVersion, seen: `version ${currentVersion}, readable: ${liveVersions.join(', ')}` },
    { what: 'the old emergency key does not log in any more', ok: refused === 'dead', seen: refused },
    { what: 'the rotation was proven', ok: used.some((one) => one.proof?.oldRefused === true), seen: used.map((one) => one.outcome).join(', ') },
  ];
}

export async function closedAs(house: House, outcome: string): Promise<Check[]> {
  const incidents = await incidentsOf(house.client);
  return Promise.all(incidents.map(async (one) => {
    const result = one.running ? null : ((await house.client.workflow.getHandle(one.id).result()) as { outcome: string });
    const problems = one.status?.problems ?? [];
    return { what: `incident ${one.id} (${one.status?.principal.name ?? '?'}) is closed as ${outcome}`, ok: result?.outcome === outcome, seen: `${result?.outcome ?? 'still open'}${problems.length ? `; problems: ${problems.slice(0, 4).join(' | ')}` : ''}` };
  }));
}

export async function evidenceChecks(house: House): Promise<Check[]> {
  const cases = await house.evidence.cases();
  return Promise.all(cases.map(async (caseKey) => {
    const { ok, entries, sealed, sealHash, first } = await house.evidence.verify(caseKey);
    return { what: `evidence of ${caseKey} is whole and sealed`, ok: ok && sealed, seen: first ? first.text : `${entries} entries, seal ${sealHash?.slice(0, 12) ?? 'none'}` };
  }));
}

function undoneChecks(house: House, differences: readonly Difference[]): Check[] {
  const { name } = house.world.ada;
  const mine = differences.find((one) => one.path.endsWith(`/iam/user/${name}`));
  const denied = JSON.stringify(mine?.after ?? {}).includes('TourniquetDenyAll');
  return [{ what: `${name} is not denied any more`, ok: !denied, seen: denied ? 'TourniquetDenyAll is still there' : 'no deny' }];
}
