import type { EvidenceStore } from '../activities/evidence';
import type { Person } from '../playbook/model/people';
import { loadReport, renderHtml, renderMarkdown, renderOcsf } from '../activities/report';

/** The report of a case, made anew from its record. Errors: EVIDENCE_*, INVALID_INPUT. */
export async function readReport(store: EvidenceStore, caseKey: string, format: 'md' | 'html' | 'ocsf', people: readonly Person[]): Promise<string> {
  const report = await loadReport(store, caseKey, people);
  if (format === 'ocsf') return `${JSON.stringify(renderOcsf(report), null, 2)}\n`;
  return format === 'html' ? renderHtml(report) : renderMarkdown(report);
}
