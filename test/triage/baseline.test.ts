import fc from 'fast-check';
import { baselineReasons, compare, FEWEST_DAYS, FEWEST_EVENTS, isStranger, pastOf, TRAITS, type Baseline, type FirstTime, type Sighting, type Traits } from '../../playbook/triage/baseline';
import { decide } from '../../playbook/triage/decide';
import { noDocuments, type Documents, type LookedUp } from '../../playbook/triage/inputs';
import { riskRank, verdictRank } from '../../playbook/triage/ranks';
import type { Classification } from '../../playbook/model/verdict';
import { alertOf, principal } from '../aws-investigate/support';

const FIRST_ALERT = '2026-11-24T12:34:00.000Z';
const window = { ...pastOf(FIRST_ALERT), sampled: false };
const DAY = 86_400_000;
const home: Traits = { country: 'DE', network: 'ASN 3320 (Telekom)', agent: 'aws-cli', region: 'eu-central-1', service: 'iam' };
const past = (days: number, aDay: number, traits: Traits = home): Sighting[] =>
  Array.from({ length: days * aDay }, (_, index) => ({ time: new Date(window.until.getTime() - (1 + (index % days)) * DAY).toISOString(), traits }));
const now = (traits: Traits) => [{ id: 'alr-1', time: FIRST_ALERT, traits }];
const firsts = (of: Baseline) => of.firsts.map(({ trait, value }) => `${trait} ${value}`);

test('the past ends a whole day before the first alert: what an attacker did since is not the identity’s own', () => {
  expect(window.until.toISOString()).toBe('2026-11-23T12:00:00.000Z');
  expect(window.from.toISOString()).toBe('2026-08-25T12:00:00.000Z');
  const stranger: Traits = { country: 'KP', network: 'ASN 9009 (M247)', agent: 'pacu', region: 'ap-east-1', service: 'ec2' };
  const poison = Array.from({ length: 500 }, (_, index) => ({ time: new Date(Date.parse(FIRST_ALERT) - index * 60_000).toISOString(), traits: stranger }));
  expect(firsts(compare('dana', window, [...past(10, 4), ...poison], now(stranger)))).toEqual(['country KP', 'network ASN 9009 (M247)', 'agent pacu', 'region ap-east-1', 'service ec2']);
});

test.each<[string, Sighting[], Traits, string[] | null]>([
  ['the same as always', past(10, 4), home, []],
  ['letters do not matter', past(10, 4), { country: 'de', agent: 'AWS-CLI' }, []],
  ['another network of the same country', past(10, 4), { ...home, network: 'ASN 9009 (M247)' }, ['network ASN 9009 (M247)']],
  ['a trait that the alert does not tell', past(10, 4), { agent: 'aws-cli' }, []],
  ['a trait that the past does not tell', past(10, 4, { agent: 'aws-cli' }), home, []],
  ['seen once is seen', [...past(10, 4), { time: window.from.toISOString(), traits: { country: 'FR' } }], { country: 'FR' }, []],
  ['seen only before the window', [...past(10, 4), { time: '2026-08-20T00:00:00Z', traits: { country: 'FR' } }], { country: 'FR' }, ['country FR']],
  ['one event too few', past(1, 19), { country: 'FR' }, null],
  ['many events on too few days', past(FEWEST_DAYS - 1, 100), { country: 'FR' }, null],
  ['just enough', past(FEWEST_DAYS, FEWEST_EVENTS / FEWEST_DAYS), { country: 'FR' }, ['country FR']],
  ['no past', [], { country: 'FR' }, null],
])('%s', (_name, sightings, traits, expected) => {
  const is = compare('dana', window, sightings, now(traits));
  expect(is.silent === null ? firsts(is) : null).toEqual(expected);
});

test('a reason says what, whose, and how much past it is compared with', () => {
  const is = compare('ada', window, past(10, 4), now({ ...home, network: 'ASN 9009 (M247 Europe SRL)' }));
  expect(baselineReasons([is], 'alr-1')).toEqual([{ code: 'first-network', text: 'first time from ASN 9009 (M247 Europe SRL) for ada in 90 days (40 events since 2026-08-25)', source: 'baseline' }]);
  expect(baselineReasons([{ ...is, sampled: true }], 'alr-1')[0]!.text).toContain('(a sample of 40 events since');
  expect(baselineReasons([compare('ada', window, past(2, 3), now(home))], 'alr-1')).toEqual([{ code: 'no-baseline', text: 'ada cannot be compared with its own past: too short a history: 6 events on 2 days', source: 'baseline' }]);
  expect(baselineReasons([is], 'alr-2')).toEqual([]);
});

const trait = fc.constantFrom(...TRAITS);
const someTraits = fc.dictionary(trait, fc.constantFrom('a', 'b', 'c', 'd')) as fc.Arbitrary<Traits>;
const sighting = fc.record({ time: fc.date({ min: new Date('2026-07-01'), max: new Date('2026-11-25'), noInvalidDate: true }).map((one) => one.toISOString()), traits: someTraits });

