import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { KnownBlock, ModalView } from '@slack/types';
import type { Person } from '../../playbook/model/people';

export interface SlackUser {
  id: string;
  team: string;
  name: string;
  /** Person id of the directory, or null for somebody it does not know. */
  person: string | null;
  guest: boolean;
  deleted: boolean;
}

export interface SlackChannel {
  id: string;
  name: string;
  /** The member whose direct messages these are, or null for a public channel. */
  dm: string | null;
}

export interface SlackMessage {
  channel: string;
  ts: string;
  threadTs: string | null;
  text: string;
  blocks: KnownBlock[];
  metadata: unknown;
  editedTs: string | null;
  /** The only member who sees it, or null. */
  ephemeralFor: string | null;
}

export interface OpenView {
  id: string;
  hash: string;
  user: string;
  view: ModalView;
  /** Set when the last submission was not answered with 200. */
  trouble: string | null;
}

/** One request that Slack made to the app, as shown on the page. */
export interface Interaction {
  at: string;
  what: string;
  as: string;
  status: number | null;
  ms: number;
}

/** Switches that make Slack misbehave; change them at any time. */
export interface Faults {
  /** The Web API answers nothing but a closed connection. */
  down: boolean;
  /** Milliseconds by which each Web API answer is late; what was asked for has happened by then. */
  slowMs: number;
  /** How many Web API calls are still to be answered 429, with this Retry-After. */
  rateLimited: number;
  retryAfterS: number;
  /** Clicks are signed with another secret. */
  wrongSignature: boolean;
  /** Every click is sent a second time, byte for byte. */
  replay: boolean;
  /** Seconds by which a click's timestamp is off; negative is old. */
  skewS: number;
}

export const noFaults = (): Faults => ({ down: false, slowMs: 0, rateLimited: 0, retryAfterS: 1, wrongSignature: false, replay: false, skewS: 0 });

/** What Slack holds: members, channels, messages, open modals. Emits `change`. */
export class Workspace extends EventEmitter {
  readonly users: SlackUser[];
  readonly messages: SlackMessage[] = [];
  readonly views = new Map<string, OpenView>();
  readonly interactions: Interaction[] = [];
  readonly faults = noFaults();
  readonly bot = { id: 'U0TOURNIQUET', botId: 'B0TOURNIQUET', name: 'Tourniquet' };
  private readonly triggers = new Map<string, { user: string; until: number }>();
  private lastTs = 0;

  constructor(people: readonly Person[], readonly channels: SlackChannel[], readonly team: string) {
    super();
    this.users = people.flatMap((person) => (person.slack ? [{ id: person.slack.user, team: person.slack.team, name: person.name, person: person.id, guest: false, deleted: !person.active }] : []));
  }

  changed(): void {
    this.emit('change');
  }

  /** By member id, or by the id of the person it is linked to. */
  user(id: string): SlackUser | null {
    return this.users.find((one) => one.id === id) ?? this.users.find((one) => one.person === id) ?? null;
  }

  /** A channel by id; a member's id opens the direct messages with that member. */
  channel(id: string): SlackChannel | null {
    const known = this.channels.find((one) => one.id === id);
    if (known) return known;
    const member = this.users.find((one) => one.id === id && one.team === this.team);
    if (!member) return null;
    const dm = this.channels.find((one) => one.dm === member.id) ?? { id: `D${member.id.slice(1)}`, name: member.name, dm: member.id };
    if (!this.channels.includes(dm)) this.channels.push(dm);
    return dm;
  }

  post(message: Omit<SlackMessage, 'ts' | 'editedTs'>): SlackMessage {
    const posted = { ...message, ts: this.nextTs(), editedTs: null };
    this.messages.push(posted);
    this.changed();
    return posted;
  }

  /** Slack's message ids: seconds with microseconds, unique and rising. */
  nextTs(): string {
    this.lastTs = Math.max(this.lastTs + 1, Date.now() * 1000);
    return `${Math.floor(this.lastTs / 1_000_000)}.${String(this.lastTs % 1_000_000).padStart(6, '0')}`;
  }

  newId(prefix: string): string {
    return `${prefix}${randomBytes(5).toString('hex').toUpperCase()}`;
  }

  /** A trigger is good for three seconds and one modal (docs.slack.dev, "Handling user interaction"). */
  newTrigger(user: string): string {
    const id = `${Date.now()}.${this.newId('')}`;
    this.triggers.set(id, { user, until: Date.now() + 3_000 });
    return id;
  }

  useTrigger(id: string): { user: string } | 'expired_trigger_id' | 'invalid_trigger_id' | 'exchanged_trigger_id' {
    const trigger = this.triggers.get(id);
    if (!trigger) return /^\d+\.[0-9A-F]+$/.test(id) ? 'exchanged_trigger_id' : 'invalid_trigger_id';
    this.triggers.delete(id);
    return trigger.until < Date.now() ? 'expired_trigger_id' : { user: trigger.user };
  }
}
