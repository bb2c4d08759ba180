import type { Artifact, Finding } from '../../../playbook/model/finding';
import type { Proposal, Target } from '../../../playbook/model/plan';
import type { AwsCase, AwsContext } from '../context';
import { protectedBy } from '../protect';
import { chooseTrail } from './choose-trail';

/** Name of the trail that is made where there is none. */
const newTrail = 'tourniquet-trail';

/**
 * Section 4, rows 4.1 to 4.6, for every configured account of the incident; lifting the deny comes last, and only for a principal that
 * was there before the attacker. Reads which trail to protect. What cannot be done here (no management account, no bucket) is refused when it is planned, and said there.
 */
export async function proposeRecovery(ctx: AwsContext, aCase: AwsCase, findings: readonly Finding[]): Promise<Proposal[]> {
  const { config } = ctx.access;
  const artifacts = findings.flatMap((finding) => finding.artifacts);
  const named = new Set([aCase.principal.account, ...aCase.alerts.map((alert) => alert.account), ...artifacts.filter((one) => one.attribution === 'attacker').map((one) => one.account)]);
  const accounts = config.accounts.filter((account) => named.has(account.id));
  const account = (id: string): Target => ({ provider: 'aws', account: id, region: null, kind: 'account', id, name: config.accounts.find((one) => one.id === id)?.name ?? id });
  const paying = config.accounts.find((one) => one.management)?.id ?? aCase.principal.account;
  const because = 'section 4 of the playbook, for every account of the incident';
  const propose = (action: string, target: Target, params: Proposal['params'] = {}, why = because): Proposal => ({ action, target, params, because: why });
  const survivor = survivingPrincipal(aCase, artifacts, accounts.map((one) => one.id));
  const compromisedFrom = aCase.alerts.map((alert) => alert.time).sort()[0] ?? ctx.now().toISOString();
  return [
    ...accounts.map((one) => propose('aws.enforce-mfa', account(one.id))),
    ...[...(survivor ? [survivor] : []), ...administrators(ctx, findings, accounts.map((one) => one.id))]
      .filter((target, index, all) => all.findIndex((other) => other.id.toLowerCase() === target.id.toLowerCase()) === index)
      .map((target) => propose('aws.apply-least-privilege', target, { compromisedFrom })),
    ...accounts.flatMap((one) => one.regions.map((region) => propose('aws.enable-guardduty', { ...account(one.id), region, kind: 'detector', id: `${one.id}/${region}`, name: region }))),
    ...(await Promise.all(accounts.map(async (one) => propose('aws.protect-trail', ...(await trailOf(ctx, one.id)))))),
    ...(config.accounts.some((one) => one.id === paying) ? [propose('aws.set-billing-alarms', account(paying))] : []),
    ...accounts.map((one) => propose('aws.scp-deny-root', account(one.id))),
    ...(survivor ? [propose('aws.lift-deny', survivor, { compromisedFrom, oldKeys: stolenKeys(aCase, artifacts) }, 'it was there before the attacker and has to work again')] : []),
  ];
}

async function trailOf(ctx: AwsContext, account: string): Promise<[Target, Proposal['params']]> {
  const trail = await chooseTrail(ctx, account);
  const target = { provider: 'aws' as const, account, kind: 'trail' };
  if (!trail) return [{ ...target, region: ctx.access.regions(account)[0] ?? ctx.access.config.globalRegion, id: newTrail, name: newTrail }, {}];
  return [{ ...target, region: trail.homeRegion, id: trail.arn, name: trail.name }, { own: trail.own, multiRegion: trail.multiRegion, validation: trail.validation }];
}

/** The principal as a target, when it is a user or role that the attacker did not make. */
function survivingPrincipal({ principal }: AwsCase, artifacts: readonly Artifact[], accounts: readonly string[]): Target | null {
  if ((principal.kind !== 'user' && principal.kind !== 'role') || !accounts.includes(principal.account)) return null;
  const made = artifacts.some(
    (one) => one.attribution === 'attacker' && one.how === 'created' && one.kind === principal.kind && one.account === principal.account && one.name.toLowerCase() === principal.name.toLowerCase(),
  );
  return made ? null : { provider: 'aws', account: principal.account, region: null, kind: principal.kind, id: principal.id, name: principal.name };
}

/** Keys that the attacker used or made. */
export function stolenKeys({ alerts }: Pick<AwsCase, 'alerts'>, artifacts: readonly Artifact[]): string[] {
  const used = alerts.flatMap((alert) => alert.session?.accessKeyId ?? []);
  const made = artifacts.filter((one) => one.kind === 'access-key' && one.attribution === 'attacker' && one.how !== 'deleted').map((one) => one.id);
  return [...new Set([...used, ...made])].sort();
}

/** Administrators that the audit of 2.2.3 names (`facts.administrators`: ARNs), users only, but for the protected and those that the attacker made. */
function administrators(ctx: AwsContext, findings: readonly Finding[], accounts: readonly string[]): Target[] {
  const made = new Set(findings.flatMap((finding) => finding.artifacts).filter((one) => one.how === 'created').map((one) => one.id));
  const arns = findings.flatMap((finding) => (Array.isArray(finding.facts.administrators) ? finding.facts.administrators : [])).filter((arn): arn is string => typeof arn === 'string' && !made.has(arn));
  return arns.flatMap((arn) => {
    const match = /^arn:[^:]+:iam::(\d{12}):user\/(?:.*\/)?([^/]+)$/.exec(arn);
    if (!match || !accounts.includes(match[1]!) || protectedBy(ctx.access.config, arn, match[2]!)) return [];
    return [{ provider: 'aws' as const, account: match[1]!, region: null, kind: 'user', id: arn, name: match[2]! }];
  });
}
