import type { GrantableRole } from '../../activities/jit/case';
import type { Entitlement } from '../../playbook/jit/model';
import type { Config } from './schema';

type Place = Config['jit']['roles'][number]['in'][number];

/** Where a role can be asked for: its name and id for people, and what the provider is asked for. */
interface Where {
  name: string;
  id: string;
  entitlement: Entitlement;
}

/** Every role in every account where it can be asked for. */
export function grantableRoles(config: Config): GrantableRole[] {
  return config.jit.roles.flatMap((role) =>
    role.in.map((place) => {
      const { name, id, entitlement } = whereOf(config, place)!;
      return { name: role.name, who: role.who, tier: role.tier, maxMs: role.max, accountName: name, accountId: id, entitlement };
    }),
  );
}

/** Undefined for an account, tenant or subscription that is not configured. */
function whereOf(config: Config, place: Place): Where | undefined {
  const is = (one: { id: string; name: string }): boolean => one.id === place.account || one.name === place.account;
  switch (place.kind) {
    case 'aws-identity-center':
    case 'aws-role': {
      const account = config.aws?.accounts.find(is);
      if (!account) return undefined;
      const given = place.kind === 'aws-role' ? { kind: place.kind, policyArns: place.policies, requireMfa: place.requireMfa } : { kind: place.kind, permissionSetArn: place.permissionSet };
      return { name: account.name, id: account.id, entitlement: { account: account.id, ...given } };
    }
    case 'entra-role': {
      const tenant = config.azure?.tenants.find(is);
      return tenant && { name: tenant.name, id: tenant.id, entitlement: { kind: place.kind, account: tenant.id, roleDefinitionId: place.roleDefinitionId, roleName: place.role, directoryScopeId: place.scope } };
    }
    case 'azure-role': {
      const tenant = config.azure?.tenants.find((one) => one.subscriptions.some(is));
      const subscription = tenant?.subscriptions.find(is);
      if (!tenant || !subscription) return undefined;
      const [within, scope] = place.resourceGroup ? [`/${place.resourceGroup}`, `/resourceGroups/${place.resourceGroup}`] : ['', ''];
      return {
        name: `${subscription.name}${within}`, id: `${subscription.id}${within}`,
        entitlement: { kind: place.kind, account: tenant.id, scope: `/subscriptions/${subscription.id}${scope}`, roleDefinitionId: place.roleDefinitionId, roleName: place.role },
      };
    }
  }
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
      const where = whereOf(config, place);
      const path = ['jit', 'roles', index, 'in', at, 'account'];
      // People ask by name: two places of one name could not be told apart.
      const keys = where ? [where.name, where.id].map((one) => `${role.name}/${one}`) : [];
      if (!where) yield { path, message: `no ${WORDS[place.kind]} ${place.account} in ${LISTS[place.kind]}` };
      else if (keys.some((key) => seen.has(key))) yield { path, message: `${role.name} is there twice in ${place.account}` };
      else for (const key of keys) seen.add(key);
      if (place.kind === 'aws-identity-center' && !config.aws?.accounts.some((one) => one.management)) yield { path, message: 'Identity Center is reached through the management account, and none is configured' };
    }
  }
}

const WORDS: Record<Place['kind'], string> = { 'aws-identity-center': 'account', 'aws-role': 'account', 'entra-role': 'tenant', 'azure-role': 'subscription' };
const LISTS: Record<Place['kind'], string> = { 'aws-identity-center': 'aws.accounts', 'aws-role': 'aws.accounts', 'entra-role': 'azure.tenants', 'azure-role': 'azure.tenants[].subscriptions' };
