import type { Hono } from 'hono';
import { FieldProblem, isMembers, join, membersOf, rejecting, required, text, type Members } from '../fields';
import { decodeBody } from '../json';
import { answer, bodyOf, type Receiving } from '../receiver';
import { processBody, type Handling, type RecordResult } from '../pipeline';
import { senderLookup, type Sender } from '../senders';
import type { Source } from '../source';
import { generic } from '../generic';
import { anyOf } from './any-of';
import { blinded } from './blinded';

export interface GraphSubscription {
  id: string;
  /** The secret that the subscription was made with. */
  clientState: string;
  sources: readonly Source[];
}

export interface GraphOptions {
  subscriptions: readonly GraphSubscription[];
  /** The tenants that may send. */
  tenants: readonly string[];
  /** GET of a Graph path in a tenant: the changed thing as JSON bytes, null when it is gone. Left out: nobody may read, and each notice is an incident on its tenant. */
  read?: ((tenant: string, path: string) => Promise<Uint8Array | null>) | undefined;
  /** Keeps a subscription alive when Graph asks for it. */
  reauthorize?: ((tenant: string, subscription: string) => Promise<void>) | undefined;
}

/** What may be read: signals, by their id. A path is made of these words and the id alone. */
const READABLE = /^\/?(security\/alerts_v2|identityProtection\/riskDetections|identityProtection\/riskyUsers|auditLogs\/directoryAudits|auditLogs\/signIns)(?:\/([A-Za-z0-9_-]{1,128})|\('([A-Za-z0-9_-]{1,128})'\))$/i;
const MOST_TOKEN = 2048;
const MOST_NOTICES = 1000;

/**
 * `POST /graph`: change notifications of Microsoft Graph. The validation token is answered as plain text; every notification must carry a client state that is known (compared in constant time);
 * lifecycle notices are acted on and told. Graph gives an id only, so that the thing itself is read. Source: Microsoft Graph, change notifications through webhooks; lifecycle notifications.
 */
