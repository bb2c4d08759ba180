import { duration } from './duration';
import type { Report } from './model';

/** The three measures, with what they mean, so that nobody has to guess which clock started when. */
export function metricRows(report: Report): { name: string; value: string; meaning: string }[] {
  const shown = (ms: number | null) => (ms === null ? '—' : duration(ms));
  return [
    { name: 'MTTD', value: shown(report.metrics.mttd), meaning: 'first event to alert accepted' },
    { name: 'MTTA', value: shown(report.metrics.mtta), meaning: 'alert to first answer of a person' },
    { name: 'MTTC', value: shown(report.metrics.mttc), meaning: 'alert to contained' },
  ];
}

export function howToVerify({ caseKey, evidence: { entries, seal } }: Report): string[] {
  if (!seal) return [`${entries} entries in the record when this was written; the seal follows when the case is closed.`, `Verify: tourniquet evidence verify ${caseKey}`];
  return [
    `${seal.entries} entries and ${seal.raw.length} raw objects, sealed ${seal.sealedAt}.`,
    `Seal: ${seal.hash}`,
    seal.signature ? `Signed (Ed25519) by the key ${seal.signature.publicKey}` : 'The seal is not signed.',
    `Verify: tourniquet evidence verify ${caseKey} — every hash is computed anew, and the first entry or object that was changed is named. Compare the seal with the one that was noted elsewhere.`,
  ];
}
