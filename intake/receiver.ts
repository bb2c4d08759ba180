import { Hono, type Context } from 'hono';
import { JSON_LIMITS, type JsonLimits } from './json';
import { Metrics } from './metrics';
import { processBody, type Handling, type Pipeline } from './pipeline';
import { keyIn, maySend, senderLookup, type Sender } from './senders';
import type { Source } from './source';

export interface ReceiverLimits {
  /** Bytes of a request body as sent (gzip counts compressed). */
  bodyBytes: number;
  /** After inflating. */
  json: JsonLimits;
  /** How long Temporal may take before the sender is told to come again. EventBridge itself waits 5 s. */
  deliverMs: number;
  retryAfterSeconds: number;
}

export const RECEIVER_LIMITS: ReceiverLimits = { bodyBytes: 5_000_000, json: JSON_LIMITS, deliverMs: 4_000, retryAfterSeconds: 5 };

export interface ReceiverOptions extends Omit<Pipeline, 'json' | 'deliverMs'> {
  sources: readonly Source[];
  senders: readonly Sender[];
  limits?: Partial<ReceiverLimits>;
}

export interface Receiver {
  app: Hono;
  metrics: Metrics;
  /** For other ways in than `/alerts`: what a route or a puller needs to hand bodies on. */
  receiving: Receiving;
}

export interface Receiving {
  pipeline: Pipeline;
  metrics: Metrics;
  limits: ReceiverLimits;
}

/** Ways in that carry several sources; each is a label of the metrics. */
export const TRANSPORTS = ['sns', 'sqs', 's3', 'event-hub', 'graph'] as const;

/**
 * `POST /alerts/<source>` (and `/alerts/<source>/<key>` for senders that are set up so), `GET /healthz`, `GET /metrics`.
 * 202 only when every accepted alert is with Temporal; 200 understood and ignored; 400 with the field’s path; 401 no or wrong key; 403 not this sender’s source;
 * 404 unknown source; 413 too large; 503 with Retry-After when the evidence store or Temporal does not answer (the same request again changes nothing twice).
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const limits: ReceiverLimits = { ...RECEIVER_LIMITS, ...options.limits };
  const sources = new Map(options.sources.map((source) => [source.id, source]));
  const senderOf = senderLookup(options.senders);
  const metrics = new Metrics([...sources.keys(), ...TRANSPORTS]);
  const { sources: _sources, senders: _senders, limits: _limits, ...doing } = options;
  const pipeline: Pipeline = { ...doing, json: limits.json, deliverMs: limits.deliverMs };
  const app = new Hono();

  const take = async (c: Context, id: string, sender: Sender | null): Promise<Response> => {
    if (!sender) {
      metrics.count(id, 'unauthorized');
      options.log.warn({ source: sources.has(id) ? id : 'unknown' }, 'alert refused: no sender has this key');
      return c.json({ status: 'refused', problem: 'no sender has this key' }, 401);
    }
    const source = sources.get(id);
    if (!source) return c.json({ status: 'refused', problem: 'there is no such source' }, 404);
    if (!maySend(sender, id)) return c.json({ status: 'refused', problem: `sender ${sender.id} may not send ${id}` }, 403);
    const body = await bodyOf(c, limits.bodyBytes);
    if (body === null) {
      metrics.count(id, 'rejected');
      return c.json({ status: 'rejected', path: 'body', problem: `is larger than ${limits.bodyBytes} bytes` }, 413);
    }
    return answer(c, await processBody(pipeline, source, sender, body), metrics, id, limits);
  };

  app.post('/alerts/:source', (c) => {
    const key = keyIn(c.req.header('authorization'), c.req.header('x-tourniquet-key'));
    return take(c, c.req.param('source'), key === null ? null : senderOf(key));
  });
  app.post('/alerts/:source/:key', (c) => {
    const sender = senderOf(c.req.param('key'));
    return take(c, c.req.param('source'), sender?.keyInPath === true ? sender : null);
  });

  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/metrics', (c) => c.text(metrics.text(), 200, { 'content-type': 'text/plain; version=0.0.4' }));
  app.notFound((c) => c.json({ status: 'refused', problem: 'there is no such page' }, 404));
  app.onError((error, c) => {
    // Never the message: it may quote the request.
    options.log.error({ error: error.name }, 'intake failed on a request');
    return c.json({ status: 'failed', problem: 'intake could not handle the request: send it again' }, 503, { 'Retry-After': String(limits.retryAfterSeconds) });
  });
  return { app, metrics, receiving: { pipeline, metrics, limits } };
}

/** The body, or null when it is larger than it may be: by its announced length, and by counting what comes. */
export async function bodyOf(c: Context, limit: number): Promise<Uint8Array | null> {
  const announced = c.req.header('content-length');
  if (announced !== undefined) {
    if (!/^\d{1,15}$/.test(announced) || Number(announced) > limit) return null;
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    return bytes.length > limit ? null : bytes;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const stream = c.req.raw.body;
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks);
}

export function answer(c: Context, handling: Handling, metrics: Metrics, source: string, limits: ReceiverLimits): Response {
  const again = { 'Retry-After': String(limits.retryAfterSeconds) };
  if (handling.kind === 'evidence-unavailable') {
    metrics.count(source, 'failed');
    return c.json({ status: 'failed', problem: 'the evidence store does not answer: send it again' }, 503, again);
  }
  if (handling.kind === 'undecodable') {
    metrics.count(source, 'rejected');
    return c.json({ status: 'rejected', path: 'body', problem: handling.problem }, handling.tooLarge ? 413 : 400);
  }
  for (const { status } of handling.results) metrics.count(source, status);
  const has = (status: string): boolean => handling.results.some((result) => result.status === status);
  const code = has('failed') ? 503 : has('accepted') ? 202 : has('ignored') || handling.results.length === 0 ? 200 : 400;
  const single = handling.results.length === 1 ? handling.results[0]! : null;
  return c.json(single ?? { status: has('failed') ? 'failed' : has('accepted') ? 'accepted' : has('ignored') || handling.results.length === 0 ? 'ignored' : 'rejected', results: handling.results }, code, code === 503 ? again : {});
}
