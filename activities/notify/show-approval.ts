import type { WebClient } from '@slack/web-api';
import type { JsonObject } from '../../playbook/json';
import type { CaseActivities, ShownApproval } from '../contract';
import { approvalMessage, threadReply, type ApprovalMessage } from './approval-message';
import type { SlackConfig } from './config';
import type { Directory } from './directory';
import { findPosted, slackError, slackWord } from './slack-client';

/** What this process knows of a message it has posted: an older picture never replaces a newer one. */
interface Known {
  ts: string | null;
  closed: boolean;
  endSaid: boolean;
  /** Messages of one approval go out one after the other. */
  turn: Promise<unknown>;
}

const REMEMBERED = 5_000;

export interface ShowApprovalDeps {
  slack: SlackConfig | null;
  client: WebClient | null;
  directory: Directory;
  attempt: () => number;
}

/**
 * Posts the question once and updates it in place (chat.postMessage, chat.update); reminders and the end go into its thread.
 * Never throws for Slack being away or limiting: `delivered: false`, with the wait that Slack asked for.
 * A first attempt that may have posted without our knowing is found again by the message's metadata; without the scope
 * `channels:history` a second message may appear, and both ask the same question.
 */
export function createShowApproval({ slack, client, directory, attempt }: ShowApprovalDeps): CaseActivities['showApproval'] {
  const known = new Map<string, Known>();

  return async (shown) => {
    if (!slack || !client) return { delivered: true, handle: { channel: null } };
    const memory = remember(known, shown.request.id);
    const turn = memory.turn.then(() => say(shown, memory, slack, client));
    memory.turn = turn.catch(() => undefined);
    return turn;
  };

  async function say(shown: ShownApproval, memory: Known, config: SlackConfig, web: WebClient): Promise<Awaited<ReturnType<CaseActivities['showApproval']>>> {
    const channel = config.approvalsChannel;
    const handle = (): JsonObject => (memory.ts ? { channel, ts: memory.ts } : { uncertain: true });
    if (memory.closed && shown.state === 'open') return { delivered: true, handle: handle() };
    try {
      memory.ts ??= typeof shown.handle?.ts === 'string' ? shown.handle.ts : null;
      if (!memory.ts && (attempt() > 1 || shown.handle?.uncertain === true)) memory.ts = await findPosted(web, channel, shown.request.id);
      const people = await directory.people();
      memory.ts = await put(web, channel, memory.ts, shown.request.id, approvalMessage(shown, people, config.team));
      if (shown.state !== 'open') memory.closed = true;
      const reply = shown.state !== 'open' && memory.endSaid ? null : threadReply(shown, people, config.team);
      if (reply) await web.chat.postMessage({ channel, thread_ts: memory.ts, ...reply, unfurl_links: false, unfurl_media: false });
      if (shown.state !== 'open') memory.endSaid = true;
      return { delivered: true, handle: handle() };
    } catch (error) {
      const failure = slackError(error);
      return { delivered: false, handle: handle(), retryAfterMs: failure.retryAfterMs };
    }
  }
}

/** Updates the message, or posts it when there is none (any more). */
async function put(web: WebClient, channel: string, ts: string | null, key: string, message: ApprovalMessage): Promise<string> {
  const metadata = { event_type: 'tourniquet_approval', event_payload: { key } };
  if (ts) {
    try {
      await web.chat.update({ channel, ts, ...message, metadata });
      return ts;
    } catch (error) {
      if (slackWord(error) !== 'message_not_found') throw error;
    }
  }
  const posted = await web.chat.postMessage({ channel, ...message, metadata, unfurl_links: false, unfurl_media: false });
  return posted.ts!;
}

function remember(known: Map<string, Known>, id: string): Known {
  let memory = known.get(id);
  if (!memory) {
    memory = { ts: null, closed: false, endSaid: false, turn: Promise.resolve() };
    known.set(id, memory);
    if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
  }
  return memory;
}
