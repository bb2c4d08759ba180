import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { fail } from '../boundary';
import type { JsonObject } from '../../playbook/json';
import type { AzureContext } from './context';

/** Beyond so many pages a list is not read to its end, and says so. */
const MAX_PAGES = 200;

/**
 * One call of Resource Manager for what has no client library here, through the same pipeline (token, patience, private authority). `path` starts with `/`, its parts encoded.
 * Errors: as a RestError has them, so that the classifier reads both.
 */
export async function armJson(ctx: Pick<AzureContext, 'access'>, tenant: string, subscription: string, method: 'GET' | 'POST', path: string, version: string, body?: JsonObject): Promise<JsonObject> {
  const url = new URL(ctx.access.config.endpoints.arm.replace(/\/$/, '') + path);
  url.searchParams.set('api-version', version);
  return send(ctx, tenant, subscription, method, url.href, body);
}

/** Every page of a list. */
export async function armPages(ctx: Pick<AzureContext, 'access'>, tenant: string, subscription: string, path: string, version: string): Promise<JsonObject[]> {
  const items: JsonObject[] = [];
  const origin = new URL(ctx.access.config.endpoints.arm).origin;
  let page = await armJson(ctx, tenant, subscription, 'GET', path, version);
  for (let pages = 1; ; pages += 1) {
    items.push(...((page.value ?? []) as JsonObject[]));
    if (typeof page.nextLink !== 'string' || page.nextLink === '') return items;
    if (pages >= MAX_PAGES) throw fail('LIMIT_EXCEEDED', `${path} has more than ${MAX_PAGES} pages`);
    // The token goes where the link says: it must be the same service.
    if (new URL(page.nextLink).origin !== origin) throw fail('REJECTED_BY_CLOUD', 'a next link leads to another host');
    page = await send(ctx, tenant, subscription, 'GET', page.nextLink);
  }
}

async function send(ctx: Pick<AzureContext, 'access'>, tenant: string, subscription: string, method: 'GET' | 'POST', url: string, body?: JsonObject): Promise<JsonObject> {
  const headers = createHttpHeaders({ accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) });
  const answer = await ctx.access.arm(tenant, subscription).resources.sendRequest(createPipelineRequest({ url, method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }));
  const parsed = (answer.bodyAsText ? JSON.parse(answer.bodyAsText) : {}) as JsonObject;
  if (answer.status < 300) return parsed;
  const error = (parsed.error ?? {}) as JsonObject;
  throw Object.assign(new Error(String(error.message ?? `${method} answered ${answer.status}`)), { name: 'RestError', statusCode: answer.status, code: typeof error.code === 'string' ? error.code : undefined, headers: answer.headers });
}
