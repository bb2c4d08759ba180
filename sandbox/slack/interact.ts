import { createHmac, randomBytes } from 'node:crypto';
import type { BlockAction, ButtonAction } from '@slack/bolt';
import type { Button, ModalView } from '@slack/types';
import { asSlack } from './api';
import type { Sockets } from './socket';
import type { OpenView, SlackMessage, SlackUser, Workspace } from './workspace';

/** Slack gives an app three seconds. */
const PATIENCE_MS = 3_000;
const APP = 'A0TOURNIQUET';

/** How the app answered; null when it did not within three seconds. */
export interface Answered {
  status: number | null;
  body: string;
}

/** Makes the requests that Slack makes to an app when people press and submit, signed as docs.slack.dev ("Verifying requests from Slack") says. */
export class Interactions {
  private appUrl: string | null = null;
  private sockets: Sockets | null = null;

  constructor(private readonly workspace: Workspace, private readonly signingSecret: string) {}

  connect(url: string): void {
    this.appUrl = url;
  }

  /** Socket Mode: nothing is signed, the socket itself was opened with the app's token. */
  connectSocket(sockets: Sockets): void {
    this.sockets = sockets;
  }

  /** A person presses a button of a message. */
  press(user: SlackUser, message: SlackMessage, actionId: string): Promise<Answered> {
    const { workspace } = this;
    const { block, button } = find(message, actionId);
    const channel = workspace.channel(message.channel)!;
    const action: ButtonAction = { type: 'button', action_id: actionId, block_id: block, text: button.text, value: button.value, action_ts: workspace.nextTs() };
    const payload = {
      type: 'block_actions', user: { id: user.id, username: user.name, name: user.name, team_id: user.team }, api_app_id: APP, token: '',
      container: { type: 'message', message_ts: message.ts, channel_id: channel.id, is_ephemeral: false }, trigger_id: workspace.newTrigger(user.id),
      team: { id: user.team, domain: 'sandbox' }, enterprise: null, is_enterprise_install: false, channel: { id: channel.id, name: channel.name },
      message: asSlack(workspace, message), state: { values: {} }, actions: [action],
    } satisfies Omit<BlockAction, 'response_url' | 'message' | 'enterprise'> & { message: object; enterprise: null };
    return this.send(`${button.text.text}`, user, payload);
  }

  /** A person submits the modal that is open for them. */
  async submit(user: SlackUser, values: Record<string, Record<string, string>>): Promise<Answered> {
    const open = this.workspace.views.get(user.id);
    if (!open) throw new Error(`no modal is open for ${user.name}`);
    const answered = await this.send(`submit “${open.view.title.text}”`, user, this.submission(user, open, values));
    if (this.workspace.views.get(user.id) === open) this.afterSubmission(user, open, answered);
    return answered;
  }

  private submission(user: SlackUser, open: OpenView, values: Record<string, Record<string, string>>): Record<string, unknown> {
    const pickers = new Set(open.view.blocks.flatMap((one) => (one.type === 'input' && 'element' in one && one.element.type === 'datepicker' ? (one.block_id ?? '') : [])));
    const state = Object.fromEntries(Object.entries(values).map(([block, actions]) => [block, Object.fromEntries(Object.entries(actions).map(([action, value]) => [action, pickers.has(block) ? { type: 'datepicker', selected_date: value || null } : { type: 'plain_text_input', value }]))]));
    return {
      type: 'view_submission', team: { id: user.team, domain: 'sandbox' }, user: { id: user.id, username: user.name, name: user.name, team_id: user.team }, api_app_id: APP, token: '',
      trigger_id: this.workspace.newTrigger(user.id), enterprise: null, is_enterprise_install: false, response_urls: [],
      view: { ...open.view, id: open.id, hash: open.hash, team_id: user.team, root_view_id: open.id, previous_view_id: null, app_id: APP, bot_id: this.workspace.bot.botId, state: { values: state } },
    };
  }

  /** What Slack does with the answer: close, replace, show field errors, or say that it had trouble and keep what was typed. */
  private afterSubmission(user: SlackUser, open: OpenView, { status, body }: Answered): void {
    const answer = body ? (JSON.parse(body) as { response_action?: string; view?: ModalView; errors?: Record<string, string> }) : {};
    if (status !== 200) open.trouble = 'We had some trouble connecting. Try again?';
    else if (answer.response_action === 'update' && answer.view) this.workspace.views.set(user.id, { ...open, view: answer.view, trouble: null });
    else if (answer.response_action === 'errors') open.trouble = Object.values(answer.errors ?? {}).join(' ');
    else this.workspace.views.delete(user.id);
    this.workspace.changed();
  }

  /** Signs and posts one payload; the faults of the workspace apply. */
  async send(what: string, user: SlackUser, payload: unknown): Promise<Answered> {
    const { faults } = this.workspace;
    if (this.sockets) {
      const started = Date.now();
      const answered = await this.sockets.send(payload);
      if (faults.replay) await this.sockets.send(payload);
      this.note(started, what, user, answered);
      return answered;
    }
    const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
    const timestamp = String(Math.floor(Date.now() / 1000) + faults.skewS);
    const secret = faults.wrongSignature ? randomBytes(16).toString('hex') : this.signingSecret;
    const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': sign(secret, timestamp, body) };
    const answered = await this.post(what, user, body, headers);
    if (faults.replay) await this.post(`${what} (replayed)`, user, body, headers);
    return answered;
  }

  /** Posts raw bytes to the app: for tests of what a forger may send. */
  async post(what: string, user: SlackUser, body: string, headers: Record<string, string>): Promise<Answered> {
    if (!this.appUrl) throw new Error('no app is connected to this Slack: call connectApp(url)');
    const started = Date.now();
    let answered: Answered;
    try {
      const response = await fetch(this.appUrl, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, signal: AbortSignal.timeout(PATIENCE_MS) });
      answered = { status: response.status, body: await response.text() };
    } catch {
      answered = { status: null, body: '' };
    }
    this.note(started, what, user, answered);
    return answered;
  }

  private note(started: number, what: string, user: SlackUser, answered: Answered): void {
    this.workspace.interactions.push({ at: new Date(started).toISOString(), what, as: user.name, status: answered.status, ms: Date.now() - started });
    this.workspace.changed();
  }
}

/** Slack's `v0` signature over version, timestamp and raw body. */
export function sign(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

function find(message: SlackMessage, actionId: string): { block: string; button: Button } {
  for (const block of message.blocks) {
    if (block.type !== 'actions') continue;
    const button = block.elements.find((element): element is Button => element.type === 'button' && element.action_id === actionId);
    if (button) return { block: block.block_id ?? '', button };
  }
  throw new Error(`the message has no button ${actionId}`);
}
