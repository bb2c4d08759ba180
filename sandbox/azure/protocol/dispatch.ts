import { blobAnswer } from '../blob';
import { authorizeGraph } from '../graph/permissions';
import { tokenEndpoint, type Urls } from '../login/endpoint';
import { callerOf, withRequest } from '../login/tokens';
import type { Sim } from '../state/sim';
import { faultAnswer } from './errors';
import type { Raw } from './listen';
import type { Router } from './router';
import { Fault, type Answer, type Call } from './types';

/** Carries one request through: trouble that is switched on, who calls, which route, may they, and the error’s body. */
export function dispatcher(sim: Sim, router: Router, urls: () => Urls): (raw: Raw) => Promise<Answer> {
  return async (raw) => {
    try {
      return await answer(raw);
    } catch (error) {
      if (error instanceof Fault) return faultAnswer(raw.surface, error, new Date(sim.now()));
      return faultAnswer(raw.surface, new Fault(500, 'generalException', (error as Error).stack ?? String(error)), new Date(sim.now()));
    }
  };

  async function answer(raw: Raw): Promise<Answer> {
    const path = raw.surface === 'graph' ? keysAsSegments(raw.url.pathname) : raw.url.pathname.replace(/%2F/gi, '/');
    sim.pim.settle();
    sim.faults.meet(raw.surface, raw.method, path);
    const ip = header(raw, 'x-sandbox-source-ip') || '203.0.113.5';
    const nobody = withRequest({ kind: 'app', id: '', appId: '', name: '', roles: [] }, ip, header(raw, 'user-agent'));
    const call: Call = { ...raw, query: raw.url.searchParams, params: {}, caller: nobody, pageLimit: sim.pageLimit };
    if (raw.surface === 'login') return login(call, path);
    call.caller = withRequest(callerOf(sim, raw.surface === 'blob' ? 'storage' : raw.surface, header(raw, 'authorization')), ip, header(raw, 'user-agent'));
    if (raw.surface === 'blob') return blobAnswer(sim, call);
    const found = router.find(raw.surface, raw.method, path);
    if (found === 'no-path') throw raw.surface === 'arm' ? new Fault(404, 'InvalidResourceType', `The sandbox has no ${raw.method} ${path}`) : new Fault(400, 'BadRequest', `Resource not found for the segment '${path}'. (The sandbox has no ${raw.method} ${path})`);
    if (found === 'no-method') throw new Fault(405, raw.surface === 'arm' ? 'MethodNotAllowed' : 'Request_BadRequest', `Specified HTTP method is not allowed for the request target (${raw.method} ${path}).`);
    if (raw.surface === 'graph') authorizeGraph(sim, call, found.route.needs);
    return found.route.handle({ ...call, params: found.params });
  }

  async function login(call: Call, path: string): Promise<Answer> {
    const [, tenant, ...rest] = path.split('/');
    const at = rest.join('/').toLowerCase();
    if (tenant?.toLowerCase() !== sim.tenantId && tenant?.toLowerCase() !== sim.domain) throw new Fault(400, 'invalid_request', `AADSTS90002: Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`);
    if (at === 'v2.0/.well-known/openid-configuration') return openid(call.url.origin, tenant);
    if (at === 'oauth2/v2.0/token' && call.method === 'POST') return tokenEndpoint(sim, urls(), call);
    throw new Fault(404, 'invalid_request', `AADSTS900144: the sandbox has no ${call.method} ${path}`);
  }
}

const header = (raw: Raw, name: string): string => String(raw.headers[name] ?? '');

/** `/users('x')` is `/users/x`, and `/servicePrincipals(appId='x')` is `/servicePrincipals/appId=x`. */
const keysAsSegments = (path: string): string => decodeURI(path).replace(/\((\w+=)?'([^']*)'\)/g, (_all, name: string | undefined, value: string) => `/${name ?? ''}${encodeURIComponent(value)}`);

const openid = (login: string, tenant: string): Answer => ({
  status: 200,
  body: {
    issuer: `${login}/${tenant}/v2.0`, token_endpoint: `${login}/${tenant}/oauth2/v2.0/token`, authorization_endpoint: `${login}/${tenant}/oauth2/v2.0/authorize`, jwks_uri: `${login}/${tenant}/discovery/v2.0/keys`, device_authorization_endpoint: `${login}/${tenant}/oauth2/v2.0/devicecode`,
    response_types_supported: ['code', 'id_token'], scopes_supported: ['openid'], subject_types_supported: ['pairwise'], id_token_signing_alg_values_supported: ['RS256'], token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'], tenant_region_scope: null,
  },
});
