import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { fail } from '../boundary';
import { claimsOf, PATIENCE_S } from './graph';
import type { Tokens } from './tokens';

/** Puts our token on every ARM request; one that is refused is renewed once and the request repeated. */
export function armBearer(audience: string, tokens: Tokens): PipelinePolicy {
  return {
    name: 'tourniquetBearer',
    async sendRequest(request, next) {
      request.headers.set('Authorization', `Bearer ${await tokens.get(audience)}`);
      const response = await next(request);
      if (response.status !== 401) return response;
      request.headers.set('Authorization', `Bearer ${await tokens.get(audience, { fresh: true, claims: claimsOf(response.headers.get('www-authenticate') ?? null) })}`);
      return next(request);
    },
  };
}

/** A wait longer than an activity should sit through becomes THROTTLED with that wait: Temporal keeps it instead. */
export const shortWaitsOnly: PipelinePolicy = {
  name: 'tourniquetShortWaits',
  async sendRequest(request, next) {
    const response = await next(request);
    if (response.status !== 429 && response.status !== 503) return response;
    const wait = response.headers.get('retry-after') ?? '';
    const seconds = /^\d+$/.test(wait) ? Number(wait) : Math.round((Date.parse(wait) - Date.now()) / 1000);
    if (seconds > PATIENCE_S) throw fail('THROTTLED', `Azure asks for ${seconds} s of patience`, { retryAfterMs: seconds * 1000 });
    return response;
  },
};

/** A refusal with the words of Resource Manager, which name the action: the clients' lists put “Pagination failed” in their place. */
export const refusalInFull: PipelinePolicy = {
  name: 'tourniquetRefusals',
  async sendRequest(request, next) {
    const response = await next(request);
    if (response.status !== 403) return response;
    const { code = 'AuthorizationFailed', message = 'refused' } = errorIn(response.bodyAsText ?? '');
    // As the clients' own error, so that the classifier reads the code.
    throw Object.assign(new Error(message.slice(0, 600)), { name: 'RestError', statusCode: 403, code });
  },
};

function errorIn(body: string): { code?: string; message?: string } {
  try {
    return ((JSON.parse(body) as { error?: object } | null)?.error ?? {}) as { code?: string; message?: string };
  } catch {
    return {};
  }
}
