import type { EvidenceStore } from '../activities/evidence';
import type { Person } from '../playbook/model/people';
import { loadReport, renderHtml, renderMarkdown } from '../activities/report';

/** The report of a case, made anew from its record. Errors: EVIDENCE_*, INVALID_INPUT. */
export async function readReport(store: EvidenceStore, caseKey: string, format: 'md' | 'html', people: readonly Person[]): Promise<string> {
  const report = await loadReport(store, caseKey, people);
  return format === 'html' ? renderHtml(report) : renderMarkdown(report);
}
