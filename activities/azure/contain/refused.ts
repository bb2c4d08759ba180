import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../../../playbook/model/plan';
import { codeOf, fail, toFailure } from '../../boundary';
import type { AzureContext } from '../context';
import { rolesOf, type DirectoryKind } from '../directory';
import { classifyAzure } from '../errors';

/** Names of the directory roles that a person has now: in the plan, so that whoever reads it knows whom it is about. */
export async function roleNames(ctx: AzureContext, { account, id }: Pick<Target, 'account' | 'id'>): Promise<string[]> {
  return [...new Set((await rolesOf(ctx.access.graph(account), 'user', id)).map((role) => role.roleName))].sort();
}

/** How long the roles of an administrator, which are taken away at the same time, may take to be gone. */
const PATIENCE_MS = 15_000;
const STEP_MS = 1_000;

interface Refusable {
  tenant: string;
  kind: DirectoryKind;
  id: string;
  name: string;
  /** The application permission that the call needs. */
  permission: string;
}

/**
 * Graph answers a missing permission and an administrator as target alike (403 Authorization_RequestDenied): an app without a higher directory role may not touch one
 * (Graph: user resource, “Who can perform sensitive actions”). While the target still has roles, they may be going in this very row: the call is tried again until they
 * are gone. What stays refused is ROLE_TOO_LOW when the permission is there, else ACCESS_DENIED with the permission’s name.
 */
export async function onAdministrator<T>(ctx: AzureContext, target: Refusable, call: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  const graph = ctx.access.graph(target.tenant);
  for (const end = Date.now() + patienceMs; ;) {
    try {
      return await call();
    } catch (error) {
      const failure = toFailure(error, classifyAzure);
      if (codeOf(failure) !== 'ACCESS_DENIED') throw error;
      const granted = await graph.roles();
      if (granted.length > 0 && !granted.includes(target.permission)) throw fail('ACCESS_DENIED', `the application lacks ${target.permission} (${failure.message})`);
      const roles = (await rolesOf(graph, target.kind, target.id)).filter((role) => role.how === 'active');
      if (roles.length === 0 || Date.now() + STEP_MS > end) throw roles.length === 0 ? error : tooLow(target, roles.map((role) => role.roleName));
      await sleep(STEP_MS);
    }
  }
}

const tooLow = (target: Refusable, roles: string[]) =>
  fail('ROLE_TOO_LOW', `${target.name} is ${[...new Set(roles)].join(', ')}: the application has ${target.permission} and no directory role above that, so Graph refuses it (403 Authorization_RequestDenied)`);