export function graphRoute(app: Hono, options: GraphOptions, { pipeline, metrics, limits }: Receiving): void {
  const byId = new Map(options.subscriptions.map((one) => [one.id, one]));
  const byState = senderLookup(options.subscriptions.map(({ id, clientState }): Sender => ({ id, key: clientState, sources: [] })));
  const tenants = new Set(options.tenants.map((tenant) => tenant.toLowerCase()));

  app.post('/graph', async (c) => {
    const token = c.req.query('validationToken');
    if (token !== undefined) {
      if (token === '' || token.length > MOST_TOKEN) return c.json({ status: 'refused', problem: 'validationToken: is not one of Graph' }, 400);
      return c.body(token, 200, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'", 'cache-control': 'no-store' });
    }
    const body = await bodyOf(c, limits.bodyBytes);
    if (body === null) return c.json({ status: 'rejected', path: 'body', problem: `is larger than ${limits.bodyBytes} bytes` }, 413);
    const decoded = await decodeBody(body, limits.json);
    const list = 'value' in decoded && isMembers(decoded.value) ? decoded.value['value'] : undefined;
    if (!Array.isArray(list) || list.length > MOST_NOTICES) return c.json({ status: 'rejected', path: 'value', problem: 'must be a list of notifications' }, 400);
    // Nothing of it is believed, not even kept, unless all of it is Graph’s.
    const notices = list.map((one) => ({ notice: membersOf(one), sender: byState(text(membersOf(one)['clientState'])) }));
    if (notices.some(({ notice, sender }) => sender === null || !tenants.has(text(notice['tenantId']).toLowerCase()))) {
      metrics.count('graph', 'unauthorized');
      return c.json({ status: 'refused', problem: 'clientState or tenantId: not of a subscription that is configured' }, 403);
    }
    const handlings: Handling[] = [];
    for (const [index, { notice, sender }] of notices.entries()) handlings.push(await one(notice, byId.get(sender!.id)!, `value[${index}]`));
    const worst = handlings.find(({ kind }) => kind === 'evidence-unavailable') ?? null;
    return answer(c, worst ?? { kind: 'handled', results: handlings.flatMap((handling): RecordResult[] => (handling.kind === 'handled' ? handling.results : [{ status: 'rejected', path: 'body', problem: handling.kind === 'undecodable' ? handling.problem : '' }])) }, metrics, 'graph', limits);
  });

  async function one(notice: Members, subscription: GraphSubscription, path: string): Promise<Handling> {
    const tenant = text(notice['tenantId']).toLowerCase();
    const sender: Sender = { id: subscription.id, key: '', sources: [] };
    if (notice['lifecycleEvent'] !== undefined) return lifecycle(notice, subscription, sender, tenant, path);
    const named = rejecting(() => {
      const resource = required(notice, 'resource', path, 1024);
      const parts = READABLE.exec(resource);
      if (!parts) throw new FieldProblem(join(path, 'resource'), 'is no signal that can be read: security/alerts_v2, identityProtection or auditLogs');
      return `${parts[1]!}/${parts[2] ?? parts[3]!}`;
    });
    const kept = withoutState(notice);
    const withTenant = { ...pipeline, tenant };
    if ('rejected' in named) return processBody(withTenant, { id: 'graph', recognises: () => true, parse: () => [named] }, sender, kept);
    if (options.read) {
      let thing: Uint8Array | null;
      try {
        thing = await options.read(tenant, named.value);
      } catch (error) {
        pipeline.log.error({ transport: 'graph', error: (error as Error).name }, 'Graph could not be read: it is asked to notify again');
        return { kind: 'evidence-unavailable' };
      }
      if (thing !== null) return processBody(withTenant, anyOf('graph', subscription.sources), sender, thing);
    }
    return processBody(withTenant, unread(named.value, tenant, pipeline.now()), sender, kept);
  }

  async function lifecycle(notice: Members, subscription: GraphSubscription, sender: Sender, tenant: string, path: string): Promise<Handling> {
    const event = text(notice['lifecycleEvent']).slice(0, 64);
    const id = text(notice['subscriptionId']).slice(0, 64);
    // Lifecycle notices bear no time: the hour makes a repeat the same event.
    const hour = pipeline.now().slice(0, 13);
    if (event === 'subscriptionRemoved') {
      const gone = blinded({ account: tenant, region: null, id: `${subscription.id}/${id}`, text: `the Graph subscription ${subscription.id} was removed: its alerts no longer come` }, () => `${hour}:00:00.000Z`, 'azure');
      return processBody({ ...pipeline, tenant }, gone, sender, withoutState(notice));
    }
    let done = 'somebody must see to it';
    if (event === 'reauthorizationRequired' && options.reauthorize && /^[0-9a-f-]{36}$/i.test(id)) {
      try {
        await options.reauthorize(tenant, id);
        pipeline.log.info({ transport: 'graph', subscription: subscription.id }, 'the subscription was reauthorized');
        return { kind: 'handled', results: [] };
      } catch {
        done = 'it could not be reauthorized';
      }
    }
    const titles: Record<string, string> = { missed: 'lost notifications: read what came since then by hand', reauthorizationRequired: 'is about to end' };
    await pipeline.notice({ key: `graph-lifecycle/${subscription.id}/${event}/${id}/${hour}`, level: 'warn', title: `The Graph subscription ${subscription.id} ${Object.hasOwn(titles, event) ? titles[event]! : 'changed'}`, lines: [`${join(path, 'lifecycleEvent')} ${event}`, done] });
    return { kind: 'handled', results: [] };
  }
}

/** What may be kept of a notice: its client state is a secret. */
function withoutState({ clientState: _, ...shown }: Members): Uint8Array {
  return Buffer.from(JSON.stringify(shown));
}

/** A signal that nobody may read, or that is gone: still a signal. */
function unread(resource: string, tenant: string, now: string): Source {
  return {
    id: 'graph', recognises: () => true,
    parse: () => generic.parse({ id: resource, time: now, title: `Microsoft Graph tells of ${resource.slice(0, resource.lastIndexOf('/'))} and it could not be read`, severity: 'medium', provider: 'azure', account: tenant, target: { kind: 'other', id: resource } }),
  };
}
