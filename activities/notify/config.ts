/** What the configuration says about reaching people. Secrets arrive here resolved; none of them is ever part of a message, an error or a result. */

export interface SlackConfig {
  botToken: string;
  /** Ends in `/api/`; Slack's own when left out. */
  apiUrl?: string;
  /** The workspace whose members can be mentioned, e.g. `T012AB3C4`. */
  team: string;
  /** Channel id where questions are asked. */
  approvalsChannel: string;
  /** Milliseconds one call may take; 4000 when left out. */
  timeoutMs?: number;
}

export interface SmtpConfig {
  host: string;
  port: number;
  /** TLS from the first byte (465). Otherwise STARTTLS is demanded, unless `allowPlaintext`. */
  secure: boolean;
  allowPlaintext?: boolean;
  user?: string;
  password?: string;
  from: string;
}

export interface PagerDutyConfig {
  /** `https://events.pagerduty.com/v2/enqueue` when left out. */
  eventsUrl?: string;
  /** Routing (integration) key by service name. */
  services: Record<string, string>;
}

export interface WebhookConfig {
  url: string;
  /** Signs the body: HMAC-SHA256 over `<timestamp>.<body>`. */
  secret: string;
}

/** Where one message goes: a channel or member id, an address, a service name, a webhook name. */
export interface ContactTarget {
  channel: 'slack' | 'email' | 'pagerduty' | 'webhook';
  to: string;
}

/** Contact group (`ciso`, `cloud-team`, `soc-lead`, `legal`, `dpo`, `finance`, `major-incident`, …) → where its people are reached. */
export type ContactGroups = Record<string, ContactTarget[]>;

export interface NotifyConfig {
  slack: SlackConfig | null;
  smtp: SmtpConfig | null;
  pagerDuty: PagerDutyConfig | null;
  webhooks: Record<string, WebhookConfig>;
  groups: ContactGroups;
  /** Groups told by a notice of each level. */
  notices: Record<'info' | 'warn' | 'page', string[]>;
  /** Told when a group is asked for that has no contact: an escalation never goes nowhere. */
  fallback: ContactTarget[];
  /** For the links in messages; null when there is no console. */
  consoleUrl: string | null;
}
