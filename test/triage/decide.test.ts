import fc from 'fast-check';
import type { Alert } from '../../playbook/model/alert';
import type { Verdict } from '../../playbook/model/verdict';
import { decide } from '../../playbook/triage/decide';
import { classify } from '../../playbook/triage/classify';
import type { ChangeRequest, Documents, KnownUse, LookedUp } from '../../playbook/triage/inputs';
import { riskRank, verdictRank } from '../../playbook/triage/ranks';
import { ACCOUNT, NOW, OTHER, alertOf, noDocuments, parsed, policy, record, roleIdentity, rootIdentity, signIn } from './events';

const MALLORY = `arn:aws:iam::${ACCOUNT}:user/mallory`;
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const window = { from: '2026-03-02T09:00:00Z', until: '2026-03-02T10:00:00Z' };
const change = (more: Partial<ChangeRequest> = {}): ChangeRequest => ({ id: 'CHG7', state: 'approved', who: [MALLORY], what: ['CreateUser'], targets: ['backup-svc'], ...window, source: 'servicenow:CHG7', ...more });
const use = (more: Partial<KnownUse> = {}): KnownUse => ({ id: 'root-billing', principal: ROOT, events: ['root-login'], from: ['203.0.113.0/24'], owner: 'finance', expires: '2026-12-31', document: 'RUN-12', source: 'register:known-uses#1', ...more });
const unreadable = [{ source: 'servicenow', error: 'TICKETS_UNAVAILABLE' }];

