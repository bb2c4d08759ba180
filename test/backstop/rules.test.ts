import fc from 'fast-check';
import { blindedBetween, blindnessAlert, remembered, type Watchers } from '../../playbook/blindness';
import { hear, patienceFor, silence, type Rhythm } from '../../playbook/rhythm';
import { burstsOf } from '../../playbook/triage/bursts';
import { classify } from '../../playbook/triage/classify';
import { decide } from '../../playbook/triage/decide';
import { alertOf, noDocuments } from '../triage/events';

const MINUTE = 60_000;
const at = (minutes: number): string => new Date(Date.parse('2026-03-02T00:00:00Z') + minutes * MINUTE).toISOString();
const heardEvery = (minutes: number, times = 20): Rhythm => Array.from({ length: times }, (_, index) => at(index * minutes)).reduce<Rhythm | undefined>((rhythm, time) => hear(rhythm, time), undefined)!;

describe('rhythm', () => {
  test.each([
    { name: 'chatty, a pause of 50 minutes', rhythm: heardEvery(5), after: 50, silent: false },
    { name: 'chatty, 61 minutes', rhythm: heardEvery(5), after: 61, silent: true },
    { name: 'every six hours, twelve', rhythm: heardEvery(360), after: 720, silent: false },
    { name: 'every six hours, nineteen', rhythm: heardEvery(360), after: 1140, silent: true },
    { name: 'heard too seldom to say', rhythm: heardEvery(5, 10), after: 100_000, silent: false },
  ])('$name: $silent', ({ rhythm, after, silent }) => {
    const now = new Date(Date.parse(rhythm.last) + after * MINUTE).toISOString();
    expect(silence(rhythm, now) !== null).toBe(silent);
  });

  test('told once; the end of a silence is not taken for usual; then it may fall silent again', () => {
    const rhythm = { ...heardEvery(5), told: true };
    const later = new Date(Date.parse(rhythm.last) + 1_000 * MINUTE).toISOString();
    expect(silence(rhythm, later)).toBeNull();
    const again = hear(rhythm, later);
    expect([again.told, patienceFor(again)]).toEqual([false, patienceFor(heardEvery(5))]);
  });

  test('late and repeated signs of life change nothing; it stays small', () => {
    fc.assert(fc.property(fc.array(fc.nat(10_000), { minLength: 1, maxLength: 200 }), (times) => {
      const rhythm = times.map(at).reduce<Rhythm | undefined>((now, time) => hear(now, time), undefined)!;
      expect(rhythm.last).toBe(at(Math.max(...times)));
      expect(rhythm.gaps.length).toBeLessThanOrEqual(60);
      expect(rhythm.gaps.every((gap) => gap > 0)).toBe(true);
    }));
  });
});

describe('watchers', () => {
  const place = { account: '210987654321', region: 'eu-central-1' };
  const seen = (more: Partial<Watchers> = {}): Watchers => ({ trails: { t: true }, detectors: { d: true }, failed: [], ...more });
  const denied = { what: 'trails', error: 'ACCESS_DENIED' };
  test.each<{ name: string; before: Watchers | null; now: Watchers; kinds: string[] }>([
    { name: 'all as it was', before: seen(), now: seen(), kinds: [] },
    { name: 'first look, all on', before: null, now: seen(), kinds: [] },
    { name: 'first look at a stopped trail', before: null, now: seen({ trails: { t: false } }), kinds: ['trail-not-logging'] },
    { name: 'first look without anything', before: null, now: seen({ trails: {}, detectors: {} }), kinds: [] },
    { name: 'a trail stopped', before: seen(), now: seen({ trails: { t: false } }), kinds: ['trail-not-logging'] },
    { name: 'still stopped', before: seen({ trails: { t: false } }), now: seen({ trails: { t: false } }), kinds: [] },
    { name: 'a trail gone', before: seen(), now: seen({ trails: {} }), kinds: ['trail-gone'] },
    { name: 'trails not to be read', before: seen(), now: seen({ trails: {}, failed: [denied] }), kinds: [] },
    { name: 'a detector off', before: seen(), now: seen({ detectors: { d: false } }), kinds: ['detector-off'] },
    { name: 'a detector gone', before: seen(), now: seen({ detectors: {} }), kinds: ['detector-gone'] },
  ])('$name', ({ before, now, kinds }) => expect(blindedBetween(before, now, place).map(({ kind }) => kind)).toEqual(kinds));

  test('what could not be read stays remembered: a trail that goes meanwhile is told of later', () => {
    const between = remembered(seen(), seen({ trails: {}, failed: [denied] }));
    expect(blindedBetween(between, seen({ trails: {} }), place).map(({ kind }) => kind)).toEqual(['trail-gone']);
  });

  test('it is an alert of row 1.1.9 that opens an incident: critical for a trail, somebody looks at a silence', () => {
    const alert = blindnessAlert({ kind: 'trail-not-logging', ...place, id: 't', text: 'trail t does not log' }, at(0));
    expect(classify(alert)).toMatchObject({ status: 'alert', event: 'logging-disabled', risk: 'critical', techniques: ['T1562.008'] });
    const verdict = (one: typeof alert) => decide({ alerts: [one], documents: noDocuments(), lookedUp: null, now: at(1) }).kind;
    expect([verdict(alert), verdict(blindnessAlert({ kind: 'source-silent', account: '1', region: null, id: 'guardduty', text: 'x' }, at(0)))]).toEqual(['critical', 'verify']);
    expect(blindnessAlert({ kind: 'trail-not-logging', ...place, id: 't', text: 'other words' }, at(0)).id).toBe(alert.id);
  });
});

describe('bursts', () => {
  const read = (index: number, minutes: number, more = {}) => ({ ...alertOf('secretsmanager', 'GetSecretValue', { secretId: `s-${index}` }, { readOnly: true, eventID: `e-${index}-${minutes}`, eventTime: at(minutes).replace('.000', ''), ...more }) });
  const reads = (count: number, apart = 0.1) => Array.from({ length: count }, (_, index) => read(index, index * apart));
  test('ten different secrets within ten minutes are one alert, the same in any order', () => {
    const [burst, ...rest] = burstsOf(reads(15));
    expect([rest.length, classify(burst!).status, classify(burst!).reasons[0]!.code]).toEqual([0, 'alert', 'secrets-read']);
    expect(burstsOf(reads(15).reverse())[0]!.id).toBe(burst!.id);
  });
  test.each([
    ['nine', reads(9)], ['ten over an hour', reads(10, 7)], ['one secret often', Array.from({ length: 40 }, (_, index) => read(1, index * 0.1))], ['refused', Array.from({ length: 20 }, (_, index) => read(index, 0, { errorCode: 'AccessDenied' }))],
  ])('%s: none', (_name, alerts) => expect(burstsOf(alerts)).toEqual([]));
});
