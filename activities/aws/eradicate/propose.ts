import { artifactKey } from '../../../playbook/artifacts';
import type { Artifact, Finding } from '../../../playbook/model/finding';
import type { Proposal } from '../../../playbook/model/plan';
import { codeOf, toFailure } from '../../boundary';
import type { AwsCase, AwsContext } from '../context';
import { classifyAws } from '../errors';
import { dependentsOf } from './dependents';
import { listed, proposalsFor, type Proposed } from './proposals';
import { inParallel } from './support';

/**
 * Section 3: what the investigation attributed to the attacker, as proposals in an order that works; everything else is listed for a person.
 * Reads only: a made thing that a legitimate one has come to rely on is listed instead of proposed.
 * Errors: those that are worth another try (THROTTLED, CLOUD_UNAVAILABLE); one that is not lists the thing.
 */
export async function proposeEradication(ctx: AwsContext, { principal }: Pick<AwsCase, 'principal'>, findings: readonly Finding[]): Promise<Proposed> {
  const artifacts = distinct(findings.flatMap((finding) => finding.artifacts));
  const { proposals, unattributed } = proposalsFor(artifacts);
  const kept: Proposal[] = [];
  const checked = await inParallel(proposals, 4, async (proposal) => ({ proposal, because: await whyNot(ctx, proposal, principal.id) }));
  for (const { proposal, because } of checked) {
    if (because === null) kept.push(proposal);
    else unattributed.push(listed(artifactOf(artifacts, proposal), because));
  }
  return { proposals: kept, unattributed };
}

/** One line for the plan's `left`. */
export function describeListed({ account, region, kind, id, details }: Artifact): string {
  return `${kind} ${id} (${[account, region].filter(Boolean).join(', ')}): ${String(details.listedBecause ?? 'not attributable')}`;
}

async function whyNot(ctx: AwsContext, { action, target, params }: Proposal, principal: string): Promise<string | null> {
  if (/^aws\.delete-(user|role)$/.test(action) && target.id.toLowerCase() === principal.toLowerCase()) return 'it is the incident’s own principal: contained, and rebuilt rather than deleted';
  if (!ctx.access.config.accounts.some((account) => account.id === target.account)) return `account ${target.account} is not configured`;
  const dependents = dependentsOf[action];
  if (!dependents) return null;
  try {
    const found = await dependents(ctx, target, params);
    return found.length > 0 ? `it is used by what is not the attacker’s: ${found.join(', ')}` : null;
  } catch (error) {
    const failure = toFailure(error, classifyAws);
    if (!failure.nonRetryable) throw failure;
    return `it could not be seen whether something depends on it (${codeOf(failure)})`;
  }
}

function distinct(artifacts: readonly Artifact[]): Artifact[] {
  const byKey = new Map<string, Artifact>();
  for (const artifact of artifacts) {
    const key = artifactKey(artifact);
    const known = byKey.get(key);
    // Seen by two checks: the attribution that one of them could prove counts.
    if (!known || (known.attribution === 'unattributed' && artifact.attribution === 'attacker')) byKey.set(key, artifact);
  }
  return [...byKey.values()];
}

function artifactOf(artifacts: readonly Artifact[], { target }: Proposal): Artifact {
  // By id first: a policy and a role may bear the same name.
  const own = artifacts.filter((one) => one.attribution === 'attacker' && one.account === target.account);
  const found = own.find((one) => one.id === target.id) ?? own.find((one) => one.kind === target.kind && one.name === target.name);
  return found ?? { provider: 'aws', account: target.account, region: target.region, kind: 'other', id: target.id, name: target.name, attribution: 'attacker', how: 'changed', events: [], details: {} };
}
