import type { Client } from '@temporalio/client';
import type { EvidenceStore } from '../../activities/evidence';
import type { ChainedEntry } from '../../playbook/model/evidence';
import type { IncidentStatus } from '../../workflows/incident/state';
import { plain } from '../context';

const marks: Partial<Record<ChainedEntry['kind'], string>> = {
  alert: '!', triage: '?', finding: '·', plan: '=', action: '✓', verify: '↻', undo: '↶', approval: '☎', lease: '⚿', escalation: '↑', watch: '◉', closed: '■', error: '✗',
};

/** Prints the record of every case as it grows: what was done, and how long after the alert. */
export class Live {
  private readonly shown = new Map<string, number>();

  constructor(private readonly store: EvidenceStore, private readonly since: number, private readonly out: (line: string) => void) {}

  async look(): Promise<void> {
    for (const caseKey of await this.store.cases()) {
      const entries = await this.store.readChain(caseKey, this.shown.get(caseKey) ?? 0);
      for (const entry of entries) {
        this.shown.set(caseKey, entry.seq);
        this.out(this.line(caseKey, entry));
      }
    }
  }

  private line(caseKey: string, { at, kind, text }: ChainedEntry): string {
    const seconds = Math.max(0, (Date.parse(at) - this.since) / 1000);
    return `${`+${seconds.toFixed(1)}s`.padStart(8)}  ${caseKey.slice(4, 9)}  ${marks[kind] ?? ' '} ${plain(text).slice(0, 240)}`;
  }
}

export interface OpenIncident {
  id: string;
  running: boolean;
  status: IncidentStatus | null;
}

/** Every incident that Temporal has. */
export async function incidentsOf(client: Client): Promise<OpenIncident[]> {
  const found = new Map<string, OpenIncident>();
  for await (const one of client.workflow.list({ query: "WorkflowType = 'incident'" })) {
    if (found.get(one.workflowId)?.running) continue;
    const status = await client.workflow.getHandle(one.workflowId).query<IncidentStatus>('status').catch(() => null);
    found.set(one.workflowId, { id: one.workflowId, running: one.status.name === 'RUNNING', status });
  }
  return [...found.values()];
}
