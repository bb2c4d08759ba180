import type { JsonObject } from '../../playbook/json';
import type { Alert } from '../../playbook/model/alert';
import { plain } from '../../playbook/message/text';
import { codeOf } from '../boundary';
import type { CaseActivities, OpenedIncident } from '../contract';
import { eventText } from '../report';
import { assertIncident, episodeOf, episodeWithoutStore, handledIn, type Episode } from './episodes';
import { documentsFor, linkedPeople } from './documents';
import type { CaseDeps } from './index';

type Input = Parameters<CaseActivities['openIncident']>[0];

/**
 * Assigns the episode and looks for documents, side by side. An evidence store that is away holds nothing up: the case gets a key of its own,
 * and its record is written when the store is back.
 */
export async function openIncident(deps: CaseDeps, { incident, runId, principal, alerts }: Input): Promise<OpenedIncident> {
  assertIncident(incident);
  const [documents, { episode, alreadyHandledIn }] = await Promise.all([
    documentsFor(deps, principal, alerts),
    patiently(deps.storePatienceMs ?? 5_000, assign(deps, incident, runId, principal, alerts), () => ({ episode: episodeWithoutStore(incident, runId), alreadyHandledIn: null })),
  ]);
  return { ...episode, settings: deps.settings, documents, linkedPeople: linkedPeople(deps.people, principal, alerts), alreadyHandledIn };
}

async function assign(deps: CaseDeps, incident: string, runId: string, principal: Input['principal'], alerts: Alert[]): Promise<{ episode: Episode; alreadyHandledIn: string | null }> {
  const { objects } = deps.store;
  const at = deps.now().toISOString();
  const handled = await handledIn(objects, alerts.map((alert) => alert.id));
  if (handled !== null) return { episode: { caseKey: handled, episode: Number(handled.split('.')[1]) }, alreadyHandledIn: handled };
  const episode = await episodeOf(objects, incident, runId, at);
  const lines = alerts.slice(0, 5).map(eventText).join('; ');
  await deps.store.record(episode.caseKey, [{
    key: 'opened', at, kind: 'alert', text: plain(`${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'}: ${lines}${alerts.length > 5 ? '; …' : ''}`, 1_500),
    data: { principal: { ...principal }, alerts: alerts as unknown as JsonObject[], runId },
  }]);
  return { episode, alreadyHandledIn: null };
}

/** The work's answer, or `otherwise` when the store is away or too slow; other errors pass. */
async function patiently<T>(ms: number, work: Promise<T>, otherwise: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise()), ms);
  });
  try {
    return await Promise.race([work.catch((error: unknown) => {
      if (codeOf(error) === 'EVIDENCE_UNAVAILABLE') return otherwise();
      throw error;
    }), late]);
  } finally {
    clearTimeout(timer);
  }
}
