import { triageLine } from '../cli/triage';
import { parseJson } from '../intake/json';
import { detectSource } from '../intake/sources';
import { classify } from '../playbook/triage/classify';
import { scenarios } from '../sandbox/aws';
import type { BenchHouse } from './house';
import { atLeast, measure, type Part } from './result';
import { ratios, rotated, summarise } from './stats';

const ARMS = ['JSON.parse', 'JSON.parse again', 'parse and classify', 'whole line (tourniquet triage)'] as const;
const NOW = '2026-01-01T00:00:00.000Z';

/** From text to classification, as intake does it. Returns whether it would open an incident. */
function judge(line: string): boolean {
  const decoded = parseJson(line);
  if ('problem' in decoded) throw new Error(decoded.problem);
  const source = detectSource(decoded.value);
  const [parsed] = source?.parse(decoded.value) ?? [];
  if (!parsed || !('alert' in parsed)) throw new Error(`not understood: ${line.slice(0, 200)}`);
  return classify(parsed.alert).status === 'alert';
}

const work: Record<(typeof ARMS)[number], (line: string) => unknown> = {
  'JSON.parse': (line) => JSON.parse(line) as unknown,
  'JSON.parse again': (line) => JSON.parse(line) as unknown,
  'parse and classify': judge,
  'whole line (tourniquet triage)': (line) => JSON.stringify(triageLine(line, NOW)),
};

/** The CloudTrail records that the sandbox’s people, its attacker and the responder left with their calls: reads and writes as they come. */
export async function benchTriage({ aws, world }: BenchHouse, rounds: number, msPerArm: number, say: (line: string) => void): Promise<Part> {
  await scenarios['stolen-admin-key'](aws, world);
  const records = aws.records(world.production.account).map(({ record }) => record);
  const lines = records.map((record) => JSON.stringify(record));
  const alerts = lines.filter(judge).length;
  const measured = new Map<(typeof ARMS)[number], number[]>(ARMS.map((arm) => [arm, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const arm of rotated(ARMS, round + 1)) {
      const reached = perSecond(lines, work[arm], msPerArm);
      if (round >= 0) measured.get(arm)!.push(reached);
    }
    say(round < 0 ? 'triage: warming up' : `triage: round ${round + 1} of ${rounds}`);
  }
  const of = (arm: (typeof ARMS)[number]): number[] => measured.get(arm)!;
  const bytes = Math.round(lines.reduce((sum, line) => sum + line.length, 0) / lines.length);
  const reads = records.filter((record) => record.readOnly).length;
  return {
    title: `Triage: ${lines.length} CloudTrail records`,
    rows: [
      ...ARMS.map((arm) => measure(arm, 'events/s', summarise(of(arm)))),
      measure('A/A: JSON.parse again / JSON.parse', '×', ratios(of('JSON.parse again'), of('JSON.parse'))),
      atLeast('parse and classify / JSON.parse', 0.25, ratios(of('parse and classify'), of('JSON.parse'))),
      measure('whole line / JSON.parse', '×', ratios(of('whole line (tourniquet triage)'), of('JSON.parse'))),
    ],
    notes: [`${bytes} characters a record on average, ${reads} are reads, ${alerts} would open an incident`],
    details: { records: lines.length, reads, alerts, meanCharacters: bytes, measured: Object.fromEntries(measured) },
  };
}

/** Whole passes over the lines until the time is up. */
function perSecond(lines: readonly string[], one: (line: string) => unknown, ms: number): number {
  let done = 0;
  const from = performance.now();
  do {
    for (const line of lines) if (one(line) === undefined) throw new Error('nothing came out');
    done += lines.length;
  } while (performance.now() - from < ms);
  return done / ((performance.now() - from) / 1000);
}
