import type { Finding } from '../../../playbook/model/finding';
import type { Proposal, Target } from '../../../playbook/model/plan';
import type { AwsCase, AwsContext } from '../context';
import type { Proposed } from '../contain/propose';
import { proposal } from '../contain/targets';
import { brief } from '../../../playbook/triage/reading';

/**
 * Section 2.2 but for its audits, which are checks: hardware MFA and a new password as people's tasks, a member account's root credentials removed by
 * the management account, and the report to AWS. Only for an account of ours.
 */
export async function proposeRoot(ctx: AwsContext, aCase: Pick<AwsCase, 'principal' | 'alerts' | 'incident'>, findings: readonly Finding[]): Promise<Proposed> {
  const { principal } = aCase;
  const account = ctx.access.config.accounts.find((one) => one.id === principal.account);
  if (!account) return { proposals: [], left: [`root of ${principal.account} is not ours to secure: report it to AWS (https://support.aws.amazon.com/#/contacts/report-abuse)`] };
  const target: Target = { provider: 'aws', account: account.id, region: null, kind: 'account', id: `arn:aws:iam::${account.id}:root`, name: account.name || account.id };
  const managed = ctx.access.config.accounts.some((one) => one.management) && !account.management;
  const because = 'root of the account is compromised';
  const proposals: Proposal[] = [
    proposal('aws.require-root-mfa', target, because),
    proposal('aws.rotate-root-password', target, because),
    ...(managed ? [proposal('aws.remove-root-credentials', target, because)] : []),
    proposal('aws.contact-support', target, because, { body: report(aCase, findings) }),
  ];
  return { proposals, left: [] };
}

/** What AWS needs to know, in words; the alerts' own text is hostile and kept to one bounded line each. */
function report({ principal, alerts, incident }: Pick<AwsCase, 'principal' | 'alerts' | 'incident'>, findings: readonly Finding[]): string {
  const events = [...alerts].sort((a, b) => (a.time < b.time ? -1 : 1)).slice(0, 20).map((alert) => `- ${alert.time} ${brief(alert.event)} from ${brief(alert.sourceIp ?? 'unknown')} in ${alert.region ?? 'unknown region'} (${alert.outcome})`);
  const seen = findings.filter((finding) => finding.state === 'found').slice(0, 15).map((finding) => `- ${finding.check}: ${brief(finding.summary, 200)}`);
  return [
    `We believe that the ${principal.kind === 'root' ? 'root user' : 'identity'} of AWS account ${principal.account} was used by somebody else. Our incident: ${incident}.`,
    'Please check the account for unauthorized use, tell us of changes to its contact data, and advise on charges.', '', 'Events:', ...events, ...(seen.length > 0 ? ['', 'What we found:', ...seen] : []),
  ].join('\n');
}
