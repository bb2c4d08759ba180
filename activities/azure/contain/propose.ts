import { setTimeout as sleep } from 'node:timers/promises';
import { attackersArtifacts, objectDetail, textDetail } from '../../../playbook/artifacts';
import type { Artifact, Finding } from '../../../playbook/model/finding';
import type { Proposal } from '../../../playbook/model/plan';
import { toFailure } from '../../boundary';
import type { AzureCase, AzureContext } from '../context';
import { directoryRolePermissions } from '../directory';
import { classifyAzure } from '../errors';
import { alertArtifacts } from './alert-artifacts';
import { isolate, proposeBlindly, proposeOthers, proposePrincipal } from './propose-identities';
import { attackersAddresses, networkPermissions, proposeBlocks, proposeSignInBlocks } from './propose-network';
import { resolvePermissions } from './resolve';
import { inOrder, proposal, resourceTarget } from './targets';

export interface Proposed {
  proposals: Proposal[];
  /** What only a person can judge or do, one line each. */
  left: string[];
}

/** What reading for the proposals needs, beside the actions' own permissions. */
export const proposalPermissions: readonly string[] = [...resolvePermissions, ...directoryRolePermissions, ...networkPermissions];

/** What the attacker did, of alerts and findings together, in tenants of ours. */
export function artifactsOf(ctx: AzureContext, { alerts }: Pick<AzureCase, 'alerts'>, findings: readonly Finding[]): Artifact[] {
  const ours = new Set(ctx.access.config.tenants.map((tenant) => tenant.id));
  return [...alertArtifacts(alerts), ...attackersArtifacts(findings)].filter((artifact) => artifact.provider === 'azure' && ours.has(artifact.account));
}

/**
 * Section 2.1: everything that shuts the attacker out now, in the playbook's order; sessions after all that could make a new one. Works from principal and alerts alone, and from
 * findings when there are some. Reads only, in parallel; what cannot be read becomes a line in `left`, never a gap, and never holds up the rest.
 */
export async function proposeContainment(ctx: AzureContext, { principal, alerts, contained }: Pick<AzureCase, 'principal' | 'alerts' | 'contained'>, findings: readonly Finding[]): Promise<Proposed> {
  const tenant = ctx.access.config.tenants.find((one) => one.id === principal.account);
  if (!tenant) return { proposals: [], left: [`${principal.name || principal.id || 'the caller'} is of tenant ${principal.account || 'unknown'}, which is not ours: it can only be kept out, not shut down`] };
  const artifacts = artifactsOf(ctx, { alerts }, findings);
  const addresses = attackersAddresses(ctx.access.config, alerts, findings);
  const because = 'the attacker came from it';
  const read = await Promise.all([
    tried('the principal', () => proposePrincipal(ctx, { principal, alerts, contained }, artifacts)),
    tried('what the attacker made', () => proposeOthers(ctx, { principal, contained }, artifacts)),
    ...tenant.subscriptions.map((one) => tried(`where to block addresses in subscription ${one.name}`, () => proposeBlocks(ctx, tenant.id, one.id, addresses, because))),
  ]);
  return {
    proposals: inOrder([...(read[0]!.proposals.length === 0 ? proposeBlindly({ principal, alerts }) : []), ...read.flatMap((one) => one.proposals), ...proposeResources(artifacts), ...proposeSignInBlocks(tenant.id, tenant.name, addresses, because)]),
    left: read.flatMap((one) => one.left),
  };
}

/** Machines, functions, storage and logging that the attacker made, changed or turned off. Pure. */
export function proposeResources(artifacts: readonly Artifact[]): Proposal[] {
  // Keys that were read are as good as stolen; anything else that was only read is nothing to close.
  return artifacts.filter((artifact) => (artifact.how !== 'read' || artifact.details.keys === true) && artifact.details.exists !== false).flatMap((artifact) => {
    const { account, kind, how, id, region } = artifact;
    const because = textDetail(artifact, 'why') ?? 'the attacker changed it';
    if (kind === 'trail') return [proposal('azure.restore-diagnostics', resourceTarget('trail', account, id, region), because, { wanted: objectDetail(artifact, 'wanted') ?? null })];
    if (how === 'deleted') return [];
    if (kind === 'instance' || kind === 'function') return isolate(account, id, because);
    if (kind !== 'bucket') return [];
    const storage = resourceTarget('bucket', account, id, region);
    return [
      ...(artifact.details.public === true ? [proposal('azure.close-public-container', storage, because)] : []),
      ...(artifact.details.keys === true ? [proposal('azure.rotate-storage-keys', storage, because)] : []),
    ];
  });
}

/** The first step waits for the slowest of these reads, so none may take long; the plan after the investigation looks again. */
const READ_MS = 8_000;

/** Containment does not wait for a service that is away: whatever the error, it is said and the rest goes on. */
async function tried(what: string, look: () => Promise<Proposal[]>): Promise<Proposed> {
  const late = new AbortController();
  try {
    const found = await Promise.race([look(), sleep(READ_MS, null, { signal: late.signal })]);
    return found ? { proposals: found, left: [] } : { proposals: [], left: [`could not look at ${what} within ${READ_MS / 1000} s`] };
  } catch (error) {
    return { proposals: [], left: [`could not look at ${what}: ${toFailure(error, classifyAzure).message}`] };
  } finally {
    late.abort();
  }
}
