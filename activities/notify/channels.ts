import { createHash, createHmac } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { KnownBlock } from '@slack/types';
import { createTransport } from 'nodemailer';
import { mrkdwn, plain } from '../../playbook/message/text';
import type { PagerDutyConfig, SmtpConfig, WebhookConfig } from './config';
import { asLines, ChannelError, retryAfterMs, type Channel, type OutMessage } from './message';
import { findPosted, slackError } from './slack-client';

const HTTP_TIMEOUT_MS = 10_000;
const WORD = { info: 'For information', warn: 'Warning', page: 'Act now' } as const;

/** A Slack message in a channel, or to a member. A retried attempt first looks whether the earlier one arrived. */
export function slackChannel(client: WebClient, attempt: () => number): Channel {
  return async (message, to) => {
    if (attempt() > 1 && (await findPosted(client, to, message.key))) return;
    try {
      await client.chat.postMessage({
        channel: to, text: mrkdwn(`${WORD[message.level]}: ${message.title}`, 300), blocks: slackBlocks(message), unfurl_links: false, unfurl_media: false,
        metadata: { event_type: 'tourniquet_notice', event_payload: { key: message.key } },
      });
    } catch (error) {
      throw slackError(error);
    }
  };
}

/** Rich text parses no markup: words of an attacker stay words. */
function slackBlocks(message: OutMessage): KnownBlock[] {
  const lines = message.lines.slice(0, 20).map((line) => plain(line, 300)).filter(Boolean);
  const foot = [WORD[message.level], ...(message.deadline ? [`deadline ${message.deadline}`] : []), ...(message.caseKey ? [`case ${message.caseKey}`] : [])].map((part) => mrkdwn(part, 100)).join(' · ');
  return [
    { type: 'header', text: { type: 'plain_text', text: plain(message.title, 150) || WORD[message.level], emoji: false } },
    ...(lines.length > 0 ? [{ type: 'rich_text' as const, elements: [{ type: 'rich_text_list' as const, style: 'bullet' as const, elements: lines.map((text) => ({ type: 'rich_text_section' as const, elements: [{ type: 'text' as const, text }] })) }] }] : []),
    { type: 'context', elements: [{ type: 'mrkdwn', text: message.link ? `${foot} · <${message.link}|open the incident>` : foot }] },
  ];
}

/** A mail. The Message-ID is made from the key, so that a second copy folds into the first where the mail system does that. */
export function emailChannel(config: SmtpConfig): Channel {
  const transport = createTransport({
    host: config.host, port: config.port, secure: config.secure, requireTLS: !config.secure && !config.allowPlaintext, connectionTimeout: HTTP_TIMEOUT_MS, greetingTimeout: HTTP_TIMEOUT_MS,
    socketTimeout: HTTP_TIMEOUT_MS, auth: config.user ? { user: config.user, pass: config.password ?? '' } : undefined, disableFileAccess: true, disableUrlAccess: true,
  });
  return async (message, to) => {
    try {
      await transport.sendMail({
        from: config.from, to, subject: plain(`[Tourniquet] ${WORD[message.level]}: ${message.title}`, 200), text: asLines(message).join('\r\n'),
        messageId: `<${hash(`${message.key}|${to}`)}@tourniquet.invalid>`, headers: message.level === 'page' ? { 'X-Priority': '1' } : {},
      });
    } catch (error) {
      throw new ChannelError(`mail server refuses or does not answer (${codeOf(error)})`);
    }
  };
}

/** PagerDuty Events API v2: one alert per `dedup_key`, however often it is sent (developer.pagerduty.com, "Send an alert event"). */
export function pagerDutyChannel(config: PagerDutyConfig): Channel {
  const severity = { info: 'info', warn: 'warning', page: 'critical' } as const;
  return async (message, to) => {
    const routingKey = config.services[to];
    if (!routingKey) throw new ChannelError(`no PagerDuty service named ${to} is configured`);
    await post(config.eventsUrl ?? 'https://events.pagerduty.com/v2/enqueue', JSON.stringify({
      routing_key: routingKey, event_action: 'trigger', dedup_key: hash(message.key),
      payload: { summary: plain(message.title, 1024), source: 'tourniquet', severity: severity[message.level], custom_details: { lines: asLines(message) } },
      links: message.link ? [{ href: message.link, text: 'Open the incident' }] : [],
    }), {}, 'PagerDuty');
  };
}

/** A signed POST: `X-Tourniquet-Signature: v1=<hex HMAC-SHA256 of "<timestamp>.<body>">`, and the key for the receiver to drop repeats. */
export function webhookChannel(webhooks: Record<string, WebhookConfig>, now: () => number = Date.now): Channel {
  return async (message, to) => {
    const hook = webhooks[to];
    if (!hook) throw new ChannelError(`no webhook named ${to} is configured`);
    const body = JSON.stringify({ key: message.key, level: message.level, title: plain(message.title), lines: asLines(message), case: message.caseKey, deadline: message.deadline, link: message.link });
    const timestamp = String(Math.floor(now() / 1000));
    const signature = createHmac('sha256', hook.secret).update(`${timestamp}.${body}`).digest('hex');
    await post(hook.url, body, { 'x-tourniquet-timestamp': timestamp, 'x-tourniquet-signature': `v1=${signature}`, 'idempotency-key': hash(message.key) }, `webhook ${to}`);
  };
}

/** Redirects are not followed: a body meant for one host is not sent to another. */
async function post(url: string, body: string, headers: Record<string, string>, name: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers }, redirect: 'manual', signal: AbortSignal.timeout(HTTP_TIMEOUT_MS) });
  } catch {
    throw new ChannelError(`${name} does not answer`);
  }
  await response.body?.cancel();
  if (!response.ok) throw new ChannelError(`${name} answers ${response.status}`, retryAfterMs(response.headers.get('retry-after')));
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40);
const codeOf = (error: unknown): string => String((error as { responseCode?: number; code?: string }).responseCode ?? (error as { code?: string }).code ?? 'no answer');
