import { LogLevel, WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebClient, type Logger } from '@slack/web-api';
import type { SlackConfig } from './config';
import { ChannelError, retryAfterMs } from './message';

/** Slack's client keeps quiet: its own log lines may quote a request, and every failure reaches our caller anyway. */
const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, setLevel: () => undefined, getLevel: () => LogLevel.ERROR, setName: () => undefined };

/** One call, one answer, in time: retries belong to Temporal, which survives a restart. */
export function slackClient(config: SlackConfig): WebClient {
  return new WebClient(config.botToken, {
    slackApiUrl: config.apiUrl, timeout: config.timeoutMs ?? 4_000, rejectRateLimitedCalls: true, retryConfig: { retries: 0 }, allowAbsoluteUrls: false, logger: silent,
  });
}

/** What Slack's failure means to us; never repeats the request. `unknown` when the call may have succeeded all the same. */
export function slackError(error: unknown): ChannelError & { unknown?: boolean } {
  if (error instanceof ChannelError) return error;
  if (error instanceof WebAPIRateLimitedError) return new ChannelError('Slack asks to wait (rate limited)', error.retryAfter * 1000);
  if (error instanceof WebAPIPlatformError) return new ChannelError(`Slack refuses: ${error.data.error}`);
  if (error instanceof WebAPIHTTPError) return new ChannelError(`Slack answers ${error.statusCode}`, retryAfterMs(error.headers['retry-after'] ?? null));
  return Object.assign(new ChannelError('Slack does not answer'), { unknown: true });
}

/** The platform's error word (`message_not_found`, `missing_scope`, …), or null. */
export const slackWord = (error: unknown): string | null => (error instanceof WebAPIPlatformError ? error.data.error : null);

/** The message with this key among the channel's latest, by its metadata: how a retry finds what its first attempt may have posted. Null when there is none, or it may not look. */
export async function findPosted(client: WebClient, channel: string, key: string): Promise<string | null> {
  try {
    const { messages = [] } = await client.conversations.history({ channel, limit: 50, include_all_metadata: true });
    const found = messages.find((message) => (message.metadata?.event_payload as { key?: unknown } | undefined)?.key === key);
    return found?.ts ?? null;
  } catch {
    return null;
  }
}