const rootLogin = signIn(rootIdentity(), { MFAUsed: 'Yes' });
const createUser = alertOf('iam', 'CreateUser', { userName: 'backup-svc' });
const attach = alertOf('iam', 'AttachUserPolicy', { userName: 'backup-svc', policyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' });
const attachAdmin = alertOf('iam', 'AttachUserPolicy', { userName: 'backup-svc', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' });
const createKey = alertOf('iam', 'CreateAccessKey', { userName: 'backup-svc' });
const publicBucket = alertOf('s3', 'PutBucketPolicy', { bucketName: 'payroll', bucketPolicy: policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' }) });
const openSsh = alertOf('ec2', 'AuthorizeSecurityGroupIngress', { groupId: 'sg-1', ipPermissions: { items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }] } });
const openWeb = alertOf('ec2', 'AuthorizeSecurityGroupIngress', { groupId: 'sg-1', ipPermissions: { items: [{ ipProtocol: 'tcp', fromPort: 443, toPort: 443, ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }] } });
const runInstances = alertOf('ec2', 'RunInstances', { instanceType: 'm6i.large' });
const stopLogging = alertOf('cloudtrail', 'StopLogging', { name: 'main' });
const outsideRole = alertOf('iam', 'CreateRole', { roleName: 'audit-sync', assumeRolePolicyDocument: policy({ Effect: 'Allow', Principal: { AWS: OTHER }, Action: 'sts:AssumeRole' }) });
const quietRead = alertOf('ec2', 'DescribeInstances', {}, { readOnly: true });
const noMfa = signIn({ ...record('x', 'y')['userIdentity'] as object }, { MFAUsed: 'No' });
const finding = (severity: number, event = 'UnauthorizedAccess:IAMUser/MaliciousIPCaller'): Alert => ({ ...createUser, id: `alr-${severity}`, source: 'guardduty', event, facts: { severity } });

const verdict = (alerts: Alert | Alert[], documents: Partial<Documents> = {}, lookedUp: LookedUp | null = null, now = NOW): Verdict =>
  decide({ alerts: Array.isArray(alerts) ? alerts : [alerts], documents: noDocuments(documents), lookedUp, now });

interface Path { name: string; alert: Alert; documents?: Partial<Documents>; kind: Verdict['kind']; code: string; text?: string; lookedUp?: LookedUp; now?: string }
const looked = (more: Partial<LookedUp>): LookedUp => ({ principalIsAdmin: null, target: null, countries: {}, facts: {}, failed: [], ...more });

const paths: Path[] = [
  // root → legacy or known use?
  { name: 'root, nothing documented', alert: rootLogin, kind: 'critical', code: 'no-known-use' },
  { name: 'root, documented', alert: rootLogin, documents: { knownUses: [use()] }, kind: 'false-positive', code: 'known-use', text: 'RUN-12' },
  { name: 'root, documented from anywhere says so', alert: rootLogin, documents: { knownUses: [use({ from: [] })] }, kind: 'false-positive', code: 'known-use', text: 'from anywhere' },
  { name: 'root, documented by the event’s own name', alert: rootLogin, documents: { knownUses: [use({ events: ['ConsoleLogin'] })] }, kind: 'false-positive', code: 'known-use' },
  { name: 'root, expired', alert: rootLogin, documents: { knownUses: [use({ expires: '2026-03-01' })] }, kind: 'critical', code: 'known-use-expired', text: '2026-03-01' },
  { name: 'root, valid on its last day', alert: rootLogin, documents: { knownUses: [use({ expires: '2026-03-02' })] }, kind: 'false-positive', code: 'known-use' },
  { name: 'root, unreadable expiry is no expiry', alert: rootLogin, documents: { knownUses: [use({ expires: 'someday' })] }, kind: 'critical', code: 'known-use-expired' },
  { name: 'root, nobody owns it', alert: rootLogin, documents: { knownUses: [use({ owner: '' })] }, kind: 'critical', code: 'known-use-unowned' },
  { name: 'root, other address', alert: rootLogin, documents: { knownUses: [use({ from: ['198.51.100.0/24'] })] }, kind: 'critical', code: 'known-use-address', text: '203.0.113.77' },
  { name: 'root, address unknown', alert: { ...rootLogin, sourceIp: null }, documents: { knownUses: [use()] }, kind: 'critical', code: 'known-use-address' },
  { name: 'root of another account', alert: rootLogin, documents: { knownUses: [use({ principal: `arn:aws:iam::${OTHER}:root` })] }, kind: 'critical', code: 'no-known-use' },
  { name: 'root, documented for another event', alert: rootLogin, documents: { knownUses: [use({ events: ['PutBucketPolicy'] })] }, kind: 'critical', code: 'no-known-use' },
  { name: 'root, one of two entries holds', alert: rootLogin, documents: { knownUses: [use({ expires: '2025-01-01' }), use({ id: 'b' })] }, kind: 'false-positive', code: 'known-use' },
  { name: 'root, register unreadable', alert: rootLogin, documents: { unreadable }, kind: 'critical', code: 'register-unreadable', text: 'TICKETS_UNAVAILABLE' },
  { name: 'root failed to sign in', alert: signIn(rootIdentity(), { MFAUsed: 'No' }, 'Failure'), kind: 'verify', code: 'no-known-use', text: 'nobody got in' },
  { name: 'root is never automation', alert: rootLogin, documents: { automations: [{ identity: ROOT, source: 'r' }], authorizedAdmins: [{ identity: ROOT, source: 'r' }] }, kind: 'critical', code: 'no-known-use' },

  // new identity → change request? → details match
  { name: 'user, no change request', alert: createUser, kind: 'critical', code: 'no-change-request' },
  { name: 'user, all matches', alert: createUser, documents: { changes: [change()] }, kind: 'false-positive', code: 'change-verified', text: 'CHG7' },
  { name: 'user, by row id and upper case', alert: createUser, documents: { changes: [change({ what: ['CREATE-USER'], targets: ['Backup-SVC'] })] }, kind: 'false-positive', code: 'change-verified' },
  { name: 'user, for the person behind the identity', alert: createUser, documents: { changes: [change({ who: ['ada'] })], people: { [MALLORY]: 'ada' } }, kind: 'false-positive', code: 'change-verified' },
  { name: 'user, for another identity of the person', alert: createUser, documents: { changes: [change({ who: ['ada@corp'] })], people: { [MALLORY]: 'ada', 'ada@corp': 'ada' } }, kind: 'false-positive', code: 'change-verified' },
  { name: 'user, other person', alert: createUser, documents: { changes: [change({ who: ['grace'] })] }, kind: 'critical', code: 'change-mismatch', text: 'not for mallory' },
  { name: 'user, other kind of change', alert: createUser, documents: { changes: [change({ what: ['RunInstances'] })] }, kind: 'critical', code: 'change-mismatch', text: 'does not cover CreateUser' },
  { name: 'user, other target', alert: createUser, documents: { changes: [change({ targets: ['report-svc'] })] }, kind: 'critical', code: 'change-mismatch', text: 'backup-svc is not its target' },
  { name: 'user, too early', alert: createUser, documents: { changes: [change({ from: '2026-03-02T09:16:00Z' })] }, kind: 'critical', code: 'change-mismatch', text: 'outside of its window' },
  { name: 'user, too late', alert: createUser, documents: { changes: [change({ until: '2026-03-02T09:15:29Z' })] }, kind: 'critical', code: 'change-mismatch', text: 'outside of its window' },
  { name: 'user, window unreadable', alert: createUser, documents: { changes: [change({ from: 'soon' })] }, kind: 'critical', code: 'change-mismatch' },
  { name: 'user, not approved yet', alert: createUser, documents: { changes: [change({ state: 'open' })] }, kind: 'critical', code: 'change-mismatch', text: 'open, not approved' },
  { name: 'user, rejected', alert: createUser, documents: { changes: [change({ state: 'rejected' })] }, kind: 'critical', code: 'change-mismatch' },
  { name: 'user, an unrelated request is none', alert: createUser, documents: { changes: [change({ who: ['grace'], what: ['RunInstances'], targets: ['web'] })] }, kind: 'critical', code: 'no-change-request' },
  { name: 'user, one of two requests holds', alert: createUser, documents: { changes: [change({ who: ['grace'] }), change({ id: 'CHG8' })] }, kind: 'false-positive', code: 'change-verified', text: 'CHG8' },
  { name: 'user, tickets unreadable', alert: createUser, documents: { unreadable }, kind: 'verify', code: 'register-unreadable' },
  { name: 'user, tickets unreadable and one mismatch', alert: createUser, documents: { unreadable, changes: [change({ who: ['grace'] })] }, kind: 'critical', code: 'change-mismatch' },
  { name: 'user by automation', alert: createUser, documents: { automations: [{ identity: MALLORY, source: 'register:automations#1' }] }, kind: 'false-positive', code: 'automation' },
  { name: 'role for another account by automation', alert: outsideRole, documents: { automations: [{ identity: MALLORY, source: 'register:automations#1' }] }, kind: 'critical', code: 'no-change-request' },
  { name: 'role for another account', alert: outsideRole, kind: 'critical', code: 'no-change-request' },
  { name: 'role for another account, tickets unreadable', alert: outsideRole, documents: { unreadable }, kind: 'critical', code: 'register-unreadable' },

  // permission change → authorised admin?
  { name: 'policy, not authorised', alert: attach, kind: 'critical', code: 'not-authorized' },
  { name: 'policy, authorised', alert: attach, documents: { authorizedAdmins: [{ identity: MALLORY, source: 'register:admins#2' }] }, kind: 'false-positive', code: 'authorized-admin' },
  { name: 'policy, authorised under a path', alert: attach, documents: { authorizedAdmins: [{ identity: `arn:aws:iam::${ACCOUNT}:user/people/mallory`, source: 'r' }] }, kind: 'false-positive', code: 'authorized-admin' },
  { name: 'policy, authorised as a person', alert: attach, documents: { authorizedAdmins: [{ identity: 'ada', source: 'r' }], people: { [MALLORY]: 'ada' } }, kind: 'false-positive', code: 'authorized-admin' },
  { name: 'administrator policy, authorised: somebody looks', alert: attachAdmin, documents: { authorizedAdmins: [{ identity: MALLORY, source: 'r' }] }, kind: 'verify', code: 'review-diff' },
  { name: 'administrator policy, change request holds', alert: attachAdmin, documents: { changes: [change({ what: ['attach-policy'] })] }, kind: 'false-positive', code: 'change-verified' },
  { name: 'policy, authorised but against its request', alert: attach, documents: { authorizedAdmins: [{ identity: MALLORY, source: 'r' }], changes: [change({ what: ['attach-policy'], until: '2026-03-01T00:00:00Z' })] }, kind: 'critical', code: 'change-mismatch' },
  { name: 'administrator policy by automation', alert: attachAdmin, documents: { automations: [{ identity: MALLORY, source: 'r' }] }, kind: 'critical', code: 'not-authorized' },
  { name: 'policy, registers unreadable', alert: attach, documents: { unreadable }, kind: 'verify', code: 'register-unreadable' },
  { name: 'administrator policy, registers unreadable', alert: attachAdmin, documents: { unreadable }, kind: 'critical', code: 'register-unreadable' },
  { name: 'the target administers: it weighs more', alert: attach, documents: { authorizedAdmins: [{ identity: MALLORY, source: 'r' }] }, lookedUp: looked({ target: { exists: true, createdAt: null, isAdmin: true } }), kind: 'verify', code: 'target-is-admin' },

  // key → expected rotation?
  { name: 'key, nothing expected', alert: createKey, kind: 'critical', code: 'no-rotation' },
  { name: 'key, expected', alert: createKey, documents: { rotations: [{ principal: `arn:aws:iam::${ACCOUNT}:user/backup-svc`, by: [MALLORY], window, source: 'register:rotations#1' }] }, kind: 'false-positive', code: 'expected-rotation' },
  { name: 'key, expected at any time', alert: createKey, documents: { rotations: [{ principal: 'backup-svc', by: [MALLORY], window: null, source: 'r' }] }, kind: 'false-positive', code: 'expected-rotation' },
  { name: 'key, by somebody else', alert: createKey, documents: { rotations: [{ principal: 'backup-svc', by: ['rotator'], window: null, source: 'r' }] }, kind: 'critical', code: 'rotation-mismatch', text: 'mallory is not who rotates it' },
  { name: 'key, at another time', alert: createKey, documents: { rotations: [{ principal: 'backup-svc', by: [MALLORY], window: { from: '2026-03-03', until: '2026-03-04' }, source: 'r' }] }, kind: 'critical', code: 'rotation-mismatch' },
  { name: 'key, of another user', alert: createKey, documents: { rotations: [{ principal: 'report-svc', by: [MALLORY], window: null, source: 'r' }] }, kind: 'critical', code: 'no-rotation' },
  { name: 'key, change request holds', alert: createKey, documents: { changes: [change({ what: ['create-access-key'] })] }, kind: 'false-positive', code: 'change-verified' },
  { name: 'key, registers unreadable', alert: createKey, documents: { unreadable }, kind: 'verify', code: 'register-unreadable' },

  // opened, hidden, started, found
  { name: 'public bucket', alert: publicBucket, kind: 'critical', code: 'no-change-request' },
  { name: 'public bucket by automation', alert: publicBucket, documents: { automations: [{ identity: MALLORY, source: 'r' }] }, kind: 'critical', code: 'no-change-request' },
  { name: 'public bucket, change request holds', alert: publicBucket, documents: { changes: [change({ what: ['storage-exposure'], targets: ['payroll'] })] }, kind: 'false-positive', code: 'change-verified' },
  { name: 'SSH to the world', alert: openSsh, kind: 'critical', code: 'no-change-request' },
  { name: 'web to the world', alert: openWeb, kind: 'verify', code: 'no-change-request' },
  { name: 'SSH to the world by automation', alert: openSsh, documents: { automations: [{ identity: MALLORY, source: 'r' }] }, kind: 'false-positive', code: 'automation' },
  { name: 'logging stopped', alert: stopLogging, kind: 'critical', code: 'no-change-request' },
  { name: 'logging stopped by automation', alert: stopLogging, documents: { automations: [{ identity: MALLORY, source: 'r' }] }, kind: 'critical', code: 'no-change-request' },
  { name: 'logging stopped, tickets unreadable', alert: stopLogging, documents: { unreadable }, kind: 'critical', code: 'register-unreadable' },
  { name: 'instances', alert: runInstances, kind: 'verify', code: 'no-change-request' },
  { name: 'instances by automation', alert: runInstances, documents: { automations: [{ identity: MALLORY, source: 'r' }] }, kind: 'false-positive', code: 'automation' },
  { name: 'sign-in without MFA', alert: noMfa, kind: 'verify', code: 'no-change-request' },
  { name: 'finding, high', alert: finding(8), kind: 'critical', code: 'no-known-use' },
  { name: 'finding, medium', alert: finding(5), kind: 'verify', code: 'no-known-use' },
  { name: 'finding of a documented test', alert: finding(8), documents: { knownUses: [use({ principal: MALLORY, events: ['threat-finding'], from: [] })] }, kind: 'false-positive', code: 'known-use' },
  { name: 'finding is not explained by automation', alert: finding(8), documents: { automations: [{ identity: MALLORY, source: 'r' }] }, kind: 'critical', code: 'no-known-use' },

  // what nothing can explain
  { name: 'expired known use of anybody', alert: runInstances, documents: { knownUses: [use({ principal: MALLORY, events: ['run-instances'], from: [], expires: '2026-01-01' })] }, kind: 'critical', code: 'known-use-expired' },
  { name: 'no identity, critical', alert: { ...stopLogging, principal: null }, documents: { changes: [change({ who: [''], what: ['*'], targets: ['main'] })] }, kind: 'critical', code: 'no-document-without-principal' },
  { name: 'no identity, medium', alert: { ...runInstances, principal: null }, kind: 'verify', code: 'no-document-without-principal' },
  { name: 'from the future', alert: createUser, documents: { changes: [change()] }, now: '2026-03-02T09:00:00.000Z', kind: 'verify', code: 'time-in-future' },
  { name: 'ignored', alert: quietRead, kind: 'false-positive', code: 'not-high-risk' },
];

test.each(paths)('$name → $kind', ({ alert, documents, kind, code, text, lookedUp, now }) => {
  const got = verdict(alert, documents, lookedUp ?? null, now);
  expect(got.reasons.map((one) => one.code)).toContain(code);
  expect(got.kind).toBe(kind);
  if (text) expect(got.reasons.find((one) => one.code === code)?.text).toContain(text);
  for (const reason of got.reasons) expect([reason.text, reason.source].every((part) => part.length > 0)).toBe(true);
});

test('a closed case names the document that closes it', () => {
  for (const { alert, documents, kind, now } of paths) {
    if (kind !== 'false-positive' || classify(alert).status === 'ignored') continue;
    const sources = verdict(alert, documents, null, now).reasons.map(({ source }) => source).filter((source) => source !== 'event');
    expect(sources.length).toBeGreaterThan(0);
  }
});

test('what could not be looked up is said, and changes nothing', () => {
  const got = verdict(runInstances, {}, looked({ failed: [{ what: 'iam:GetUser', error: 'ACCESS_DENIED' }], principalIsAdmin: true }));
  expect(got.kind).toBe('verify');
  expect(got.reasons.map(({ code }) => code)).toEqual(expect.arrayContaining(['could-not-look', 'actor-is-admin']));
});

test('several alerts: the gravest leads, every reason stays, techniques are joined', () => {
  const got = verdict([runInstances, stopLogging, createUser]);
  expect(got).toMatchObject({ kind: 'critical', event: 'logging-disabled', risk: 'critical', type: 'exposure-or-tracks' });
  expect(got.reasons.map(({ code }) => code)).toEqual(expect.arrayContaining(['new-compute', 'high-risk-call', 'no-change-request']));
  expect(got.techniques).toEqual(expect.arrayContaining(['T1496.001', 'T1562.008', 'T1136.003']));
});

test('without any alert a person looks', () => expect(verdict([]).kind).toBe('verify'));

const pool = paths.map(({ alert }) => alert).concat(
  alertOf('iam', 'CreateAccessKey', { userName: 'ada' }, { userIdentity: roleIdentity() }),
  parsed(record('iam', 'CreateUser', { userName: 'x' }, { userIdentity: undefined })),
);
const documentsOf = fc.record({
  changes: fc.subarray([change(), change({ id: 'B', what: ['*'], targets: ['payroll', 'sg-1'] }), change({ id: 'C', who: ['grace'] }), change({ id: 'D', state: 'open' })]),
  knownUses: fc.subarray([use(), use({ id: 'm', principal: MALLORY, events: ['*'], from: [] }), use({ id: 'e', principal: MALLORY, events: ['run-instances'], expires: '2020-01-01' })]),
  rotations: fc.subarray([{ principal: 'backup-svc', by: [MALLORY], window, source: 'r' }]),
  authorizedAdmins: fc.subarray([{ identity: MALLORY, source: 'r' }]),
  automations: fc.subarray([{ identity: MALLORY, source: 'r' }]),
  people: fc.constantFrom({}, { [MALLORY]: 'ada' }),
  unreadable: fc.subarray(unreadable),
});

describe('properties', () => {
  test('one more alert never lowers the verdict or the risk, wherever it comes in', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 6 }), fc.constantFrom(...pool), fc.nat(6), documentsOf, (alerts, more, at, documents) => {
      const before = verdict(alerts, documents);
      const after = verdict([...alerts.slice(0, at), more, ...alerts.slice(at)], documents);
      expect(verdictRank(after.kind)).toBeGreaterThanOrEqual(verdictRank(before.kind));
      expect(riskRank(after.risk)).toBeGreaterThanOrEqual(riskRank(before.risk));
      for (const reason of before.reasons) expect(after.reasons).toContainEqual(reason);
    }));
  });

  test('order and repeats do not change the verdict', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 6 }), documentsOf, (alerts, documents) => {
      const one = verdict(alerts, documents);
      const other = verdict([...alerts, ...alerts].reverse(), documents);
      expect([other.kind, other.risk, other.techniques]).toEqual([one.kind, one.risk, one.techniques]);
      expect(other.reasons).toHaveLength(one.reasons.length);
    }));
  });

  test('a register that cannot be read closes nothing that was open', () => {
    fc.assert(fc.property(fc.constantFrom(...pool), documentsOf, (alert, documents) => {
      const readable = verdict(alert, { ...documents, unreadable: [] });
      const not = verdict(alert, { ...documents, unreadable });
      if (readable.kind !== 'false-positive') expect(not.kind).not.toBe('false-positive');
      if (readable.kind === 'critical' && readable.risk === 'critical') expect(not.kind).toBe('critical');
    }));
  });

  test('root closes only by a known use; a finding too', () => {
    fc.assert(fc.property(fc.constantFrom(rootLogin, finding(8), finding(5)), documentsOf, (alert, documents) => {
      expect(verdict(alert, { ...documents, knownUses: [] }).kind).not.toBe('false-positive');
    }));
  });

  test('the decision does not write into what it was given', () => {
    const documents = noDocuments({ changes: [change()], unreadable });
    const before = JSON.stringify([pool, documents]);
    decide({ alerts: pool, documents, lookedUp: looked({}), now: NOW });
    expect(JSON.stringify([pool, documents])).toBe(before);
  });
});
