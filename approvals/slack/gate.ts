import type { AnyMiddlewareArgs, BufferedIncomingMessage, Middleware } from '@slack/bolt';

/** Slack's own rule is five minutes back (Bolt checks that); a stamp from the future is never right. */
const MAX_AGE_MS = 5 * 60_000;
const MAX_AHEAD_MS = 60_000;

/** Authentic requests seen lately. Replicas that share one refuse a replay together; votes are counted once in any case. */
export interface Nonces {
  /** True the first time, false when it was seen before; may be forgotten after `untilMs`. */
  first(nonce: string, untilMs: number): boolean | Promise<boolean>;
}

export function memoryNonces(now: () => number = Date.now): Nonces {
  const seen = new Map<string, number>();
  return {
    first(nonce, untilMs) {
      for (const [old, until] of seen) {
        if (until > now()) break;
        seen.delete(old);
      }
      if (seen.has(nonce)) return false;
      seen.set(nonce, untilMs);
      return true;
    },
  };
}

/** A request that is not what it claims: answered 401, before anything looks at its content. */
export class NotAuthentic extends Error {
  readonly code = 'tourniquet_not_authentic';
}

/** What Bolt's receiver hands on of a request whose signature it has verified. */
export function stampOf(request: BufferedIncomingMessage): { slackSignature: unknown; slackTimestamp: unknown } {
  return { slackSignature: request.headers['x-slack-signature'], slackTimestamp: request.headers['x-slack-request-timestamp'] };
}

/**
 * Freshness both ways, and once. Bolt has verified the HMAC over the raw body, and refused what is older than five minutes;
 * it lets a future stamp, a decorated signature header and an identical request through, which this does not.
 */
export function createGate(nonces: Nonces = memoryNonces(), now: () => number = Date.now): Middleware<AnyMiddlewareArgs> {
  return async ({ context, next }) => {
    const { slackSignature: signature, slackTimestamp: timestamp } = context;
    if (typeof signature !== 'string' || !/^v0=[0-9a-f]{64}$/.test(signature)) throw new NotAuthentic('malformed signature header');
    if (typeof timestamp !== 'string' || !/^\d{9,11}$/.test(timestamp)) throw new NotAuthentic('malformed timestamp header');
    const at = Number(timestamp) * 1000;
    if (at < now() - MAX_AGE_MS || at > now() + MAX_AHEAD_MS) throw new NotAuthentic('stale, or stamped in the future');
    if (!(await nonces.first(signature, at + MAX_AGE_MS + MAX_AHEAD_MS))) throw new NotAuthentic('seen before');
    await next();
  };
}
