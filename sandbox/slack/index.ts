import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { APPROVAL_ACTION, REASON_ACTION, REASON_BLOCK, UNTIL_BLOCK } from '../../playbook/message/approval-marks';
import type { Vote } from '../../playbook/model/approval';
import type { Person } from '../../playbook/model/people';
import { Interactions, type Answered } from './interact';
import { createServer } from './server';
import { Sockets } from './socket';
import { readable } from './text';
import { Workspace, type Faults, type SlackChannel, type SlackMessage, type SlackUser } from './workspace';

export { sign } from './interact';
export type { Faults, SlackMessage, SlackUser } from './workspace';

export interface StartSlackOptions {
  /** Members are the people with a Slack identity; the first one's team is the workspace. */
  people: readonly Person[];
  /** 0 or left out: the system chooses. */
  port?: number;
  channels?: { id: string; name: string }[];
  /** Members whom the directory does not know; a stranger, a guest and somebody of another workspace when left out. */
  others?: SlackUser[];
}

/** What came of a click: whether the app took it, and what Slack then showed to the person who pressed. */
export interface Clicked {
  /** Status of the last request made to the app; null when it did not answer within three seconds. */
  status: number | null;
  accepted: boolean;
  /** Words shown to that person: a refusal, a warning; null when the modal just closed. */
  said: string | null;
}

export interface SandboxSlack {
  /** The page with channels, messages and working buttons. */
  url: string;
  apiUrl: string;
  signingSecret: string;
  botToken: string;
  team: string;
  workspace: Workspace;
  faults: Faults;
  /** Where signed interactions go: the app's `/slack/events`. */
  connectApp(url: string): void;
  /** From now on interactions go through the app's socket (Socket Mode). */
  connectSocket(): void;
  sockets: Sockets;
  /** Presses Approve or Deny as this person (person or member id), and gives the reason. Throws when no open message asks. */
  click(input: { approvalId: string; as: string; decision: Vote['decision']; reason: string; until?: string }): Promise<Clicked>;
  press(input: { approvalId: string; as: string; button: keyof typeof APPROVAL_ACTION }): Promise<Answered>;
  submit(input: { as: string; reason: string; until?: string | undefined }): Promise<Answered>;
  /** Raw bytes to the app, as a forger would send them. */
  post(body: string, headers: Record<string, string>): Promise<Answered>;
  messages(): (SlackMessage & { channelName: string; readable: string })[];
  stop(): Promise<void>;
}

export const SANDBOX_CHANNELS = [{ id: 'C0APPROVALS', name: 'incident-approvals' }, { id: 'C0INCIDENTS', name: 'cloud-incidents' }, { id: 'C0LEADS', name: 'security-leads' }];

/** Starts a Slack of one workspace on loopback: Web API, page, and signed clicks. Holds nothing on disk. */
export async function startSlack({ people, port = 0, channels = SANDBOX_CHANNELS, others }: StartSlackOptions): Promise<SandboxSlack> {
  const team = people.find((person) => person.slack)?.slack?.team ?? 'T0SANDBOX';
  const workspace = new Workspace(people, channels.map((channel): SlackChannel => ({ ...channel, dm: null })), team);
  workspace.users.push(...(others ?? strangers(team)));
  const signingSecret = randomBytes(16).toString('hex');
  const botToken = `xoxb-sandbox-${randomBytes(12).toString('hex')}`;
  const interactions = new Interactions(workspace, signingSecret);
  const sockets = new Sockets();
  const server = await listen(createServer({ workspace, interactions, botToken, sockets }).fetch, port);
  sockets.attach(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const member = (id: string): SlackUser => {
    const user = workspace.user(id);
    if (!user) throw new Error(`nobody in this Slack is called ${id}`);
    return user;
  };
  const press: SandboxSlack['press'] = ({ approvalId, as, button }) => interactions.press(member(as), askingFor(workspace, approvalId), APPROVAL_ACTION[button]);
  const submit: SandboxSlack['submit'] = ({ as, reason, until }) => interactions.submit(member(as), { ...(until && { [UNTIL_BLOCK]: { [REASON_ACTION]: until } }), [REASON_BLOCK]: { [REASON_ACTION]: reason } });

  return {
    url, apiUrl: `${url}/api/`, signingSecret, botToken, team, workspace, faults: workspace.faults, press, submit,
    sockets, connectApp: (appUrl) => interactions.connect(appUrl), connectSocket: () => interactions.connectSocket(sockets),
    post: (body, headers) => interactions.post('forged', { id: 'U0FORGER', team, name: 'forger', person: null, guest: false, deleted: false }, body, headers),
    async click({ approvalId, as, decision, reason, until }) {
      const user = member(as);
      const seen = workspace.messages.length;
      const before = workspace.views.get(user.id);
      const pressed = await press({ approvalId, as, button: decision });
      const opened = workspace.views.get(user.id);
      if (pressed.status !== 200 || !opened || opened === before) return { status: pressed.status, accepted: false, said: privately(workspace, user, seen) ?? 'Slack shows a warning beside the button' };
      const submitted = await submit({ as, reason, until });
      const left = workspace.views.get(user.id);
      return { status: submitted.status, accepted: submitted.status === 200 && !left, said: left ? (left.trouble ?? readable({ text: '', blocks: left.view.blocks as SlackMessage['blocks'] })) : null };
    },
    messages: () => workspace.messages.map((message) => ({ ...message, channelName: workspace.channel(message.channel)?.name ?? '', readable: readable(message) })),
    stop: () => new Promise<void>((resolve) => {
      workspace.emit('stop');
      sockets.stop();
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

/** The message with buttons for this approval; the newest one. */
function askingFor(workspace: Workspace, approvalId: string): SlackMessage {
  const found = workspace.messages.filter((message) => message.blocks.some((block) => block.type === 'actions' && block.elements.some((element) => element.type === 'button' && element.value === approvalId))).at(-1);
  if (!found) throw new Error(`no open message asks for ${approvalId}`);
  return found;
}

function privately(workspace: Workspace, user: SlackUser, since: number): string | null {
  const said = workspace.messages.slice(since).filter((message) => message.ephemeralFor === user.id).at(-1);
  return said ? readable(said) : null;
}

const strangers = (team: string): SlackUser[] => [
  { id: 'U0STRANGER', team, name: 'Sam (not in the directory)', person: null, guest: false, deleted: false },
  { id: 'U0GUEST', team, name: 'Gus (guest)', person: null, guest: true, deleted: false },
  { id: 'U0ELSEWHERE', team: 'T0ELSEWHERE', name: 'Olga (other workspace)', person: null, guest: false, deleted: false },
];

function listen(fetch: Parameters<typeof serve>[0]['fetch'], port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, port, hostname: '127.0.0.1' }, () => resolve(server as Server)) as Server;
    server.once('error', reject);
  });
}
