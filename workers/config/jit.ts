import type { GrantableRole } from '../../activities/jit/case';
import type { Entitlement } from '../../playbook/jit/model';
import type { Config } from './schema';

type Place = Config['jit']['roles'][number]['in'][number];

/** Every role in every account where it can be asked for. */
export function grantableRoles(config: Config): GrantableRole[] {
  return config.jit.roles.flatMap((role) =>
    role.in.map((place) => {
      const account = accountOf(config, place)!;
      return { name: role.name, who: role.who, tier: role.tier, maxMs: role.max, accountName: account.name, entitlement: entitlementOf(place, account.id) };
    }),
  );
}

function entitlementOf(place: Place, account: string): Entitlement {
  if (place.kind === 'aws-identity-center') return { kind: place.kind, account, permissionSetArn: place.permissionSet };
  return { kind: place.kind, account, policyArns: place.policies, requireMfa: place.requireMfa };
}

function accountOf(config: Config, place: Place): { id: string; name: string } | undefined {
  return config.aws?.accounts.find((account) => account.id === place.account || account.name === place.account);
}

/** What the schema alone cannot see: accounts, people and names that exist. */
export function* jitProblems(config: Config): Generator<{ path: (string | number)[]; message: string }> {
  const ids = new Set(config.people.map((one) => one.id));
  const roles = new Set(config.people.flatMap((one) => one.roles));
  const seen = new Set<string>();
  for (const [index, role] of config.jit.roles.entries()) {
    for (const [at, who] of role.who.entries()) {
      if (!(who.startsWith('role:') ? roles.has(who.slice(5)) : ids.has(who))) yield { path: ['jit', 'roles', index, 'who', at], message: `nobody is ${who}` };
    }
    for (const [at, place] of role.in.entries()) {
      const account = accountOf(config, place);
      const path = ['jit', 'roles', index, 'in', at, 'account'];
      if (!account) yield { path, message: `no account ${place.account} in aws.accounts` };
      else if (seen.has(`${role.name}/${account.id}`)) yield { path, message: `${role.name} is there twice in ${place.account}` };
      else seen.add(`${role.name}/${account.id}`);
      if (place.kind === 'aws-identity-center' && !config.aws?.accounts.some((one) => one.management)) yield { path, message: 'Identity Center is reached through the management account, and none is configured' };
    }
  }
}
