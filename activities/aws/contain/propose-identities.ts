import { textDetail } from '../../../playbook/artifacts';
import type { Artifact, Finding } from '../../../playbook/model/finding';
import type { Alert } from '../../../playbook/model/alert';
import type { Proposal } from '../../../playbook/model/plan';
import type { Principal } from '../../../playbook/model/principal';
import { rolesOpened } from '../../../playbook/session-chain';
import { callOf, objectOf, requestOf, textOf } from '../../../playbook/triage/reading';
import { wholeAccount } from './trust-cut';
import { accountOfArn, iamTarget, lastName, proposal } from './targets';

export interface IdentityCase {
  principal: Principal;
  alerts: readonly Alert[];
  findings: readonly Finding[];
  /** The attacker's things, of alerts and findings. */
  artifacts: readonly Artifact[];
  /** Accounts that are ours. */
  ours: readonly string[];
}

/** Rows 2.1.1 to 2.1.3 for IAM identities. Pure. */
export function proposeIdentities(one: IdentityCase): Proposal[] {
  return [...ofPrincipal(one), ...ofAssumedRoles(one), ...one.artifacts.flatMap((artifact) => ofArtifact(one, artifact))];
}

/** Everything that shuts a user out: a user that is the attacker's, or whom the attacker is. */
export function shutOut(account: string, arnOrName: string, because: string, since: string | null): Proposal[] {
  const target = iamTarget('user', account, arnOrName);
  return [
    proposal('aws.deny-user', target, because), proposal('aws.disable-access-keys', target, because), proposal('aws.remove-login-profile', target, because),
    ...(since ? [proposal('aws.remove-rogue-mfa', target, because, { since })] : []),
  ];
}

function ofPrincipal({ principal, alerts, ours }: IdentityCase): Proposal[] {
  const { kind, account, id } = principal;
  const because = `it is the identity of the alerts (${[...new Set(alerts.map((alert) => alert.event))].slice(0, 5).join(', ')})`;
  if (!ours.includes(account)) return [];
  if (kind === 'user') return shutOut(account, id, because, alerts.map((alert) => alert.time).sort()[0] ?? null);
  if (kind === 'role') return [proposal('aws.revoke-role-sessions', iamTarget('role', account, id), because)];
  // Refused when planned, and so shown: nobody may think that it was contained.
  if (kind === 'federated-user' || kind === 'unknown') return [proposal('aws.deny-user', { provider: 'aws', account, region: null, kind, id, name: principal.name || id || 'unknown' }, because)];
  return [];
}

/** Sessions of roles outlive the deny of the user who opened them: every role that the principal assumed, along the whole chain. */
export function assumedRoles({ alerts, findings, principal }: Pick<IdentityCase, 'alerts' | 'findings' | 'principal'>): string[] {
  const called = alerts.filter((alert) => alert.outcome === 'success' && /^AssumeRole/.test(callOf(alert))).map((alert) => textOf(requestOf(alert).roleArn) || (alert.target?.kind === 'role' ? alert.target.id : ''));
  const facts = findings.find((finding) => finding.check === '1.2.1-who')?.facts ?? {};
  const chain = (Array.isArray(facts.chain) ? facts.chain : []).map((link) => textOf(objectOf(link).roleArn));
  const found = Array.isArray(facts.assumedRoles) ? facts.assumedRoles.map(textOf) : [];
  const sessions = alerts.flatMap((alert) => [alert.session?.roleArn ?? '', ...rolesOpened(alert)]);
  return [...new Set([...called, ...chain, ...found, ...sessions])].filter((arn) => /^arn:[^:]+:iam::\d{12}:role\//.test(arn) && arn.toLowerCase() !== principal.id.toLowerCase());
}

function ofAssumedRoles(one: IdentityCase): Proposal[] {
  const { principal, ours } = one;
  const stranger = principal.account !== '' && !ours.includes(principal.account) ? principal.account : null;
  return assumedRoles(one).filter((arn) => ours.includes(accountOfArn(arn)!) && !arn.includes(':role/aws-reserved/')).flatMap((arn) => {
    const target = iamTarget('role', accountOfArn(arn)!, arn);
    const because = `${principal.name || principal.id} opened sessions of it`;
    const crossAccount = !stranger && principal.account !== target.account && isIdentity(principal.id) ? principal.id : null;
    const cut = stranger ?? crossAccount;
    return [proposal('aws.revoke-role-sessions', target, because), ...(cut ? [proposal('aws.cut-role-trust', target, because, { principals: [cut] })] : [])];
  });
}

const isIdentity = (id: string): boolean => /^arn:[^:]+:iam::\d{12}:(user|role)\//.test(id);

function ofArtifact(one: IdentityCase, artifact: Artifact): Proposal[] {
  const { account, kind, how, id } = artifact;
  if (how === 'deleted' || how === 'read' || artifact.details.exists === false || !one.ours.includes(account)) return [];
  const because = textDetail(artifact, 'why') ?? 'the attacker made it';
  const user = textDetail(artifact, 'user');
  const target = user ? iamTarget('user', account, user) : null;
  const shut = target !== null && (isPrincipal(one, account, target.name) || isMade(one, account, target.name));
  if (kind === 'user' && how === 'created') return shutOut(account, id, because, null);
  if (kind === 'role' && how === 'created') {
    const role = iamTarget('role', account, id);
    return [proposal('aws.revoke-role-sessions', role, because, { attackerMade: true }), proposal('aws.cut-role-trust', role, because, { principals: cutList(one, artifact) })].filter(namesSomebody);
  }
  if (kind === 'trust') return [proposal('aws.revoke-role-sessions', iamTarget('role', account, id), because), proposal('aws.cut-role-trust', iamTarget('role', account, id), because, { principals: cutList(one, artifact) })].filter(namesSomebody);
  if (!target || shut) return [];
  if (kind === 'access-key') return [proposal('aws.disable-access-keys', target, because, { keys: [id] }), proposal('aws.rotate-access-keys', target, because, { compromised: [id] })];
  if (kind === 'login-profile') return [proposal('aws.remove-login-profile', target, because)];
  if (kind === 'mfa-device') return [proposal('aws.remove-rogue-mfa', target, because, { devices: [id] })];
  return [];
}

const isPrincipal = ({ principal }: IdentityCase, account: string, name: string): boolean => principal.kind === 'user' && principal.account === account && lastName(principal.id).toLowerCase() === name.toLowerCase();

const isMade = ({ artifacts }: IdentityCase, account: string, name: string): boolean => artifacts.some((other) => other.kind === 'user' && other.how === 'created' && other.account === account && lastName(other.id) === name);

const namesSomebody = ({ action, params }: Proposal): boolean => action !== 'aws.cut-role-trust' || (Array.isArray(params.principals) && params.principals.length > 0);

/** Whom the attacker let in, and the principal itself. `anyone` is the policy's `*`; what is no principal (an organisation) cannot be cut. */
function cutList({ principal, ours }: IdentityCase, artifact: Artifact): string[] {
  const outside = Array.isArray(artifact.details.outside) ? artifact.details.outside.map(textOf).map((who) => (who === 'anyone' ? '*' : who)) : [];
  const named = [...outside, ...(isIdentity(principal.id) ? [principal.id] : [])];
  return [...new Set(named)].filter((who) => who === '*' || ((wholeAccount(who) !== null || who.startsWith('arn:')) && !ours.includes(wholeAccount(who) ?? '')));
}
