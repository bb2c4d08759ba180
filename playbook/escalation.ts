import { textDetail } from './artifacts';
import type { Alert } from './model/alert';
import type { Artifact, Finding } from './model/finding';
import type { Principal } from './model/principal';
import type { Verdict } from './model/verdict';

/** One due escalation of section 6; `condition` is the row, so that it goes out once. */
export interface DueEscalation {
  condition: string;
  title: string;
  lines: string[];
  /** Contact groups of the configuration. */
  to: string[];
  /** ISO time by which the law wants it done, or null. */
  deadline: string | null;
}

export interface EscalationInput {
  principal: Principal;
  verdict: Verdict;
  alerts: readonly Alert[];
  findings: readonly Finding[];
  /** ISO, the caller's clock. */
  now: string;
  /** The look-up found that the principal is a Global Administrator. */
  globalAdmin?: boolean;
  /** Accounts of the campaign that the incident is part of, when known. */
  campaign?: { accounts: readonly string[] } | null;
}

/** PDPA s. 37(4): the office is told within 72 hours of the controller becoming aware of the breach. */
export const PDPA_MS = 72 * 3_600_000;

/** The six conditions of section 6 that hold now, in the playbook's order. Only a critical verdict escalates. */
export function escalationsDue(input: EscalationInput): DueEscalation[] {
  if (input.verdict.kind !== 'critical') return [];
  return [root, logging, crossAccount, mining, exposure, accounts].map((rule) => rule(input)).filter((due) => due !== null);
}

type Rule = (input: EscalationInput) => DueEscalation | null;

const root: Rule = ({ principal, alerts, verdict, globalAdmin }) =>
  principal.kind === 'root' || globalAdmin || verdict.event === 'root-login'
    ? due('6.1', `Root or Global Admin of ${principal.account} is compromised`, ['ciso', 'cloud-team'], [`${principal.name}: ${eventsOf(alerts)}`])
    : null;

const logging: Rule = ({ alerts, findings, verdict }) => {
  const things = attackers(findings, '1.3.5-logging');
  if (verdict.event !== 'logging-disabled' && things.length === 0) return null;
  return due('6.2', 'Audit logging was disabled', ['ciso', 'soc-lead'], [...(things.length > 0 ? things.map(line) : [eventsOf(alerts)]), ...notLooked(findings, '1.3.5-logging')]);
};

const crossAccount: Rule = ({ alerts, findings, verdict }) => {
  const trusts = findings.flatMap((finding) => finding.artifacts).filter((one) => one.attribution === 'attacker' && (one.kind === 'trust' || one.kind === 'role') && hasOutside(one));
  if (verdict.event !== 'cross-account-role' && trusts.length === 0) return null;
  return due('6.3', 'Unauthorized cross-account access', ['ciso', 'cloud-architecture'], trusts.length > 0 ? once(trusts.map(line)) : [eventsOf(alerts)]);
};

const mining: Rule = ({ alerts, findings }) => {
  const spikes = findings.filter((one) => (one.check === '1.2.8-billing' || one.check === '2.2.5-billing') && one.facts.spike === true);
  const threats = alerts.filter((one) => /^(cryptocurrency|impact:ec2\/.*(mining|bitcoin))/i.test(one.event));
  const instances = attackers(findings, '1.3.1-compute').filter((one) => one.kind === 'instance' && one.how === 'created');
  if (spikes.length + threats.length + instances.length === 0) return null;
  // Cost data lag by up to a day: machines that the attacker started are taken for miners until shown otherwise.
  return due('6.4', spikes.length > 0 ? 'Billing spike: cryptomining' : 'Cryptomining suspected', ['cloud-team', 'finance'], [
    ...spikes.map((one) => one.summary), ...threats.map((one) => `${one.event}: ${one.target?.id ?? ''}`), ...instances.map(line),
  ]);
};

const exposure: Rule = ({ alerts, findings, verdict, now }) => {
  const open = attackers(findings, '1.3.2-storage').filter((one) => one.details.publicNow === true || one.details.madePublic === true);
  const exposing = alerts.filter((one) => one.outcome === 'success' && one.facts.public === true && (one.target?.kind === 'bucket' || one.service === 's3.amazonaws.com'));
  if (verdict.event !== 'storage-exposure' && exposing.length === 0 && open.length === 0) return null;
  // We became aware when the alert came in; an exposure that only the investigation found, when it found it.
  const told = (exposing.length > 0 ? exposing : verdict.event === 'storage-exposure' ? alerts : []).map((one) => one.receivedAt ?? one.time).sort()[0];
  const discovered = told ?? now;
  const deadline = new Date(Date.parse(discovered) + PDPA_MS).toISOString();
  return due('6.5', 'Data exposed in public storage', ['legal', 'dpo'], [
    ...once(open.map(line)), ...exposing.map((one) => `${one.event}: ${one.target?.id ?? ''}`), `Discovered ${discovered}; PDPA notification due by ${deadline}`,
  ], deadline);
};

const accounts: Rule = ({ principal, alerts, findings, campaign }) => {
  const all = once([
    principal.account, ...alerts.filter((one) => one.outcome === 'success').map((one) => one.account), ...(campaign?.accounts ?? []),
    ...findings.flatMap((finding) => finding.artifacts).filter((one) => one.attribution === 'attacker').map((one) => one.account),
  ]);
  return all.length > 1 ? due('6.6', `${all.length} cloud accounts are affected`, ['major-incident'], [`Accounts: ${all.join(', ')}`]) : null;
};

const attackers = (findings: readonly Finding[], check: Finding['check']): Artifact[] =>
  findings.filter((one) => one.check === check).flatMap((one) => one.artifacts).filter((one) => one.attribution === 'attacker');
const hasOutside = (artifact: Artifact): boolean => Array.isArray(artifact.details.outside) && artifact.details.outside.length > 0;
const line = (artifact: Artifact): string => `${artifact.how} ${artifact.kind} ${artifact.name}${textDetail(artifact, 'change') ? ` (${textDetail(artifact, 'change')})` : ''} in ${artifact.account}${artifact.region ? `/${artifact.region}` : ''}`;
const eventsOf = (alerts: readonly Alert[]): string => once(alerts.map((one) => one.event)).slice(0, 10).join(', ');
const once = (values: string[]): string[] => [...new Set(values)];
const notLooked = (findings: readonly Finding[], check: Finding['check']): string[] =>
  findings.filter((one) => one.check === check && one.state === 'could-not-look').map((one) => `could not look: ${one.summary}`);

function due(condition: string, title: string, to: string[], lines: string[], deadline: string | null = null): DueEscalation {
  return { condition, title, to, deadline, lines: lines.length > 20 ? [...lines.slice(0, 20), `… and ${lines.length - 20} more`] : lines };
}
