import fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseJson } from '../../intake/json';
import { processBody, type Handling } from '../../intake/pipeline';
import { SOURCES } from '../../intake/sources';
import { anyOf } from '../../intake/transports/any-of';
import type { Alert } from '../../playbook/model/alert';
import { classify } from '../../playbook/triage/classify';
import { decide } from '../../playbook/triage/decide';
import { NOW, noDocuments } from '../triage/events';
import { bomb, hostile } from './hostile';
import { intake } from './transports/harness';

/** Inputs in all; `npm run fuzz` makes it 100,000. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 5_000);
/** What may still be held after a collection: nothing that was read stays. */
const MAX_HELD = 64 * 1024 * 1024;
/** Processor time of one input, ms: a slow expression shows here, whatever else the machine does. */
const MAX_CPU = 2_000;
const ALL = anyOf('sqs', SOURCES);
const byId = new Map(SOURCES.map((source) => [source.id, source]));

function heldAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};

function checkAlert(alert: Alert): void {
  must(/^alr-[0-9a-f]{24}$/.test(alert.id), 'its id');
  must(new Date(alert.time).toISOString() === alert.time, 'its time');
  must(JSON.stringify(alert).length < 300_000, 'it is bounded');
  must(alert.provider !== 'aws' || /^\d{12}$/.test(alert.account), 'its account');
  must(!('isAdmin' in alert) && !('isAdmin' in alert.facts), 'no member that nobody gave');
  const classification = classify(alert);
  const verdict = decide({ alerts: [alert], classifications: [classification], documents: noDocuments(), lookedUp: null, now: NOW });
  must(classification.status !== 'alert' || verdict.kind !== 'false-positive', 'an alert is none of the false');
  for (const { text } of verdict.reasons) must(text.length < 700, 'a reason is a sentence');
}

/** Answered: accepted, understood, or refused with the field; kept whatever it is; with Temporal exactly what was accepted. */
function checkAnswer(handling: Handling, delivered: Alert[], kept: number, notices: number): void {
  must(kept === 1, 'kept once');
  if (handling.kind === 'undecodable') return must(handling.problem.length > 0 && delivered.length === 0 && notices === 1, 'not decoded: told, and nothing of it accepted');
  if (handling.kind !== 'handled') throw new Error('the evidence store was there');
  const [accepted, rejected] = (['accepted', 'rejected'] as const).map((wanted) => handling.results.filter(({ status }) => status === wanted));
  must(handling.results.every(({ status }) => status !== 'failed'), 'Temporal was there');
  must(accepted!.length === delivered.length, 'accepted is what Temporal has');
  for (const one of rejected!) must('path' in one && one.path.length > 0 && one.problem.length > 0 && !one.problem.includes('a bug in Tourniquet'), 'refused by the name of its field');
  must((notices === 1) === rejected!.length > 0, 'what was refused is told');
  delivered.forEach(checkAlert);
}

test(`${RUNS} hostile inputs over ${SOURCES.length} sources: each is answered, nothing is half accepted, nothing stays in memory`, async () => {
  const started = { held: heldAfterCollection(), at: Date.now() };
  const outcomes: Record<string, number> = {};
  let slowest = 0;
  await fc.assert(
    fc.asyncProperty(hostile, fc.boolean(), async ({ source, body }, mixed) => {
      let kept = 0;
      let notices = 0;
      const delivered: Alert[] = [];
      const { receiving } = intake({
        keep: () => Promise.resolve({ key: `raw/${kept++}`, sha256: '', bytes: body.length }), notice: () => Promise.resolve(void notices++),
        deliver: (_incident, _principal, alert) => Promise.resolve(void delivered.push(alert)),
      });
      const before = process.cpuUsage();
      const handling = await processBody(receiving.pipeline, mixed ? ALL : byId.get(source)!, { id: 'fuzz', key: '', sources: [] }, body);
      const { user, system } = process.cpuUsage(before);
      slowest = Math.max(slowest, (user + system) / 1000);
      checkAnswer(handling, delivered, kept, notices);
      const outcome = handling.kind === 'handled' ? (handling.results[0]?.status ?? 'empty') : handling.kind;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }),
    { numRuns: RUNS },
  );
  const held = heldAfterCollection() - started.held;
  if (process.env['FUZZ_RUNS']) process.stdout.write(`${RUNS} inputs in ${Math.round((Date.now() - started.at) / 1000)} s: ${JSON.stringify(outcomes)}; slowest ${Math.round(slowest)} ms of processor, ${Math.round(held / 1024)} KB held, ${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most\n`);
  expect(held).toBeLessThan(MAX_HELD);
  expect(slowest).toBeLessThan(MAX_CPU);
  // A run in which nothing was accepted, or nothing refused, would prove little.
  for (const outcome of ['accepted', 'rejected', 'undecodable']) expect(outcomes[outcome]).toBeGreaterThan(RUNS / 100);
  expect(Object.keys({} as object)).toEqual([]);
  expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
}, 3_600_000);

test('a bomb is never inflated beyond the limit', async () => {
  const { receiving, notices } = intake();
  const packed = bomb(512);
  const before = process.memoryUsage().rss;
  for (let time = 0; time < 5; time++) expect(await processBody(receiving.pipeline, ALL, { id: 'fuzz', key: '', sources: [] }, packed)).toMatchObject({ kind: 'undecodable', tooLarge: true });
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  expect(notices.length).toBe(5);
}, 120_000);

test('text changed anywhere is recognised or not, without a crash', () => {
  fc.assert(fc.property(hostile, ({ body }) => {
    const decoded = parseJson(Buffer.from(body).toString('utf8'));
    if ('value' in decoded) for (const source of SOURCES) if (source.recognises(decoded.value)) for (const one of source.parse(decoded.value, { fragmentsAt: NOW })) if ('alert' in one) classify(one.alert);
  }), { numRuns: Math.min(RUNS, 2_000) });
}, 600_000);

test('every source answers any JSON', () => {
  fc.assert(fc.property(fc.constantFrom(...SOURCES), fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom('records', 'value', 'Records', 'Findings', 'findings', 'detail', 'detail-type', 'properties', 'operationName', 'tenantId', 'time', 'result', 'alerts', 'Event', 'winlog', 'data', 'class_uid'), fc.jsonValue())), (source, payload) => {
    source.recognises(payload);
    for (const one of source.parse(payload)) must('alert' in one || (one.rejected.path.length > 0 && one.rejected.problem.length > 0), 'refused by the name of its field');
  }), { numRuns: Math.min(RUNS, 5_000) });
}, 600_000);
