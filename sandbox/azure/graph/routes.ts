import type { Router } from '../protocol/router';
import type { Answer, Call } from '../protocol/types';
import type { Sim } from '../state/sim';

export interface Making {
  sim: Sim;
  router: Router;
}

/** Adds a Graph v1.0 route. `needs`: the application permissions of its reference page, least first; one is enough. */
export function graph({ router }: Making, method: string, path: string, needs: readonly string[], handle: (call: Call) => Answer | Promise<Answer>): void {
  router.add({ surface: 'graph', method, pattern: `/v1.0${path}`, needs, handle });
}
