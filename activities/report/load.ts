import type { Person } from '../../playbook/model/people';
import type { ChainedEntry } from '../../playbook/model/evidence';
import type { ClosedCase } from '../contract';
import type { EvidenceStore } from '../evidence';
import { buildReport } from './build';
import type { Report } from './model';
import { objectIn, textIn } from './read';

/** The key of the entry that points to the case file: what the incident knew when it closed. */
export const CASE_FILE = 'case-file';

/** The report of a case as the evidence has it now: final with its seal, interim while the incident is open. Errors: EVIDENCE_*. */
export async function loadReport(store: EvidenceStore, caseKey: string, people: readonly Person[]): Promise<Report> {
  const [chain, seal] = await Promise.all([store.readChain(caseKey), store.sealOf(caseKey)]);
  return buildReport({ caseKey, chain, closed: await closedCaseIn(store, chain), seal, people });
}

/** The case file, when the record points to one. */
export async function closedCaseIn(store: Pick<EvidenceStore, 'read'>, chain: readonly ChainedEntry[]): Promise<ClosedCase | null> {
  const entry = chain.find((one) => one.key === CASE_FILE);
  const key = entry && textIn(objectIn(entry.data, 'file') ?? {}, 'key');
  return key ? (JSON.parse(Buffer.from(await store.read({ key })).toString('utf8')) as ClosedCase) : null;
}
