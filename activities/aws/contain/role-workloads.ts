import { paginateListInstanceProfilesForRole } from '@aws-sdk/client-iam';
import { paginateListFunctions } from '@aws-sdk/client-lambda';
import { classifyAws } from '../errors';
import type { AwsContext } from '../context';
import { all } from '../eradicate/support';
import { trustedServices, type RoleRead } from '../iam-read';

/** What of the account's own work runs under a role. */
export type RoleWorkloads = { services: string[]; instanceProfiles: string[]; functions: string[]; unread: string[] };

/** Reads instance profiles and functions, but only when an AWS service may assume the role at all. What cannot be read is said, and does not stop containment. */
export async function roleWorkloads(ctx: AwsContext, account: string, role: RoleRead): Promise<RoleWorkloads> {
  const services = trustedServices(role.trust);
  const found: RoleWorkloads = { services, instanceProfiles: [], functions: [], unread: [] };
  if (services.length === 0) return found;
  const read = async (what: string, items: Promise<string[]>, into: string[]): Promise<void> => {
    try {
      into.push(...(await items));
    } catch (error) {
      found.unread.push(`${what}: ${classifyAws(error)?.type ?? 'UNEXPECTED'}`);
    }
  };
  const { iam } = ctx.access.clients(account);
  await Promise.all([
    read('instance profiles', all(paginateListInstanceProfilesForRole({ client: iam }, { RoleName: role.name }), (page) => page.InstanceProfiles?.map((one) => one.InstanceProfileName ?? '')), found.instanceProfiles),
    ...ctx.access.regions(account).map((region) => {
      const { lambda } = ctx.access.clients(account, region);
      const functions = all(paginateListFunctions({ client: lambda }, {}), (page) => page.Functions?.filter((one) => one.Role === role.arn).map((one) => one.FunctionArn ?? ''));
      return read(`functions in ${region}`, functions, found.functions);
    }),
  ]);
  for (const list of [found.instanceProfiles, found.functions, found.unread]) list.sort();
  return found;
}

/** The lines that a person needs before saying yes; empty when nothing of the account's own runs under the role. */
export function describeWorkloads({ services, instanceProfiles, functions, unread }: RoleWorkloads): string[] {
  if (services.length === 0) return [];
  const list = (label: string, names: string[]) => (names.length > 0 ? [`  ${label}: ${names.join(', ')}`] : []);
  return [
    `  workloads may run under it (${services.join(', ')}): they lose access until they fetch new credentials`,
    ...list('instance profiles', instanceProfiles), ...list('functions', functions), ...list('could not be read', unread),
  ];
}
