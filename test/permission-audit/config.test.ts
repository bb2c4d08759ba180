import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { DAY_MS as DAY } from '../../playbook/permission-audit/rules';
import { auditPlaces, auditSettings, ownerRules } from '../../workers/config/audit';
import { azureConfig } from '../../workers/config/azure';
import { parseConfig, type ConfigError } from '../../workers/config/load';

const base = parse(readFileSync(join(__dirname, '../../tourniquet.example.yaml'), 'utf8')) as { people: { id: string; manager?: string | null }[] } & Record<string, object>;
const TENANT = '11111111-2222-4333-8444-555555555555';
const azure = { tenants: [{ id: TENANT, name: 'northwind', clientId: TENANT, credential: { kind: 'managed-identity' }, subscriptions: [] }], budget: { monthlyUsd: 100, email: 'a@example.com' } };
const load = (permissionAudit: object, more: object = {}) => parseConfig(stringify({ ...base, ...more, permissionAudit }));
const problems = (permissionAudit: object, more: object = {}): string => {
  try {
    load(permissionAudit, more);
    return '';
  } catch (error) {
    return (error as ConfigError).problems.join('\n');
  }
};

test('without a word: 90 days, two weeks of quarantine, a week to answer', () => {
  expect(auditSettings(load({}))).toMatchObject({
    windowMs: 90 * DAY, quarantineMs: 14 * DAY, neededMs: 90 * DAY, neededAtMostMs: 365 * DAY, unusedShare: 0.5, approval: { quorum: 1, deadlineMs: 7 * DAY, remindEveryMs: DAY, backupAfterMs: 3 * DAY },
  });
});

test('every account and tenant can be audited; Graph’s beta is read only where it is named', () => {
  const config = load({}, { azure });
  expect(auditPlaces(config)).toEqual(expect.arrayContaining([{ provider: 'azure', account: TENANT }, { provider: 'aws', account: expect.stringMatching(/^\d{12}$/) }]));
  expect(azureConfig(config)!.betaReports).toEqual([]);
  expect(azureConfig(load({}, { azure: { ...azure, betaReports: ['servicePrincipalSignInActivities'] } }))!.betaReports).toEqual(['servicePrincipalSignInActivities']);
});

test('tags are compared without case, each once; the register keeps its order', () => {
  const [first] = base.people;
  expect(ownerRules(load({ ownerTags: ['Owner', 'owner', 'Team'], owners: [{ subject: '*/batch-*', owner: first!.id }] }))).toEqual({ tags: ['owner', 'team'], register: [{ subject: '*/batch-*', owner: first!.id }] });
});

test.each<[string, object, object, RegExp]>([
  ['an owner whom nobody is', { owners: [{ subject: '*', owner: 'nobody-at-all' }] }, {}, /permissionAudit\.owners.*nobody is nobody-at-all/],
  ['a manager whom nobody is', {}, { people: base.people.map((one, at) => (at === 0 ? { ...one, manager: 'nobody-at-all' } : one)) }, /manager.*nobody is nobody-at-all/],
  ['the manager is asked after the time to answer', { managerAfter: '7d', answerWithin: '7d' }, {}, /managerAfter.*shorter than answerWithin/],
  ['a share of nothing', { unusedShare: 0 }, {}, /unusedShare/],
  ['a time that is none', { unusedFor: 'long' }, {}, /unusedFor/],
  ['a word that is not known', { unusedfor: '90d' }, {}, /unusedfor/],
  ['another report of the beta', {}, { azure: { ...azure, betaReports: ['everything'] } }, /betaReports/],
])('%s: refused', (_what, audit, more, told) => expect(problems(audit, more)).toMatch(told));
