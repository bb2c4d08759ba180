import type { Readable, Writable } from 'node:stream';
import { parseJson } from '../intake/json';
import { detectSource } from '../intake/sources';
import type { Alert } from '../playbook/model/alert';
import type { Classification, HighRiskEvent, Reason, Risk, VerdictKind } from '../playbook/model/verdict';
import { burstsOf, type BurstState } from '../playbook/triage/bursts';
import { classify } from '../playbook/triage/classify';
import { decide } from '../playbook/triage/decide';
import type { Documents } from '../playbook/triage/inputs';
import { riskRank } from '../playbook/triage/ranks';
import type { SigmaRule } from '../playbook/sigma/rule';
import { sigmaHits, type SigmaHit } from './sigma';

/** One line of `tourniquet triage`. */
export interface TriageLine {
  /** `alert`: an incident would be opened; `ignored`: understood, not worth one; `rejected`: not understood. */
  status: 'alert' | 'ignored' | 'rejected';
  event: HighRiskEvent | null;
  risk: Risk;
  /** Null when nothing was understood. Without registers and tickets: what an event alone comes to. */
  verdict: VerdictKind | null;
  reasons: Reason[];
  /** With `--sigma`: the rules that fire on the raw event, whatever the verdict. */
  sigma?: SigmaHit[];
}

type Memory = Map<string, BurstState>;

const NO_DOCUMENTS: Documents = { changes: [], knownUses: [], rotations: [], authorizedAdmins: [], automations: [], people: {}, unreadable: [] };
/** A line is one event or one log file; beyond this it is answered as rejected and skipped. */
const MAX_LINE = 16 * 1024 * 1024;

const rejected = (text: string, source: string): TriageLine => ({ status: 'rejected', event: null, risk: 'info', verdict: null, reasons: [{ code: 'not-understood', text, source }] });

/** What one line of JSON comes to; a log file’s records together, the gravest first. Never throws. `now`: ISO time; `rules`: Sigma rules to try as well; `memory`: what earlier lines began. */
export function triageLine(line: string, now: string, rules: readonly SigmaRule[] | null = null, memory: Memory = new Map()): TriageLine {
  const decoded = parseJson(line);
  if ('problem' in decoded) return rejected(`the line ${decoded.problem}`, 'line');
  const is = triageValue(decoded.value, now, memory);
  return rules === null ? is : { ...is, sigma: sigmaHits(rules, decoded.value) };
}

function triageValue(value: unknown, now: string, memory: Memory): TriageLine {
  const source = detectSource(value);
  if (!source) return rejected('no source that is known sends this shape', 'line');
  const alerts: Alert[] = [];
  const problems: Reason[] = [];
  for (const one of source.parse(value, { fragmentsAt: now })) {
    if ('alert' in one) alerts.push(one.alert);
    else problems.push({ code: 'not-understood', text: `${one.rejected.path} ${one.rejected.problem}`, source: source.id });
  }
  if (alerts.length === 0) return problems.length > 0 ? { ...rejected('', ''), reasons: problems } : { status: 'ignored', event: null, risk: 'info', verdict: 'false-positive', reasons: [{ code: 'no-records', text: 'there is no record in it', source: source.id }] };
  return answer(alerts, problems, now, memory);
}

function answer(alerts: Alert[], problems: Reason[], now: string, memory: Memory): TriageLine {
  alerts = [...alerts, ...burstsOf(alerts, memory)];
  const classifications = alerts.map(classify);
  const firing = alerts.map((alert, index) => ({ alert, is: classifications[index]! })).filter(({ is }) => is.status === 'alert');
  if (firing.length === 0) {
    const first = classifications.reduce((a: Classification, b) => (riskRank(b.risk) > riskRank(a.risk) ? b : a));
    return { status: 'ignored', event: first.event, risk: first.risk, verdict: 'false-positive', reasons: [...first.reasons, ...problems] };
  }
  const verdict = decide({ alerts: firing.map(({ alert }) => alert), classifications: firing.map(({ is }) => is), documents: NO_DOCUMENTS, lookedUp: null, now });
  return { status: 'alert', event: verdict.event, risk: verdict.risk, verdict: verdict.kind, reasons: [...verdict.reasons, ...problems] };
}

/**
 * `tourniquet triage`: JSON lines of raw events of any known source in, one JSON line each out, in the same order; a burst over several lines shows at the line that makes it one. Streams: memory holds one line, and what bursts are counted from.
 * Returns the exit code: 0 when every line was answered (also when some were rejected), 1 when the reader went away.
 */
export async function runTriage(input: Readable, output: Writable, clock: () => string = () => new Date().toISOString(), rules: readonly SigmaRule[] | null = null): Promise<number> {
  const memory: Memory = new Map();
  let gone = false;
  output.on('error', () => {
    gone = true;
  });
  for await (const line of linesOf(input)) {
    if (gone) return 1;
    if (line === '') continue;
    const result = line === null ? rejected(`the line is longer than ${MAX_LINE} characters`, 'line') : triageLine(line, clock(), rules, memory);
    if (!output.write(`${JSON.stringify(result)}\n`) && !gone) await roomIn(output);
  }
  return gone ? 1 : 0;
}

/** Waits until the reader takes more, or is gone. */
function roomIn(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      output.off('drain', done).off('close', done).off('error', done);
      resolve();
    };
    output.on('drain', done).on('close', done).on('error', done);
  });
}

/** Lines without their ends; null for one that is too long, of which no more than the limit was ever held. */
async function* linesOf(input: Readable): AsyncGenerator<string | null> {
  input.setEncoding('utf8');
  let held = '';
  let skipping = false;
  for await (const chunk of input as AsyncIterable<string>) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      const line = held + chunk.slice(start, end);
      yield skipping ? null : line.trim();
      held = '';
      skipping = false;
      start = end + 1;
    }
    if (!skipping) held += chunk.slice(start);
    if (held.length > MAX_LINE) {
      held = '';
      skipping = true;
    }
  }
  if (skipping) yield null;
  else if (held.trim() !== '') yield held.trim();
}
