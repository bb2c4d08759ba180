import { digestOf } from './digest';
import type { Alert } from './model/alert';
import type { Principal } from './model/principal';

/** What the vault told of a wrapping that was not ours any more: no secret, nothing that opens anything. */
export interface StolenWrapping {
  /** The token's accessor, as the vault's audit log names it. */
  accessor: string;
  /** The path that was asked for. */
  path: string;
  /** The path that the token was made from, where the vault still knew it. */
  madeFrom: string | null;
  /** ISO. */
  at: string;
}

/** As the failure of the activity carries it; null when it is not of that shape. */
export function stolenWrappingOf(detail: unknown): StolenWrapping | null {
  const { accessor, path, madeFrom, at } = (typeof detail === 'object' && detail !== null ? detail : {}) as Record<string, unknown>;
  if (typeof accessor !== 'string' || typeof path !== 'string' || typeof at !== 'string' || Number.isNaN(Date.parse(at))) return null;
  return { accessor: accessor.slice(0, 200), path: path.slice(0, 200), madeFrom: typeof madeFrom === 'string' ? madeFrom.slice(0, 200) : null, at };
}

/** A stolen credential is an incident of whoever it signs in as (break-glass sequence; openbao.org/docs/concepts/response-wrapping). One alert for each request. */
export function stolenAlert(request: { id: string; what: string; requester: string }, principal: Principal, stolen: StolenWrapping): Alert {
  return {
    id: `alr-${digestOf(['tourniquet', request.id, 'stolen-wrapping']).slice(0, 24)}`, source: 'tourniquet', provider: principal.provider, account: principal.account, region: null, time: stolen.at, receivedAt: stolen.at,
    event: 'Break-glass credential opened by somebody else', service: 'vault', outcome: 'success', errorCode: null, dryRun: false, principal, session: null, sourceIp: null, userAgent: null, channel: 'unknown', target: null, addresses: [],
    facts: { severity: 9.5, title: `${request.what}: the wrapped credential was opened by somebody else`, techniques: ['T1552', 'T1078.004'], breakGlass: request.id, requester: request.requester, accessor: stolen.accessor, path: stolen.path, madeFrom: stolen.madeFrom },
    raw: null,
  };
}
