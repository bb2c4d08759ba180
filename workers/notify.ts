import type { Directory, NotifyConfig } from '../activities/notify';
import type { ContactTarget } from '../activities/notify';
import type { Config } from './config/schema';
import { readSecret } from './config/secret';
import { ed25519Of } from './config/signing-key';

type Contact = Config['contacts'][string];

/** How people are reached, with the secrets resolved. */
export function notifyConfig(config: Config): NotifyConfig {
  const { slack, smtp, contacts } = config;
  const entries = Object.entries(contacts);
  const services = Object.fromEntries(entries.flatMap(([name, contact]) => (contact.pagerduty ? [[name, readSecret(contact.pagerduty)]] : [])));
  const inChannel: ContactTarget[] = slack ? [{ channel: 'slack', to: slack.channel }] : [];
  const onCall = contacts['on-call'] ? targetsOf('on-call', contacts['on-call']) : inChannel;
  return {
    slack: slack && { botToken: readSecret(slack.botToken), apiUrl: slack.apiUrl ?? undefined, team: slack.team, approvalsChannel: slack.channel },
    smtp: smtp && smtpOf(readSecret(smtp.url), smtp.from),
    pagerDuty: Object.keys(services).length > 0 ? { services } : null,
    webhooks: Object.fromEntries(entries.flatMap(([name, contact]) => (contact.webhook ? [[name, { url: contact.webhook.url, secret: readSecret(contact.webhook.secret) }]] : []))),
    groups: { ...Object.fromEntries(entries.map(([name, contact]) => [name, targetsOf(name, contact)])), incidents: inChannel, 'on-call': onCall },
    notices: { info: ['incidents'], warn: ['incidents'], page: ['incidents', ...(contacts['on-call'] ? ['on-call'] : [])] },
    fallback: inChannel.length > 0 ? inChannel : onCall,
    consoleUrl: config.console?.url ?? null,
  };
}

function targetsOf(name: string, contact: Contact): ContactTarget[] {
  return [
    ...(contact.slack ? [{ channel: 'slack' as const, to: contact.slack }] : []),
    ...contact.email.map((to) => ({ channel: 'email' as const, to })),
    ...(contact.pagerduty ? [{ channel: 'pagerduty' as const, to: name }] : []),
    ...(contact.webhook ? [{ channel: 'webhook' as const, to: name }] : []),
  ];
}

function smtpOf(text: string, from: string): NotifyConfig['smtp'] {
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  return {
    host: url.hostname, port: Number(url.port) || (secure ? 465 : 587), secure, from,
    user: url.username ? decodeURIComponent(url.username) : undefined, password: url.password ? decodeURIComponent(url.password) : undefined,
  };
}

/** People and approver sets from the configuration; a change takes effect when the role is restarted. */
export function directoryOf(config: Config): Directory {
  const sets = Object.fromEntries(Object.entries(config.approvals).map(([tier, { approvers, backup }]) => [tier, { approvers, backup }])) as Awaited<ReturnType<Directory['approvers']>>;
  const people = config.people.map(({ signingKeys, ...person }) => ({ ...person, keys: signingKeys.flatMap((line) => ed25519Of(line) ?? []) }));
  return { people: () => Promise.resolve(people), approvers: () => Promise.resolve(sets) };
}
