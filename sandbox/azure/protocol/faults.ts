import { Fault, type Surface } from './types';

export interface Trouble {
  surface?: Surface;
  method?: string;
  /** Matched against the path, without query. */
  path?: RegExp;
  status: number;
  /** Error code in the body; by default what the service says with that status. */
  code?: string;
  /** Seconds. */
  retryAfter?: number;
  /** How many answers go wrong; without it, all until `clear`. */
  times?: number;
}

const codes: Record<number, [graph: string, arm: string]> = {
  429: ['TooManyRequests', 'TooManyRequests'], 503: ['serviceNotAvailable', 'ServerBusy'], 500: ['generalException', 'InternalServerError'], 403: ['Authorization_RequestDenied', 'AuthorizationFailed'], 401: ['InvalidAuthenticationToken', 'ExpiredAuthenticationToken'],
};

/** What goes wrong on purpose. */
export class Faults {
  private troubles: Trouble[] = [];

  add(trouble: Trouble): void {
    this.troubles.push({ ...trouble });
  }

  clear(): void {
    this.troubles = [];
  }

  /** Throws when something is to go wrong with this request. */
  meet(surface: Surface, method: string, path: string): void {
    for (const trouble of this.troubles) {
      if ((trouble.surface ?? surface) !== surface || (trouble.method ?? method) !== method || !(trouble.path ?? /^/).test(path)) continue;
      if (trouble.times !== undefined && trouble.times-- <= 0) continue;
      const code = trouble.code ?? codes[trouble.status]?.[surface === 'arm' ? 1 : 0] ?? 'generalException';
      throw new Fault(trouble.status, code, trouble.status === 429 ? 'Too many requests' : 'Switched on in the sandbox', trouble.retryAfter === undefined ? {} : { 'Retry-After': String(trouble.retryAfter) });
    }
  }
}
