import type { KnownBlock, ModalView } from '@slack/types';
import { refusedBlocks } from './limits';
import type { SlackMessage, Workspace } from './workspace';

type Args = Record<string, string>;
type Answer = Record<string, unknown>;
type Method = (workspace: Workspace, args: Args) => Answer;

const error = (word: string): Answer => ({ ok: false, error: word });

/** The methods of Slack's Web API that Tourniquet calls, answering as docs.slack.dev describes them. */
const METHODS: Record<string, Method> = {
  'auth.test': (workspace) => ({ ok: true, url: 'https://sandbox.slack.invalid/', team: 'sandbox', team_id: workspace.team, user: 'tourniquet', user_id: workspace.bot.id, bot_id: workspace.bot.botId, is_enterprise_install: false }),

  'chat.postMessage': (workspace, args) => {
    const channel = workspace.channel(args.channel ?? '');
    if (!channel) return error('channel_not_found');
    const content = contentOf(args);
    if (typeof content === 'string') return error(content);
    if (args.thread_ts && !workspace.messages.some((one) => one.ts === args.thread_ts)) return error('thread_not_found');
    const message = workspace.post({ channel: channel.id, threadTs: args.thread_ts ?? null, metadata: parsed(args.metadata) ?? null, ephemeralFor: null, ...content });
    return { ok: true, channel: channel.id, ts: message.ts, message: asSlack(workspace, message) };
  },

  'chat.update': (workspace, args) => {
    const message = workspace.messages.find((one) => one.channel === args.channel && one.ts === args.ts && !one.ephemeralFor);
    if (!message) return error('message_not_found');
    const content = contentOf(args);
    if (typeof content === 'string') return error(content);
    Object.assign(message, content, { editedTs: workspace.nextTs(), metadata: parsed(args.metadata) ?? message.metadata });
    workspace.changed();
    return { ok: true, channel: message.channel, ts: message.ts, text: message.text };
  },

  'chat.postEphemeral': (workspace, args) => {
    const channel = workspace.channel(args.channel ?? '');
    if (!channel) return error('channel_not_found');
    if (!workspace.user(args.user ?? '')) return error('user_not_in_channel');
    const content = contentOf(args);
    if (typeof content === 'string') return error(content);
    const message = workspace.post({ channel: channel.id, threadTs: null, metadata: null, ephemeralFor: args.user!, ...content });
    return { ok: true, message_ts: message.ts };
  },

  'views.open': (workspace, args) => {
    const view = parsed(args.view) as ModalView | null;
    if (!view || view.type !== 'modal' || !view.title || view.title.text.length > 24) return error('invalid_arguments');
    if ((view.private_metadata?.length ?? 0) > 3_000 || refusedBlocks(view.blocks as KnownBlock[], true)) return error('invalid_arguments');
    const trigger = workspace.useTrigger(args.trigger_id ?? '');
    if (typeof trigger === 'string') return error(trigger);
    const open = { id: workspace.newId('V0'), hash: workspace.nextTs(), user: trigger.user, view, trouble: null };
    workspace.views.set(trigger.user, open);
    workspace.changed();
    return { ok: true, view: { ...view, id: open.id, hash: open.hash, team_id: workspace.team, state: { values: {} } } };
  },

  'users.info': (workspace, args) => {
    const user = workspace.users.find((one) => one.id === args.user);
    // Slack says nothing about people of workspaces that it shares no channel with.
    if (!user || user.team !== workspace.team) return error('user_not_found');
    return { ok: true, user: { id: user.id, team_id: user.team, name: user.name.toLowerCase().replace(/\W+/g, '.'), real_name: user.name, deleted: user.deleted, is_bot: false, is_restricted: user.guest, is_ultra_restricted: false, is_stranger: false } };
  },

  'conversations.list': (workspace) => ({ ok: true, channels: workspace.channels.filter((one) => !one.dm).map(({ id, name }) => ({ id, name, is_channel: true })), response_metadata: { next_cursor: '' } }),
  'conversations.info': (workspace, args) => {
    const channel = workspace.channel(args.channel ?? '');
    return channel ? { ok: true, channel: { id: channel.id, name: channel.name, is_im: channel.dm !== null, is_member: true } } : error('channel_not_found');
  },
  'conversations.open': (workspace, args) => {
    const channel = workspace.channel(args.users ?? args.channel ?? '');
    return channel ? { ok: true, channel: { id: channel.id } } : error('users_not_found');
  },
  'conversations.history': (workspace, args) => {
    const channel = workspace.channel(args.channel ?? '');
    if (!channel) return error('channel_not_found');
    const latest = workspace.messages.filter((one) => one.channel === channel.id && !one.threadTs && !one.ephemeralFor).slice(-Number(args.limit ?? 100)).reverse();
    return { ok: true, messages: latest.map((one) => asSlack(workspace, one, args.include_all_metadata === 'true')), has_more: false };
  },
};

/** Answers one call; `known` is false for methods that the sandbox does not have. */
export function call(workspace: Workspace, method: string, args: Args): Answer {
  const found = METHODS[method];
  return found ? found(workspace, args) : error('unknown_method');
}

function contentOf(args: Args): Pick<SlackMessage, 'text' | 'blocks'> | string {
  const blocks = args.blocks === undefined ? [] : (parsed(args.blocks) as KnownBlock[] | null);
  if (!blocks) return 'invalid_blocks_format';
  if (!args.text && blocks.length === 0) return 'no_text';
  const refused = refusedBlocks(blocks);
  return refused ?? { text: args.text ?? '', blocks };
}

/** A message as Slack's payloads carry it. */
export function asSlack(workspace: Workspace, message: SlackMessage, withMetadata = false): Answer {
  return {
    type: 'message', user: workspace.bot.id, bot_id: workspace.bot.botId, ts: message.ts, text: message.text, blocks: message.blocks, team: workspace.team,
    ...(message.threadTs ? { thread_ts: message.threadTs } : {}), ...(message.editedTs ? { edited: { user: workspace.bot.botId, ts: message.editedTs } } : {}),
    ...(withMetadata && message.metadata ? { metadata: message.metadata } : {}),
  };
}

function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? null : JSON.parse(json);
  } catch {
    return null;
  }
}
