import type { Client } from '@temporalio/client';
import type { EvidenceStore } from '../../activities/evidence';
import type { ChainedEntry } from '../../playbook/model/evidence';
import type { IncidentStatus } from '../../workflows/incident/state';
import { plain } from '../context';

const marks: Partial<Record<ChainedEntry['kind'], string>> = {
  alert: '!', triage: '?', finding: '·', plan: '=', action: '✓', verify: '↻', undo: '↶', approval: '☎', lease: '⚿', escalation: '↑', watch: '◉', note: ' ', closed: '■', error: '✗',
};

/** Prints a case's record as it grows: what was done, how long after the alert. */
export class Live {
  private readonly shown = new Map<string, number>();
  private started: number | null = null;

  constructor(private readonly store: EvidenceStore, private readonly out: (line: string) => void) {}

  begin(at: number): void {
    this.started ??= at;
  }

  async look(cases: readonly string[]): Promise<void> {
    for (const caseKey of cases) {
      const last = this.shown.get(caseKey) ?? 0;
      const entries = await this.store.readChain(caseKey, last).catch(() => []);
      for (const entry of entries) {
        this.shown.set(caseKey, entry.seq);
        this.out(this.line(entry));
      }
    }
  }

  line(entry: Pick<ChainedEntry, 'at' | 'kind' | 'text'>): string {
    const seconds = Math.max(0, (Date.parse(entry.at) - (this.started ?? Date.parse(entry.at))) / 1000);
    return `${`+${seconds.toFixed(1)}s`.padStart(9)}  ${marks[entry.kind] ?? ' '} ${plain(entry.text).slice(0, 300)}`;
  }
}

/** Every incident that Temporal has, with its status. */
export async function incidents(client: Client): Promise<{ id: string; running: boolean; status: IncidentStatus | null }[]> {
  const found = [];
  for await (const one of client.workflow.list({ query: "WorkflowType = 'incident'" })) {
    const status = await client.workflow.getHandle(one.workflowId).query<IncidentStatus>('status').catch(() => null);
    found.push({ id: one.workflowId, running: one.status.name === 'RUNNING', status });
  }
  return found;
}
