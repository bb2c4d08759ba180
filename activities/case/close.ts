import { iocsToCsv, iocsToJson } from '../../playbook/iocs';
import type { Json, JsonObject } from '../../playbook/json';
import type { EvidenceRef } from '../../playbook/model/alert';
import { toStixBundle } from '../../playbook/stix';
import type { CaseActivities, ClosedCase } from '../contract';
import { buildReport, CASE_FILE, closedCaseIn, renderHtml, renderMarkdown } from '../report';
import { rememberHandled } from './episodes';
import type { CaseDeps } from './index';

/**
 * The case file, report and indicators are kept, then the chain is sealed over all of it, then the alerts count as handled.
 * Every step can be repeated: the report is made from the record up to the case file, so a second attempt writes the same bytes.
 */
export async function closeCase({ store, people }: CaseDeps, input: ClosedCase): ReturnType<CaseActivities['closeCase']> {
  const { caseKey } = input;
  const at = input.times.closed;
  const file = await store.keep(caseKey, 'case-file', input as unknown as Json);
  await store.record(caseKey, [{
    key: CASE_FILE, at, kind: 'note', text: `Case file kept: ${input.verdict.kind}, ${input.outcome}`,
    data: { file: { ...file }, alerts: input.alerts.map(({ id, raw }) => ({ id, raw: raw && { ...raw } })), evidence: input.findings.flatMap((finding) => finding.evidence).map((ref) => ({ ...ref })) },
  }]);
  const whole = await store.readChain(caseKey);
  const chain = whole.slice(0, whole.findIndex((entry) => entry.key === CASE_FILE) + 1);
  const closed = (await closedCaseIn(store, chain)) ?? input;
  const report = buildReport({ caseKey, chain, closed, seal: null, people });
  const stix = toStixBundle(report.iocs, { incident: closed.incident, provider: closed.principal.provider, created: closed.times.alerted, modified: closed.times.closed });
  const kept = {
    markdown: await store.keep(caseKey, 'report', renderMarkdown(report), 'text/markdown'),
    html: await store.keep(caseKey, 'report', renderHtml(report), 'text/html'),
    iocsJson: await store.keep(caseKey, 'iocs', iocsToJson(report.iocs), 'application/json'),
    iocsCsv: await store.keep(caseKey, 'iocs', iocsToCsv(report.iocs), 'text/csv'),
    stix: await store.keep(caseKey, 'iocs', stix),
  } satisfies Record<string, EvidenceRef>;
  await store.record(caseKey, [{
    key: 'report', at, kind: 'report', text: `Report and ${report.iocs.length} indicators of compromise written`,
    data: Object.fromEntries(Object.entries(kept).map(([name, ref]): [string, JsonObject] => [name, { ...ref }])),
  }]);
  const seal = await store.seal(caseKey, at);
  await rememberHandled(store.objects, input.incident, caseKey, [...(input.seen ?? []), ...input.alerts.map((alert) => alert.id)]);
  return { sealHash: seal.hash, entries: seal.entries, reportKey: kept.html.key };
}
