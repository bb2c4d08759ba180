import { X509Certificate } from 'node:crypto';
import type { Context, Hono } from 'hono';
import { isMembers, isoTime, text, type Members } from '../fields';
import { decodeBody } from '../json';
import { answer, bodyOf, type Receiving } from '../receiver';
import { processBody } from '../pipeline';
import type { Source } from '../source';
import { anyOf } from './any-of';
import { blinded } from './blinded';
import { certificateProblem, certificateUrl, confirmationUrl, signatureHolds } from './sns-signature';

export interface SnsTopic {
  arn: string;
  sources: readonly Source[];
}

export interface SnsOptions {
  topics: readonly SnsTopic[];
  /** GET of an address of SNS itself, without redirects, at most 64 KB. Rejects when it does not answer 200. */
  fetchText(url: string): Promise<string>;
}

const MOST_CERTIFICATES = 20;

/**
 * `POST /sns`: HTTPS subscriptions of SNS. SNS sends no key of ours: the topic must be one that is configured, and the signature must hold under SNS’s own certificate, fetched from its host
 * in the topic’s region and nowhere else. A subscription is confirmed for a configured topic only. Source: SNS developer guide, HTTP/S endpoints.
 */
export function snsRoute(app: Hono, { topics, fetchText }: SnsOptions, receiving: Receiving): void {
  const known = new Map(topics.map((topic) => [topic.arn, topic]));
  const certificates = new Map<string, X509Certificate>();
  const { pipeline, metrics, limits } = receiving;
  const now = (): number => Date.parse(pipeline.now());

  const certificateOf = async (url: string): Promise<X509Certificate> => {
    const kept = certificates.get(url);
    if (kept) return kept;
    const fetched = new X509Certificate(await fetchText(url));
    if (certificates.size >= MOST_CERTIFICATES) certificates.clear();
    certificates.set(url, fetched);
    return fetched;
  };
  const refuse = (c: Context, problem: string, status: 400 | 403 | 413 = 403): Response => {
    metrics.count('sns', status === 403 ? 'unauthorized' : 'rejected');
    pipeline.log.warn({ transport: 'sns', problem }, 'an SNS message was refused');
    return c.json({ status: 'refused', problem }, status);
  };

  app.post('/sns', async (c) => {
    const body = await bodyOf(c, limits.bodyBytes);
    if (body === null) return refuse(c, `is larger than ${limits.bodyBytes} bytes`, 413);
    const decoded = await decodeBody(body, limits.json);
    if ('problem' in decoded || !isMembers(decoded.value)) return refuse(c, `body: ${'problem' in decoded ? decoded.problem : 'must be an object'}`, 400);
    const message = decoded.value;
    const topic = known.get(text(message['TopicArn']));
    if (!topic) return refuse(c, 'TopicArn: not a topic that is configured');
    const url = certificateUrl(text(message['SigningCertURL']), topic.arn);
    if (url === null) return refuse(c, 'SigningCertURL: not an address of SNS in the topic’s region');
    let certificate: X509Certificate;
    try {
      certificate = await certificateOf(url);
    } catch {
      metrics.count('sns', 'failed');
      return c.json({ status: 'failed', problem: 'SNS’s certificate could not be fetched: send it again' }, 503, { 'Retry-After': String(limits.retryAfterSeconds) });
    }
    const problem = certificateProblem(certificate, now());
    if (problem !== null) return refuse(c, `SigningCertURL: ${problem}`);
    if (!signatureHolds(message, certificate)) return refuse(c, 'Signature: does not hold');
    if (message['Type'] === 'Notification') return answer(c, await processBody(pipeline, anyOf('sns', topic.sources), { id: topic.arn, key: '', sources: [] }, body), metrics, 'sns', limits);
    return subscription(c, topic, message, body);
  });

  const subscription = async (c: Context, topic: SnsTopic, message: Members, body: Uint8Array): Promise<Response> => {
    if (message['Type'] === 'UnsubscribeConfirmation') {
      const [, , , region = '', account = ''] = topic.arn.split(':');
      const gone = blinded({ account, region, id: topic.arn, text: `intake’s subscription to ${topic.arn} was removed: its alerts no longer come` }, () => isoTime(text(message['Timestamp']), 'Timestamp'), 'aws');
      return answer(c, await processBody(pipeline, gone, { id: topic.arn, key: '', sources: [] }, body), metrics, 'sns', limits);
    }
    const url = confirmationUrl(topic.arn, text(message['Token']));
    if (url === null) return refuse(c, 'Token: is not one of SNS', 400);
    try {
      await fetchText(url);
    } catch {
      return c.json({ status: 'failed', problem: 'SNS did not take the confirmation: send it again' }, 503, { 'Retry-After': String(limits.retryAfterSeconds) });
    }
    pipeline.log.info({ transport: 'sns', topic: topic.arn }, 'an SNS subscription was confirmed');
    return c.json({ status: 'confirmed' }, 200);
  };
}