test('order changes nothing; more past makes nothing new; nothing after the window counts', () => {
  fc.assert(fc.property(fc.array(sighting, { maxLength: 120 }), someTraits, fc.array(sighting, { maxLength: 20 }), (sightings, traits, more) => {
    const is = compare('x', window, sightings, now(traits));
    expect(compare('x', window, [...sightings].reverse(), now(traits))).toEqual(is);
    const late = more.map((one) => ({ ...one, time: new Date(window.until.getTime() + Date.parse(one.time) % DAY).toISOString() }));
    expect(compare('x', window, [...sightings, ...late], now(traits))).toEqual(is);
    if (is.silent !== null) return expect(is.firsts).toEqual([]);
    const wider = compare('x', window, [...sightings, ...more.map((one) => ({ ...one, time: window.from.toISOString() }))], now(traits));
    for (const one of firsts(wider)) {
      const known = sightings.filter((past) => past.traits[one.split(' ')[0] as 'country'] !== undefined).length;
      // A trait of which too little was known may be judged now; one that was judged cannot become new.
      if (known >= FEWEST_EVENTS * 4) expect(firsts(is)).toContain(one);
    }
  }), { numRuns: 300 });
});

const firstTimes = (...traits: FirstTime['trait'][]): LookedUp => ({
  principalIsAdmin: false, target: null, countries: {}, facts: {}, failed: [],
  baselines: [{ who: 'dana', alerts: [alert.id], events: 400, days: 60, from: window.from.toISOString(), until: window.until.toISOString(), sampled: false, silent: null, firsts: traits.map((one) => ({ alert: alert.id, trait: one, value: 'new' })) }],
});
const alert = alertOf({ event: 'RunInstances', service: 'ec2.amazonaws.com', target: { kind: 'instance', id: 'i-1', account: principal.account } });
const is = (over: Partial<Classification> = {}): Classification => ({ status: 'alert', event: 'run-instances', risk: 'medium', type: 'other', techniques: [], reasons: [], ...over });
const automated: Documents = { ...noDocuments, automations: [{ identity: principal.id, source: 'register:automations#0' }] };
const judged = (lookedUp: LookedUp | null, documents: Documents = noDocuments, classification = is()) => decide({ alerts: [alert], classifications: [classification], documents, lookedUp, now: '2026-11-24T13:00:00Z' });

test.each<[string, FirstTime['trait'][], Documents, Partial<Classification>, string, string]>([
  ['nothing new: automation explains it', [], automated, {}, 'false-positive', 'medium'],
  ['one new thing is told, and changes nothing', ['network'], automated, {}, 'false-positive', 'medium'],
  ['a new program for a new service, from the usual place', ['agent', 'service'], automated, {}, 'false-positive', 'medium'],
  ['a new place and a new program: the register speaks for the identity, not for this hand', ['network', 'agent'], automated, {}, 'verify', 'high'],
  ['a new country', ['country', 'network'], automated, {}, 'verify', 'high'],
  ['people are asked, with a graver risk', ['country', 'network'], noDocuments, {}, 'verify', 'high'],
  ['high stays high: a first time contains nobody by itself', ['country', 'network', 'agent', 'region', 'service'], noDocuments, { risk: 'high' }, 'verify', 'high'],
  ['critical stays critical', ['country', 'network'], noDocuments, { risk: 'critical' }, 'critical', 'critical'],
  ['an alert that is none is none', ['country', 'network'], noDocuments, { status: 'ignored', risk: 'low' }, 'false-positive', 'low'],
])('%s', (_name, traits, documents, classification, kind, risk) => {
  expect(judged(firstTimes(...traits), documents, is(classification))).toMatchObject({ kind, risk });
});

test('a known use that names the address explains the place as well; one from anywhere does not', () => {
  const use = { id: 'u1', principal: principal.id, events: ['RunInstances'], owner: 'ops', expires: '2027-01-01', document: 'runbook 7', source: 'register:known-uses#0' };
  const strange = firstTimes('country', 'network');
  expect(judged(strange, { ...noDocuments, knownUses: [{ ...use, from: [`${alert.sourceIp}/32`] }] }).kind).toBe('false-positive');
  expect(judged(strange, { ...noDocuments, knownUses: [{ ...use, from: [] }] })).toMatchObject({ kind: 'verify', reasons: expect.arrayContaining([expect.objectContaining({ code: 'stranger' })]) });
});

test('whatever is new, the verdict is never milder, and the reasons stay', () => {
  const risks = fc.constantFrom<Classification['risk']>('low', 'medium', 'high', 'critical');
  const types = fc.constantFrom<Classification['type']>('root-activity', 'new-identity', 'permission-change', 'access-key-created', 'exposure-or-tracks', 'finding', 'other');
  fc.assert(fc.property(fc.uniqueArray(trait), risks, types, fc.boolean(), (traits, risk, type, known) => {
    const before = judged({ ...firstTimes(), baselines: [] }, known ? automated : noDocuments, is({ risk, type }));
    const after = judged(firstTimes(...traits), known ? automated : noDocuments, is({ risk, type }));
    expect(verdictRank(after.kind)).toBeGreaterThanOrEqual(verdictRank(before.kind));
    expect(riskRank(after.risk)).toBeGreaterThanOrEqual(riskRank(before.risk));
    expect(after.kind === 'critical').toBe(before.kind === 'critical');
    expect(after.reasons).toEqual(expect.arrayContaining(before.reasons));
    expect(after.reasons.some(({ code }) => code === 'stranger')).toBe(isStranger(firstTimes(...traits).baselines!, alert.id));
  }), { numRuns: 300 });
});
