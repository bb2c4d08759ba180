import { Fault, type Answer, type Call, type Json } from '../protocol/types';
import type { Making } from '../graph/routes';
import type { Sim } from '../state/sim';
import { authorize } from './access';
import { recordActivity } from './activity';

export interface ArmRoute {
  /** RBAC action, as role definitions name it; checked at the scope. */
  action: string;
  /** Where it is checked; by default the resource itself, or what contains a list. */
  scope?(call: Call): string;
  handle(call: Call): Answer | Promise<Answer>;
  /** Reads and lists leave nothing in the Activity Log. */
  silent?: boolean;
}

/** Adds an ARM route: checks the role assignment, does it, and writes the Activity Log, good or refused. */
export function arm(making: Making, method: string, path: string, { action, scope, handle, silent }: ArmRoute): void {
  const { sim, router } = making;
  router.add({
    surface: 'arm', method, pattern: path, needs: [action],
    handle: async (call) => {
      if (!call.query.get('api-version')) throw new Fault(400, 'MissingApiVersionParameter', 'The api-version query parameter (?api-version=) is required for all requests.');
      const at = scope?.(call) ?? call.url.pathname.replace(/\/+$/, '');
      const logged = !silent && method !== 'GET' && !action.endsWith('/read');
      try {
        authorize(sim, call, [action], decodeURIComponent(at));
        const answer = await handle(call);
        if (logged) recordActivity(sim, call, action, decodeURIComponent(at), answer.status);
        return answer;
      } catch (error) {
        if (logged && error instanceof Fault) recordActivity(sim, call, action, decodeURIComponent(at), error.status, error.code);
        throw error;
      }
    },
  });
}

const PAGE = 100;

/** An ARM list with `nextLink`; `$top` where the operation has it. */
export function armList(call: Call, items: readonly object[], page = PAGE): Answer {
  const from = Number(call.query.get('$skiptoken') ?? 0);
  const size = Math.min(Number(call.query.get('$top') ?? page), call.pageLimit);
  const next = new URL(call.url);
  next.searchParams.set('$skiptoken', String(from + size));
  return { status: 200, body: { value: items.slice(from, from + size), ...(from + size < items.length && { nextLink: next.href }) } };
}

export interface Resource extends Json {
  id: string;
  name: string;
  type: string;
  location?: string;
  tags?: Record<string, string>;
  properties: Json;
}

/** Resources by id in lower case; the id keeps the case it was made with. */
export const resources = (sim: Sim) => sim.shelf<Resource>('arm');

export function resourceNotFound(id: string): Fault {
  const [, type, name, group] = [/providers\/(.+?)\/([^/]+)$/.exec(id), ...(/providers\/([^/]+\/[^/]+)\/([^/]+)/.exec(id)?.slice(1) ?? []), /resourceGroups\/([^/]+)/i.exec(id)?.[1]];
  return new Fault(404, 'ResourceNotFound', `The Resource '${String(type)}/${String(name)}' under resource group '${String(group)}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`);
}
