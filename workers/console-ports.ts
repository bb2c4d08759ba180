import { WorkflowNotFoundError, type Client, type WorkflowExecutionInfo } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { ApprovalCard, CodecPort, EvidencePort, IncidentRow, IncidentsPort, PayloadJson } from '../console';
import type { EvidenceStore } from '../activities/evidence';
import type { Person } from '../playbook/model/people';
import { approvalStateQuery } from '../workflows/approval-messages';
import { statusQuery } from '../workflows/messages';
import type { EncryptionCodec } from './codec';
import { readReport } from './report';

const attribute = (info: WorkflowExecutionInfo, name: string): string | null => (info.searchAttributes as Record<string, string[] | undefined>)[name]?.[0] ?? null;

export function incidentsPort(client: Client): IncidentsPort {
  const get: IncidentsPort['get'] = async (incident) => {
    try {
      return await client.workflow.getHandle(incident).query(statusQuery);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  };
  return {
    get,
    async list() {
      const rows: IncidentRow[] = [];
      for await (const info of client.workflow.list({ query: "WorkflowType = 'incident'" })) {
        if (info.status.name === 'CONTINUED_AS_NEW') continue;
        const view = await get(info.workflowId).catch(() => null);
        rows.push({
          incident: info.workflowId, principal: view?.principal ?? null, verdict: attribute(info, 'TourniquetVerdict'), risk: attribute(info, 'TourniquetRisk'),
          phase: attribute(info, 'TourniquetPhase') ?? 'triage', openedAt: info.startTime.toISOString(), closedAt: info.closeTime?.toISOString() ?? null,
        });
        if (rows.length >= 200) break;
      }
      return rows;
    },
    async approvals(incident) {
      const cards: ApprovalCard[] = [];
      for await (const info of client.workflow.list({ query: `WorkflowType = 'approval' AND TourniquetIncident = '${incident}'` })) {
        const view = await client.workflow.getHandle(info.workflowId).query(approvalStateQuery).catch(() => null);
        if (view) cards.push({ id: view.id, title: view.title, tier: view.tier, state: view.status, quorum: view.quorum, deadline: view.deadline, changes: view.changes, votes: view.votes, unconfirmed: view.unconfirmed });
      }
      return cards;
    },
  };
}

export function evidencePort(store: EvidenceStore, people: readonly Person[]): EvidencePort {
  return {
    cases: () => store.cases(),
    timeline: (caseKey) => store.readChain(caseKey),
    report: async (caseKey, format) => ((await store.cases()).includes(caseKey) ? readReport(store, caseKey, format === 'html' ? 'html' : 'md', people) : null),
    verify: (caseKey) => store.verify(caseKey),
  };
}

/** Temporal's codec protocol carries payloads as JSON with base64 values. */
export function codecPort(codec: EncryptionCodec): CodecPort {
  return {
    async decode(payloads) {
      const decoded = await codec.decode(payloads.map(fromJson));
      return decoded.map(toJson);
    },
  };
}

const fromJson = ({ metadata = {}, data }: PayloadJson): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])), data: data === undefined ? undefined : Buffer.from(data, 'base64'),
});
const toJson = ({ metadata, data }: Payload): PayloadJson => ({
  metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')])), data: data ? Buffer.from(data).toString('base64') : undefined,
});
