import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../intake/json';
import { detectSource } from '../../intake/sources';
import type { Alert } from '../../playbook/model/alert';
import { classify } from '../../playbook/triage/classify';
import { decide } from '../../playbook/triage/decide';
import { noDocuments, type Documents, type LookedUp } from '../../playbook/triage/inputs';

interface Labelled {
  name: string;
  /** Row of table 1.1, `finding` or `billing`. */
  row: string;
  /** Would somebody on call want an incident of it, with these documents at hand. */
  label: 'incident' | 'quiet';
  documents?: Partial<Documents>;
  globalAdmin?: boolean;
  event: unknown;
}

const cases = readFileSync(join(__dirname, '..', 'fixtures', 'labelled.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Labelled);

interface Answer {
  label: Labelled['label'] | 'not understood';
  why: string;
}

/** As intake and the incident would: recognised by its shape, parsed, judged with the documents of the case. */
function answerTo({ event, documents, globalAdmin }: Labelled): Answer {
  const decoded = parseJson(JSON.stringify(event));
  const value = 'problem' in decoded ? null : decoded.value;
  const parsed = detectSource(value)?.parse(value, { tenant: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' }) ?? [];
  const alerts = parsed.flatMap((one): Alert[] => ('alert' in one ? [one.alert] : []));
  if (alerts.length === 0) return { label: 'not understood', why: JSON.stringify(parsed) };
  const lookedUp: LookedUp = { principalIsAdmin: null, globalAdmin: globalAdmin ?? null, target: null, countries: {}, facts: {}, failed: [] };
  const worth = alerts.filter((alert) => classify(alert).status === 'alert');
  if (worth.length === 0) return { label: 'quiet', why: alerts.flatMap((alert) => classify(alert).reasons.map(({ text }) => text)).join('; ') };
  const verdict = decide({ alerts: worth, documents: { ...noDocuments, ...documents }, lookedUp, now: '2026-10-16T00:00:00Z' });
  return { label: verdict.kind === 'false-positive' ? 'quiet' : 'incident', why: `${verdict.kind} ${verdict.risk}: ${verdict.reasons.map(({ text }) => text).join('; ')}` };
}

const answers = cases.map((one) => ({ ...one, answer: answerTo(one) }));

test('there is something of every row, on both sides', () => {
  expect(cases.length).toBeGreaterThan(60);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  for (const row of ['1.1.1', '1.1.2', '1.1.3', '1.1.4', '1.1.5', '1.1.6', '1.1.7', '1.1.8', '1.1.9', 'finding', 'billing']) {
    for (const label of ['incident', 'quiet']) expect([row, label, cases.some((one) => one.row === row && one.label === label)]).toEqual([row, label, true]);
  }
});

test('nothing that wants an incident is missed, and hardly anything cries wolf', () => {
  const wrong = answers.filter(({ label, answer }) => answer.label !== label);
  const missed = wrong.filter(({ label }) => label === 'incident');
  const accuracy = 1 - wrong.length / answers.length;
  const shown = wrong.map(({ row, name, label, answer }) => `${row} ${name}: ${answer.label}, wanted ${label} (${answer.why})`);
  // What is wrong is shown, also within the bound.
  if (shown.length > 0) console.warn(`accuracy ${accuracy.toFixed(3)}\n${shown.join('\n')}`);
  expect(missed.map(({ name }) => name)).toEqual([]);
  expect(accuracy).toBeGreaterThanOrEqual(0.95);
});

test('a SIEM’s alert that carries the cloud’s record is judged by what the record shows, not by the rule’s rating', () => {
  const splunk = answers.find(({ name }) => name === 'Splunk: the trail was stopped')!;
  expect(splunk.answer.why).toContain('critical critical: StopLogging is high risk whatever it says');
  const payload = splunk.event as { result: { _raw: string; severity: string } };
  const raw = JSON.parse(payload.result._raw) as object;
  const told = (severity: string, over: object) => answerTo({ ...splunk, event: { ...payload, result: { ...payload.result, severity, _raw: JSON.stringify({ ...raw, ...over }) } } });
  expect(told('informational', {})).toMatchObject({ label: 'incident', why: expect.stringContaining('critical critical') });
  // The rule’s own rating stands where the record shows nothing graver.
  expect(told('high', { eventName: 'DescribeTrails', readOnly: true })).toMatchObject({ label: 'incident', why: expect.stringContaining('critical high') });
  expect(told('low', { eventName: 'DescribeTrails', readOnly: true }).label).toBe('quiet');
  // A record of another account says nothing about this one.
  expect(told('low', { recipientAccountId: '918273645546' }).label).toBe('quiet');
});
