/** How often a source is heard, kept small enough to live in a workflow: the gaps between its last signs of life. */
export interface Rhythm {
  /** ISO time at which it was last heard. */
  last: string;
  /** Milliseconds between signs of life, newest last, at most `KEPT_GAPS`. */
  gaps: number[];
  /** Its silence was told; nothing more is told until it speaks again. */
  told: boolean;
}

const KEPT_GAPS = 60;
/** With fewer, nobody can say what is usual. */
const FEWEST_GAPS = 10;
/** However chatty a source is, this much silence is a pause. */
const SHORTEST_SILENCE_MS = 60 * 60_000;
/** Silent for this many times its longest usual pause: not a quiet weekend, if it has had one. */
const TIMES = 3;

/** A sign of life. Older than the last one known: changes nothing. */
export function hear(rhythm: Rhythm | undefined, at: string): Rhythm {
  if (!rhythm) return { last: at, gaps: [], told: false };
  const gap = Date.parse(at) - Date.parse(rhythm.last);
  if (!(gap > 0)) return rhythm;
  // The end of a silence that was told is no usual pause.
  return { last: at, gaps: rhythm.told ? rhythm.gaps : [...rhythm.gaps, gap].slice(-KEPT_GAPS), told: false };
}

/** How long a pause may be before it is beyond the usual, in ms; null while too little is known to say. */
export function patienceFor(rhythm: Rhythm): number | null {
  if (rhythm.gaps.length < FEWEST_GAPS) return null;
  const sorted = [...rhythm.gaps].sort((a, b) => a - b);
  const usual = sorted[Math.ceil(sorted.length * 0.95) - 1]!;
  return Math.max(SHORTEST_SILENCE_MS, usual * TIMES);
}

/** Null: heard within its rhythm, told already, or too little is known. Else how long it is silent and what was usual, in ms. */
export function silence(rhythm: Rhythm, now: string): { silentMs: number; patienceMs: number } | null {
  const patienceMs = patienceFor(rhythm);
  const silentMs = Date.parse(now) - Date.parse(rhythm.last);
  return patienceMs === null || rhythm.told || !(silentMs > patienceMs) ? null : { silentMs, patienceMs };
}
