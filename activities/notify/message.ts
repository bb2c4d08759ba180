import { plain } from '../../playbook/message/text';

/** One message to people, before it is put into a channel's form. Its texts may hold words of an attacker. */
export interface OutMessage {
  /** Once per key and target. */
  key: string;
  level: 'info' | 'warn' | 'page';
  title: string;
  lines: string[];
  caseKey: string | null;
  /** ISO time by which law or policy wants it done. */
  deadline: string | null;
  link: string | null;
}

/** A channel that could not deliver; `retryAfterMs` is what the service asked for. */
export class ChannelError extends Error {
  constructor(message: string, readonly retryAfterMs = 0) {
    super(message);
  }
}

/** Puts a message into the world; throws ChannelError. */
export type Channel = (message: OutMessage, to: string) => Promise<void>;

/** The message as lines of plain text: for mail, and as Slack's fallback before escaping. */
export function asLines(message: OutMessage): string[] {
  return [
    ...message.lines.slice(0, 40).map((line) => plain(line, 500)),
    ...(message.deadline ? [`Deadline: ${message.deadline}`] : []),
    ...(message.caseKey ? [`Case: ${message.caseKey}`] : []),
    ...(message.link ? [message.link] : []),
  ];
}

/** Milliseconds of a Retry-After header (seconds, or an HTTP date); 0 when there is none. */
export function retryAfterMs(header: string | null, now = Date.now()): number {
  if (!header) return 0;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
