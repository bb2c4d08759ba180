import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { detectSource, SOURCES } from '../../intake/sources';
import { classify } from '../../playbook/triage/classify';
import { unusedAccessOf } from '../../playbook/permission-audit/finding';
import { decide } from '../../playbook/triage/decide';
import { noDocuments } from '../triage/events';
import { example, EXAMPLES, OPTIONS } from './examples';

test.each(EXAMPLES)('%s is understood as %s', (file, source, expected, classification) => {
  const payload = example(file);
  expect(detectSource(payload)?.id).toBe(source);
  const parsed = SOURCES.find(({ id }) => id === source)!.parse(payload, OPTIONS);
  expect(parsed).toHaveLength(1);
  const [first] = parsed;
  if (!first || !('alert' in first)) throw new Error(JSON.stringify(first));
  expect(first.alert).toMatchObject({ source, ...expected });
  expect(classify(first.alert)).toMatchObject(classification);
  // What starts a review instead is never decided on.
  if (unusedAccessOf(first.alert) === null) expect(decide({ alerts: [first.alert], documents: noDocuments(), lookedUp: null, now: '2026-03-02T10:00:00.000Z' }).kind).not.toBe('false-positive');
  const again = SOURCES.find(({ id }) => id === source)!.parse(structuredClone(payload), OPTIONS)[0];
  expect(again).toEqual(first);
});

test('no example lies about unread', () => {
  expect(readdirSync(join(__dirname, '../fixtures/events')).filter((name) => name.endsWith('.json')).map((name) => name.replace('.json', '')).filter((name) => !EXAMPLES.some(([file]) => file === name))).toEqual([]);
  expect(SOURCES.map(({ id }) => id).filter((id) => !EXAMPLES.some(([, source]) => source === id))).toEqual([]);
});
