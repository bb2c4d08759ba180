import { isDuring, usesOf, type LeaseUse } from '../../playbook/lease-use';
import type { JsonObject } from '../../playbook/json';
import type { Alert } from '../../playbook/model/alert';
import { otherSides } from '../../playbook/federation';
import type { RecordEntry } from '../../playbook/model/evidence';
import { plain } from '../../playbook/message/text';
import { codeOf, fail } from '../boundary';
import type { CaseActivities, OpenedIncident } from '../contract';
import { eventText } from '../report';
import { within } from '../within';
import { assertIncident, episodeOf, episodeWithoutStore, handledIn, type Episode } from './episodes';
import { documentsFor, linkedPeople } from './documents';
import type { CaseDeps } from './index';

type Input = Parameters<CaseActivities['openIncident']>[0];

const noStore = (): Error => fail('EVIDENCE_UNAVAILABLE', 'the evidence store did not answer in time');

/**
 * Assigns the episode and looks for documents, side by side. An evidence store that is away or tampered with holds nothing up: the case gets
 * a key of its own, which the same run gets again, and what is wrong stands in its record.
 */
export async function openIncident(deps: CaseDeps, { incident, runId, principal, alerts }: Input): Promise<OpenedIncident> {
  assertIncident(incident);
  const patience = deps.storePatienceMs ?? 5_000;
  const assigned = within(assign(deps, incident, runId, principal, alerts), patience, noStore).catch(async (error: unknown) => {
    const episode = episodeWithoutStore(incident, runId);
    const wrong = codeOf(error) ?? 'UNEXPECTED';
    const entry: RecordEntry = { key: 'opened-apart', at: deps.now().toISOString(), kind: 'error', text: `The case could not be opened in the evidence store as usual (${wrong}); it has a number of its own`, data: { code: wrong, runId } };
    if (wrong !== 'EVIDENCE_UNAVAILABLE') await within(deps.store.record(episode.caseKey, [entry, openedEntry(deps, runId, principal, alerts)]), patience, noStore).catch(() => undefined);
    return { episode, alreadyHandledIn: null };
  });
  const [written, leases, { episode, alreadyHandledIn }] = await Promise.all([documentsFor(deps, principal, alerts), leasesOf(deps, principal), assigned]);
  const lent = 'error' in leases ? [] : leases;
  const documents = {
    ...written, knownUses: [...written.knownUses, ...lent.flatMap((lease) => usesOf(lease, principal.id, deps.now().toISOString()))],
    unreadable: [...written.unreadable, ...('error' in leases ? [{ source: 'break-glass', error: leases.error }] : [])],
  };
  await attribute(deps, lent, alerts);
  return { ...episode, settings: deps.settings, documents, linkedPeople: linkedPeople(deps.people, principal, alerts), otherSides: otherSides(principal, deps.people, deps.federation), alreadyHandledIn };
}

async function leasesOf(deps: CaseDeps, principal: Input['principal']): Promise<LeaseUse[] | { error: string }> {
  if (!deps.leases) return [];
  return within(deps.leases(principal), deps.ticketPatienceMs ?? 10_000, noStore).catch((error: unknown) => ({ error: codeOf(error) ?? 'UNEXPECTED' }));
}

/** What was done with it stands in the record of the request that lent it, too. */
async function attribute(deps: CaseDeps, leases: readonly LeaseUse[], alerts: readonly Alert[]): Promise<void> {
  for (const lease of leases) {
    const entries = alerts.filter((alert) => isDuring(lease, alert)).map((alert): RecordEntry => ({ key: `${lease.request}/use/${alert.id}`, at: deps.now().toISOString(), kind: 'alert', text: plain(`Used: ${eventText(alert)}`, 500), data: { alert: alert.id, time: alert.time, event: alert.event, sourceIp: alert.sourceIp } }));
    if (entries.length > 0) await within(deps.store.record(lease.request, entries), deps.storePatienceMs ?? 5_000, noStore).catch(() => undefined);
  }
}

async function assign(deps: CaseDeps, incident: string, runId: string, principal: Input['principal'], alerts: Alert[]): Promise<{ episode: Episode; alreadyHandledIn: string | null }> {
  const { objects } = deps.store;
  const at = deps.now().toISOString();
  const handled = await handledIn(objects, incident, alerts.map((alert) => alert.id));
  if (handled !== null) return { episode: { caseKey: handled, episode: Number(handled.split('.')[1]) }, alreadyHandledIn: handled };
  const episode = await episodeOf(objects, incident, runId, at);
  await deps.store.record(episode.caseKey, [openedEntry(deps, runId, principal, alerts)]);
  return { episode, alreadyHandledIn: null };
}

function openedEntry(deps: CaseDeps, runId: string, principal: Input['principal'], alerts: Alert[]): RecordEntry {
  const lines = alerts.slice(0, 5).map(eventText).join('; ');
  return {
    key: 'opened', at: deps.now().toISOString(), kind: 'alert', text: plain(`${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'}: ${lines}${alerts.length > 5 ? '; …' : ''}`, 1_500),
    data: { principal: { ...principal }, alerts: alerts as unknown as JsonObject[], runId },
  };
}
