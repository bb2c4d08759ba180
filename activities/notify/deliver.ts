import { fail } from '../boundary';
import type { Delivery } from '../contract';
import type { ContactTarget, NotifyConfig } from './config';
import type { DeliveryLedger } from './ledger';
import { ChannelError, type Channel, type OutMessage } from './message';

/** Longest wait that is sat out inside the activity when a service asks for one. */
const PATIENCE_MS = 8_000;

export type Channels = Partial<Record<ContactTarget['channel'], Channel>>;

/** The targets of these groups, each once; groups without a contact fall back, and are named. */
export function targetsOf(config: Pick<NotifyConfig, 'groups' | 'fallback'>, groups: readonly string[]): { targets: ContactTarget[]; unknown: string[] } {
  const unknown = groups.filter((group) => !config.groups[group]?.length);
  const all = [...groups.flatMap((group) => config.groups[group] ?? []), ...(unknown.length > 0 ? config.fallback : [])];
  return { targets: all.filter((one, index) => all.findIndex((other) => other.channel === one.channel && other.to === one.to) === index), unknown };
}

/**
 * Sends to every target at the same time, each once per key. A target that fails is in the answer with its error;
 * throws NOTIFY_FAILED (retryable) only when nobody at all was reached.
 * At-least-once: a crash between a delivery and its note sends it again; PagerDuty folds that by its dedup key, webhooks by
 * the idempotency key, mail by the Message-ID, and Slack by looking for the message's own metadata on a retry.
 */
export async function deliver(message: OutMessage, targets: readonly ContactTarget[], channels: Channels, ledger: DeliveryLedger, pause = wait): Promise<Delivery[]> {
  if (targets.length === 0) throw fail('NOTIFY_FAILED', `nobody is configured to receive “${message.key}”`);
  let longest = 0;
  const deliveries = await Promise.all(targets.map(async ({ channel, to }): Promise<Delivery> => {
    const noted = `${message.key}|${channel}:${to}`;
    try {
      if (!(await ledger.delivered(noted))) {
        await patiently(() => send(channels[channel], channel, message, to), pause);
        await ledger.remember(noted).catch(() => undefined);
      }
      return { channel, to, delivered: true, error: null };
    } catch (error) {
      longest = Math.max(longest, error instanceof ChannelError ? error.retryAfterMs : 0);
      return { channel, to, delivered: false, error: error instanceof ChannelError ? error.message : 'not foreseen' };
    }
  }));
  if (deliveries.every((one) => !one.delivered)) {
    throw fail('NOTIFY_FAILED', deliveries.map((one) => `${one.channel}: ${one.error}`).join('; '), { retryAfterMs: longest || undefined });
  }
  return deliveries;
}

async function send(channel: Channel | undefined, name: string, message: OutMessage, to: string): Promise<void> {
  if (!channel) throw new ChannelError(`${name} is not configured`);
  await channel(message, to);
}

/** Does what Retry-After asks, when that is short; a longer wait is Temporal's. */
async function patiently(work: () => Promise<void>, pause: (ms: number) => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ChannelError) || error.retryAfterMs === 0 || error.retryAfterMs > PATIENCE_MS) throw error;
    await pause(error.retryAfterMs);
    await work();
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
