import { activityInfo } from '@temporalio/activity';
import type { EvidenceSink } from '../evidence/sink';
import { toFailure } from '../boundary';
import type { CaseActivities, Delivery, Escalation, Notice } from '../contract';
import { emailChannel, pagerDutyChannel, slackChannel, webhookChannel } from './channels';
import type { NotifyConfig } from './config';
import { deliver, targetsOf, type Channels } from './deliver';
import { createLookUpApprovers, createLookUpKeys, type Directory } from './directory';
import type { DeliveryLedger } from './ledger';
import type { OutMessage } from './message';
import { createShowApproval } from './show-approval';
import { slackClient } from './slack-client';

export type { ContactGroups, ContactTarget, NotifyConfig, PagerDutyConfig, SlackConfig, SmtpConfig, WebhookConfig } from './config';
export type { Directory } from './directory';
export { pagerDutyRota, shiftRota, withOnCall } from './on-call';
export { folderLedger, memoryLedger, type DeliveryLedger } from './ledger';

export interface NotifyDeps {
  config: NotifyConfig;
  directory: Directory;
  ledger: DeliveryLedger;
  /** Where a case's deliveries are recorded, beside what the incident itself records; null to leave that out. */
  evidence?: Pick<EvidenceSink, 'record'> | null;
  /** Which attempt of the activity this is, from 1; Temporal's own when left out. */
  attempt?: () => number;
  /** Stands in for waiting what Retry-After asks. */
  pause?: (ms: number) => Promise<void>;
}

export type NotifyActivities = Pick<CaseActivities, 'showApproval' | 'lookUpApprovers' | 'lookUpKeys' | 'escalate' | 'notify'>;

/** The activities that reach people. Errors: NOTIFY_FAILED (only when nobody at all was reached), UNEXPECTED. */
export function createNotifyActivities({ config, directory, ledger, evidence = null, attempt = () => activityInfo().attempt, pause }: NotifyDeps): NotifyActivities {
  const client = config.slack ? slackClient(config.slack) : null;
  const channels: Channels = {
    slack: client ? slackChannel(client, attempt) : undefined,
    email: config.smtp ? emailChannel(config.smtp) : undefined,
    pagerduty: config.pagerDuty ? pagerDutyChannel(config.pagerDuty) : undefined,
    webhook: webhookChannel(config.webhooks),
  };

  async function tell(message: OutMessage, groups: readonly string[]): Promise<Delivery[]> {
    const { targets, unknown } = targetsOf(config, groups);
    const lines = unknown.length > 0 ? [...message.lines, `No contact is configured for: ${unknown.join(', ')}.`] : message.lines;
    const deliveries = await deliver({ ...message, lines }, targets, channels, ledger, pause);
    await record(message, deliveries);
    return deliveries;
  }

  /** People have been told: a record that cannot be written now must not tell them again. */
  async function record(message: OutMessage, deliveries: Delivery[]): Promise<void> {
    if (!evidence || !message.caseKey) return;
    const text = `Told: ${deliveries.map((one) => `${one.channel} ${one.to}${one.delivered ? '' : ' (failed)'}`).join(', ')}`;
    await evidence.record(message.caseKey, [{ key: `delivered/${message.key}`, at: new Date().toISOString(), kind: 'notify', text, data: { title: message.title, deliveries: deliveries.map((one) => ({ ...one })) } }]).catch(() => undefined);
  }

  const linkOf = (caseKey: string | null): string | null => (config.consoleUrl && caseKey ? `${config.consoleUrl.replace(/\/$/, '')}/incidents/${encodeURIComponent(caseKey)}` : null);

  return {
    showApproval: guarded(createShowApproval({ slack: config.slack, client, directory, attempt })),
    lookUpApprovers: guarded(createLookUpApprovers(directory)),
    lookUpKeys: guarded(createLookUpKeys(directory)),
    escalate: guarded(async (input: Escalation) =>
      tell({ key: `${input.caseKey}/escalation/${input.condition}`, level: 'page', title: input.title, lines: input.lines, caseKey: input.caseKey, deadline: input.deadline, link: linkOf(input.caseKey) }, input.to)),
    notify: guarded(async (input: Notice) =>
      tell({ key: `${input.caseKey ?? 'tourniquet'}/notice/${input.key}`, level: input.level, title: input.title, lines: input.lines, caseKey: input.caseKey, deadline: null, link: linkOf(input.caseKey) }, config.notices[input.level])),
  };
}

/** Whatever goes wrong leaves as a failure of the one table. */
function guarded<I, O>(work: (input: I) => Promise<O>): (input: I) => Promise<O> {
  return (input) => work(input).catch((error: unknown) => {
    throw toFailure(error, () => null);
  });
}
