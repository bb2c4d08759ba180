import { paginateLookupEvents, type Event } from '@aws-sdk/client-cloudtrail';
import { GenerateCredentialReportCommand, GetCredentialReportCommand } from '@aws-sdk/client-iam';
import type { Target } from '../../../playbook/model/plan';
import type { AwsContext } from '../context';
import { defineAwsAction, type Verified } from '../define';
import { text } from '../eradicate/support';
import { readRoot, rootIsEmpty } from './account-summary';

/**
 * Row 2.2.2. Target: an account. A person does it: root's password has no API. Proof is CloudTrail's `PasswordUpdated` by root, or the credential report's
 * `password_last_changed` where it has one for root, after `params.since`. That is the time of planning: a change before it may be the attacker's own.
 */
export const rotateRootPassword = defineAwsAction('aws.rotate-root-password', {
  permissions: ['iam:GetAccountSummary', 'iam:ListVirtualMFADevices', 'cloudtrail:LookupEvents', 'iam:GenerateCredentialReport', 'iam:GetCredentialReport'],
  async plan(ctx, { target }) {
    const root = await readRoot(ctx, target.account);
    const needed = root.password;
    return {
      needed, before: root, params: { since: ctx.now().toISOString() },
      change: needed ? [
        `Check that the e-mail address of account ${target.account} is yours and its mailbox is safe: it can reset the password`,
        'Take the root password from the break-glass safe; sign in at https://console.aws.amazon.com/ (“Root user”), or reset it by “Forgot password?” if the attacker changed it',
        'Account menu, “Security credentials”, “Account password”: set a new one of at least 30 random characters',
        'Delete every root access key and signing certificate on the same page',
        'Check the contact addresses and phone number under “Account”, put the new password into the safe, and record who did it',
      ] : [],
    };
  },
  apply: async (_ctx, step) => ({ waitingFor: 'a person', instructions: step.change }),
  async verify(ctx, { target, params }): Promise<Verified> {
    const since = new Date(text(params, 'since'));
    const event = await passwordUpdated(ctx, target, since);
    if (event) return { holds: true, seen: { event: event.EventId ?? '', at: event.EventTime?.toISOString() ?? '' } };
    const reported = await reportedChange(ctx, target);
    if (reported !== null && new Date(reported) >= since) return { holds: true, seen: { reported } };
    const root = await readRoot(ctx, target.account);
    return { holds: rootIsEmpty(root), seen: { since: since.toISOString(), reported, ...root } };
  },
  undo: async (_ctx, step) => ({ seen: {}, left: [`the root password of ${step.target.account} stays the new one`] }),
});

/** Root sign-in events are recorded in the global region. Only an answered “Success” counts. */
async function passwordUpdated(ctx: AwsContext, target: Target, since: Date): Promise<Event | null> {
  const { cloudtrail } = ctx.access.clients(target.account, ctx.access.config.globalRegion);
  const pages = paginateLookupEvents({ client: cloudtrail }, { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'PasswordUpdated' }], StartTime: floorToSecond(since) });
  for await (const page of pages) {
    const found = (page.Events ?? []).find((event) => byRoot(event) && event.EventTime !== undefined && event.EventTime >= floorToSecond(since));
    if (found) return found;
  }
  return null;
}

/** CloudTrail's times have no milliseconds. */
const floorToSecond = (time: Date): Date => new Date(Math.floor(time.getTime() / 1000) * 1000);

function byRoot(event: Event): boolean {
  const record = JSON.parse(event.CloudTrailEvent ?? '{}') as { userIdentity?: { type?: string }; responseElements?: { PasswordUpdated?: string } | null };
  return record.userIdentity?.type === 'Root' && record.responseElements?.PasswordUpdated === 'Success';
}

/** When the report says that root's password was last changed; null while there is no report, or when it says `not_supported`. */
async function reportedChange(ctx: AwsContext, target: Target): Promise<string | null> {
  const { iam } = ctx.access.clients(target.account);
  try {
    const { State: state } = await iam.send(new GenerateCredentialReportCommand({}));
    if (state !== 'COMPLETE') return null;
    const { Content: content } = await iam.send(new GetCredentialReportCommand({}));
    const [header = '', ...rows] = Buffer.from(content ?? []).toString('utf8').split('\n');
    const root = rows.map((row) => row.split(',')).find((row) => row[0] === '<root_account>' || row[0] === 'root');
    const value = root?.[header.split(',').indexOf('password_last_changed')];
    return value !== undefined && !Number.isNaN(Date.parse(value)) ? value : null;
  } catch (error) {
    // The report is made while we ask; the next look finds it.
    if (error instanceof Error && /^(ReportInProgress|ReportNotPresent|CredentialReport)/.test(error.name)) return null;
    throw error;
  }
}
