import { setTimeout as sleep } from 'node:timers/promises';
import { attackersArtifacts } from '../../../playbook/artifacts';
import type { Artifact, Finding } from '../../../playbook/model/finding';
import type { Proposal } from '../../../playbook/model/plan';
import { toFailure } from '../../boundary';
import type { AwsCase, AwsContext } from '../context';
import { classifyAws } from '../errors';
import { alertArtifacts } from './alert-artifacts';
import { proposeIdentities } from './propose-identities';
import { proposeIdentityCenter } from './propose-identity-center';
import { attackersAddresses, proposeBlocks, proposeCloudFrontBlocks } from './propose-network';
import { proposeBuckets, proposeIsolation, proposeLogging, proposeReservations } from './propose-resources';
import { inOrder } from './targets';

export interface Proposed {
  proposals: Proposal[];
  /** What only a person can judge or do, one line each. */
  left: string[];
}

/** What reading for the proposals needs, beside the actions' own permissions. */
export const proposalPermissions: readonly string[] = [
  'cloudtrail:DescribeTrails', 'cloudtrail:GetTrailStatus', 'ec2:DescribeInstances', 'ec2:DescribeNetworkAcls', 'ec2:DescribeSecurityGroupRules', 'identitystore:GetUserId', 's3:GetBucketLocation',
  'sso:DescribePermissionSet', 'sso:ListAccountAssignmentsForPrincipal', 'sso:ListInstances', 'wafv2:ListWebACLs',
];

/** What the attacker did, of alerts and findings together. */
export function artifactsOf(ctx: AwsContext, { alerts }: Pick<AwsCase, 'alerts'>, findings: readonly Finding[]): Artifact[] {
  const ours = ctx.access.config.accounts.map((account) => account.id);
  return [...alertArtifacts(alerts, ours), ...attackersArtifacts(findings)].filter((artifact) => ours.includes(artifact.account));
}

/**
 * Section 2.1: everything that shuts the attacker out now, in the playbook's order; deny first. Works from principal and alerts alone, and from findings when there are some.
 * Reads only, in parallel; what cannot be read becomes a line in `left`, never a gap, and never holds up the rest.
 */
export async function proposeContainment(ctx: AwsContext, { principal, alerts, elsewhere }: Pick<AwsCase, 'principal' | 'alerts' | 'elsewhere'>, findings: readonly Finding[]): Promise<Proposed> {
  const { config } = ctx.access;
  const ours = config.accounts.map((account) => account.id);
  const artifacts = artifactsOf(ctx, { alerts }, findings);
  const identities = proposeIdentities({ principal, alerts, findings, artifacts, ours });
  const accounts = [...new Set([principal.account, ...alerts.map((alert) => alert.account)])].filter((account) => ours.includes(account));
  const addresses = attackersAddresses(config, { alerts, elsewhere }, findings);
  const because = 'the attacker came from it';
  const read = await Promise.all([
    tried('instances', () => proposeReservations(ctx, artifacts)),
    tried('public buckets', () => proposeBuckets(ctx, artifacts)),
    tried('trails', () => proposeLogging(ctx, artifacts)),
    ...accounts.map((account) => tried(`CloudFront web ACLs of ${account}`, () => proposeCloudFrontBlocks(ctx, account, addresses, because))),
    ...accounts.flatMap((account) => ctx.access.regions(account).map((region) => tried(`where to block addresses in ${account} ${region}`, () => proposeBlocks(ctx, account, region, addresses, because)))),
    ...(principal.kind === 'identity-center-user' ? [tried('Identity Center', () => proposeIdentityCenter(ctx, principal, alerts))] : []),
  ]);
  const stranger = ours.includes(principal.account) ? [] : [`${principal.name || principal.id || 'the caller'} is of account ${principal.account || 'unknown'}, which is not ours: it can only be kept out, not shut down`];
  return {
    proposals: inOrder([...identities, ...proposeIsolation(artifacts), ...read.flatMap((one) => one.proposals)]),
    left: [...stranger, ...read.flatMap((one) => one.left)],
  };
}

/** The deny waits for the slowest of these reads, so none may take long; the plan after the investigation looks again. */
const READ_MS = 5_000;

/** Containment does not wait for a service that is away: whatever the error, it is said and the rest goes on. */
async function tried(what: string, look: () => Promise<Proposal[] | Proposed>): Promise<Proposed> {
  const late = new AbortController();
  try {
    const found = await Promise.race([look(), sleep(READ_MS, null, { signal: late.signal })]);
    if (found === null) return { proposals: [], left: [`could not look at ${what} within ${READ_MS / 1000} s`] };
    return Array.isArray(found) ? { proposals: found, left: [] } : found;
  } catch (error) {
    const failure = toFailure(error, classifyAws);
    return { proposals: [], left: [`could not look at ${what}: ${failure.message}`] };
  } finally {
    late.abort();
  }
}
