import type { Summary } from './stats';

/** One line of the result: a measure (`aim` null) or a ratio with what it aims at. */
export interface Row {
  name: string;
  unit: string;
  summary: Summary;
  aim: { text: string; met: boolean } | null;
}

export interface Part {
  title: string;
  rows: Row[];
  /** What the numbers alone do not say. */
  notes: string[];
  /** Kept in the JSON only. */
  details: Record<string, unknown>;
}

export const measure = (name: string, unit: string, summary: Summary): Row => ({ name, unit, summary, aim: null });

export const atMost = (name: string, limit: number, summary: Summary): Row => ({ name, unit: '×', summary, aim: { text: `≤ ${limit}`, met: summary.median <= limit } });

export const atLeast = (name: string, limit: number, summary: Summary): Row => ({ name, unit: '×', summary, aim: { text: `≥ ${limit}`, met: summary.median >= limit } });

const short = (value: number): string => (value >= 1000 ? Math.round(value).toString() : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3));

export function printPart({ title, rows, notes }: Part): void {
  const width = Math.max(...rows.map((row) => row.name.length)) + 2;
  console.log(`\n${title}`);
  console.log(`  ${''.padEnd(width)}${'median'.padStart(9)}${'25 %'.padStart(9)}${'75 %'.padStart(9)}${'min'.padStart(9)}${'max'.padStart(9)}   n  aim`);
  for (const { name, unit, summary, aim } of rows) {
    const numbers = [summary.median, summary.q1, summary.q3, summary.min, summary.max].map((value) => short(value).padStart(9)).join('');
    console.log(`  ${name.padEnd(width)}${numbers}${String(summary.n).padStart(4)}  ${unit}${aim ? `  ${aim.text}: ${aim.met ? 'met' : 'NOT met'}` : ''}`);
  }
  for (const note of notes) console.log(`  · ${note}`);
}
