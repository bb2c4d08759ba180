import { isObject, listOf, type Json } from '../protocol/shapes';
import type { World } from '../world';
import type { Afters, Handler, Handlers } from './types';

/** Trusted access for IAM, which moto's list of services lacks. */
const trusted = (world: World): Set<string> => world.shelf('trusted-services', 'all', () => new Set<string>());
export const trustsIam = (world: World): boolean => trusted(world).has('iam.amazonaws.com');
const forIam = (apply: (services: Set<string>) => void): Handler => ({ call, world }) => {
  if (call.input.ServicePrincipal !== 'iam.amazonaws.com') return null;
  apply(trusted(world));
  return {};
};

export const organizations: Handlers = {
  EnableAWSServiceAccess: forIam((services) => void services.add('iam.amazonaws.com')),
  DisableAWSServiceAccess: forIam((services) => void services.delete('iam.amazonaws.com')),
  ListAWSServiceAccessForOrganization: async ({ ask, call, world }) => {
    const answer = await ask('ListAWSServiceAccessForOrganization', call.input);
    return { ...answer, EnabledServicePrincipals: [...listOf(answer.EnabledServicePrincipals), ...[...trusted(world)].map((ServicePrincipal) => ({ ServicePrincipal, DateEnabled: new Date(world.now()) }))] };
  },
};

/** What follows from moto's answers, for service control policies and for the role that a new account begins with. */
export const organizationsAfter: Afters = {
  CreateOrganization: async ({ ask, world }) => {
    const root = listOf((await ask('ListRoots', {})).Roots).find(isObject);
    world.estate.organization.root = root ? String(root.Id) : null;
  },
  CreateAccount: async ({ world, caller, call }, output) => {
    const account = String((output.CreateAccountStatus as Json).AccountId);
    const { organization } = world.estate;
    if (organization.root) organization.parents.set(account, organization.root);
    const name = typeof call.input.RoleName === 'string' ? call.input.RoleName : 'OrganizationAccountAccessRole';
    // AWS gives this role AdministratorAccess; moto leaves it bare.
    const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
    await world.upstream.ask('iam', 'AttachRolePolicy', { RoleName: name, PolicyArn: admin }, account);
    const { Role } = await world.upstream.ask('iam', 'GetRole', { RoleName: name }, account);
    const role = Role as Json;
    const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${caller.account}:root` }, Action: 'sts:AssumeRole' }] };
    world.estate.account(account).roles.set(name, { name, path: '/', arn: String(role.Arn), id: String(role.RoleId), inline: new Map(), attached: new Set([admin]), boundary: null, createdAt: world.now(), trust });
  },
};
