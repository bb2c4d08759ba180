import type { ClosedCase } from '../../activities/contract';
import type { JsonObject } from '../../playbook/json';
import type { Alert } from '../../playbook/model/alert';
import type { RecordEntry } from '../../playbook/model/evidence';
import type { Artifact, Finding } from '../../playbook/model/finding';
import type { Person } from '../../playbook/model/people';
import type { Principal } from '../../playbook/model/principal';

/** What an attacker would write where a name goes. */
export const HOSTILE = '<script>alert(1)</script>"\'><img src=x onerror=alert(2)> [x](javascript:alert(3)) `|` \u202eevil https://evil.example @here';
export const CASE = 'inc-0123456789abcdef0123.1';
export const INCIDENT = 'inc-0123456789abcdef0123';

export const people: Person[] = [
  { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.com', slack: null, identities: ['arn:aws:iam::111111111111:user/ada'], roles: ['security'], active: true },
  { id: 'grace', name: 'Grace Hopper', email: 'grace@example.com', slack: null, identities: [], roles: ['manager'], active: true },
];

export const principalNamed = (name: string): Principal => ({ provider: 'aws', account: '111111111111', kind: 'user', id: `arn:aws:iam::111111111111:user/${name}`, name });

export function alertOf(n: number, more: Partial<Alert> = {}): Alert {
  return {
    id: `alr-${String(n).padStart(24, '0')}`, source: 'cloudtrail', provider: 'aws', account: '111111111111', region: 'us-east-1', time: `2026-03-01T10:00:0${n % 10}.000Z`, receivedAt: '2026-03-01T10:00:20.000Z',
    event: 'CreateUser', service: 'iam.amazonaws.com', outcome: 'success', errorCode: null, dryRun: false, principal: principalNamed('ci-deploy'),
    session: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', name: null, issuedAt: null, mfa: 'no', roleArn: null }, sourceIp: '203.0.113.7', userAgent: 'aws-cli/2.15', channel: 'api',
    target: { kind: 'user', id: 'backup-admin', account: '111111111111' }, addresses: [], facts: {}, raw: null, ...more,
  };
}

const artifact = (more: Partial<Artifact>): Artifact => ({
  provider: 'aws', account: '111111111111', region: null, kind: 'user', id: 'arn:aws:iam::111111111111:user/backup-admin', name: 'backup-admin', attribution: 'attacker', how: 'created', events: ['e-1'], details: {}, ...more,
});
const finding = (check: Finding['check'], state: Finding['state'], summary: string, more: Partial<Finding> = {}): Finding => ({ check, state, summary, error: null, artifacts: [], facts: {}, evidence: [], ...more });

export function closedCase(name = 'ci-deploy', hostile = ''): ClosedCase {
  const who = principalNamed(name);
  return {
    caseKey: CASE, incident: INCIDENT, principal: who,
    verdict: {
      kind: 'critical', event: 'create-user', risk: 'high', type: 'new-identity', techniques: ['T1136.003', 'T1098.001'],
      reasons: [
        { code: 'no-change-request', text: `No change request covers CreateUser ${hostile}`, source: 'tickets:servicenow' },
        { code: 'principal-not-admin', text: 'ci-deploy is not an authorised admin', source: 'register:authorized-admins' },
      ],
    },
    alerts: [alertOf(1, { principal: who, event: hostile || 'CreateUser' }), alertOf(2, { principal: who, event: 'AttachUserPolicy', userAgent: hostile || 'aws-cli' }), alertOf(3, { principal: who, event: 'StopLogging', outcome: 'failure', errorCode: 'AccessDenied' })],
    findings: [
      finding('1.2.1-who', 'found', 'IAM user ci-deploy, key AKIAIOSFODNN7EXAMPLE, 412 days old'),
      finding('1.2.2-source-ip', 'found', `203.0.113.7 (NL), not seen for this user before ${hostile}`, { facts: { addresses: [{ ip: '203.0.113.7', country: 'NL', hostile: true }] } }),
      finding('1.2.3-console-or-api', 'found', 'API only, aws-cli'), finding('1.2.4-mfa', 'found', 'No MFA in any call'), finding('1.2.5-change-request', 'nothing', 'no change request for any of 3 alerts'),
      finding('1.2.6-permissions-granted', 'found', 'AdministratorAccess attached to backup-admin', { artifacts: [artifact({ kind: 'policy-attachment', id: 'arn:aws:iam::aws:policy/AdministratorAccess', name: 'AdministratorAccess', how: 'changed' })] }),
      finding('1.2.8-billing', 'could-not-look', 'Cost Explorer refused the responder’s role', { error: 'ACCESS_DENIED' }),
      finding('1.3.1-compute', 'found', '2 instances started', { artifacts: [artifact({ kind: 'instance', id: 'i-0abc1234def567890', name: hostile || 'i-0abc1234def567890', region: 'eu-west-1' }), artifact({ kind: 'instance', id: 'i-0fff', name: 'batch', region: 'us-east-1', attribution: 'unattributed' })] }),
      finding('1.3.2-storage', 'nothing', 'no bucket opened'), finding('1.3.5-logging', 'found', 'trail org-trail was stopped'),
      finding('1.3.6-identities', 'found', 'user backup-admin and a key were made', { artifacts: [artifact({}), artifact({ kind: 'access-key', id: 'AKIAI44QH8DHBEXAMPLE', name: 'AKIAI44QH8DHBEXAMPLE', details: { user: 'backup-admin' } })] }),
    ],
    outcome: 'contained-and-recovered',
    times: { firstEvent: '2026-03-01T10:00:01.000Z', alerted: '2026-03-01T10:00:20.000Z', acknowledged: '2026-03-01T10:04:05.000Z', contained: '2026-03-01T10:00:24.300Z', closed: '2026-03-04T11:00:00.000Z' },
  };
}

/** A record as the workflows and activities write it. */
export function recordOf(hostile = ''): RecordEntry[] {
  const entry = (at: string, kind: RecordEntry['kind'], key: string, text: string, data: JsonObject = {}): RecordEntry => ({ at: `2026-03-0${at}.000Z`, kind, key, text, data });
  const target = (name: string): JsonObject => ({ provider: 'aws', account: '111111111111', region: null, kind: 'user', id: `arn:aws:iam::111111111111:user/${name}`, name });
  return [
    entry('1T10:00:20', 'alert', 'opened', '3 alerts: CreateUser by ci-deploy', { principal: { ...principalNamed('ci-deploy') }, alerts: [alertOf(1) as unknown as JsonObject] }),
    entry('1T10:00:21', 'triage', 'triage/critical/3', 'Verdict: critical (high): no change request', { verdict: closedCase().verdict as unknown as JsonObject }),
    entry('1T10:00:22', 'plan', 'plan/containment/aa', 'Planned containment: 3 to do, 0 already so, 1 refused', {
      refused: [{ action: 'aws.block-ip-security-group', target: target('sg-1'), code: 'ACCESS_DENIED', message: 'ec2:RevokeSecurityGroupIngress' }], left: [],
    }),
    entry('1T10:00:23', 'action', 'action/aws.deny-user#111111111111//x', '2.1.1 Deny everything to the user: ci-deploy', {
      step: 'aws.deny-user#111111111111', target: target(hostile || 'ci-deploy'), before: { inlinePolicies: ['deploy'], denied: false }, change: [`put inline policy TourniquetDenyAll on ci-deploy ${hostile}`],
      seen: { policy: 'TourniquetDenyAll', simulated: 'explicitDeny' }, approval: null, digest: 'aa',
    }),
    entry('1T10:00:24', 'action', 'action/aws.disable-access-keys#222222222222//x', '2.1.1 Disable access keys: ci-deploy — not in effect yet', {
      step: 'aws.disable-access-keys#222222222222', target: target('ci-deploy'), before: { keys: [{ id: 'AKIAIOSFODNN7EXAMPLE', status: 'Active' }] }, change: ['set AKIAIOSFODNN7EXAMPLE inactive'], seen: {}, approval: null, digest: 'aa',
    }),
    entry('1T10:00:24', 'note', 'contained', 'Contained: every automatic step of 2.1 was carried out', { at: '2026-03-01T10:00:24.300Z' }),
    entry('1T10:00:40', 'finding', 'finding/1.2.1-who/found/x', '1.2.1-who: found: IAM user ci-deploy', { check: '1.2.1-who', state: 'found', error: null, facts: {}, artifacts: [], evidence: [] }),
    entry('1T10:00:41', 'escalation', 'escalation/6.2', 'Escalated 6.2: Audit logging was disabled → ciso, soc-lead', { to: ['ciso', 'soc-lead'], deadline: '2026-03-04T10:00:00.000Z' }),
    entry('1T10:00:50', 'approval', 'apr-00000000000000000001/asked', 'Asked: Eradicate what the attacker planted', { approval: 'apr-00000000000000000001', digest: 'bb', tier: 'dual', quorum: 2 }),
    entry('1T10:09:10', 'approval', 'apr-00000000000000000001/approved', 'Eradicate what the attacker planted: approved (ada approve, grace approve)', {
      approval: 'apr-00000000000000000001', outcome: 'approved', digest: 'bb', votes: [
        { person: 'ada', decision: 'approve', at: '2026-03-01T10:04:05.000Z', via: 'slack', reason: hostile || 'Looks right' }, { person: 'grace', decision: 'approve', at: '2026-03-01T10:09:10.000Z', via: 'cli', reason: '' },
      ],
    }),
    entry('1T10:10:00', 'lease', 'lease/l-1/checkout', 'Checked out aws-111111111111-root until 10:40 UTC', { leaseId: 'l-1' }),
    entry('1T10:12:00', 'lease', 'break-glass/used', 'Break-glass ended: used', {
      outcome: 'used', approval: 'apr-00000000000000000002', steps: [], error: null,
      proof: { credential: 'aws-111111111111-root', oldFingerprint: 'a1b2c3d4e5f6', newFingerprint: '0f1e2d3c4b5a', newVersion: 4, provenLoginAt: '2026-03-01T10:11:30.000Z', oldRefused: true },
    }),
    entry('1T10:15:00', 'action', 'task/aws.require-root-mfa#333333333333', '2.2.1 Task for a person: Enable hardware MFA on root (servicenow:INC0010001)', { reference: 'servicenow:INC0010001' }),
    entry('1T10:16:00', 'action', 'task/aws.contact-support#444444444444', '2.2.6 Task for a person: Contact provider support (servicenow:INC0010002)', { reference: 'servicenow:INC0010002' }),
    entry('1T12:16:00', 'action', 'task/aws.require-root-mfa#333333333333/done', '2.2.1 Proven by the cloud’s own record: Enable hardware MFA on root', {}),
    entry('1T12:17:00', 'note', 'left/eradication/i-0fff', 'For a person to judge: instance i-0fff is not attributable', {}),
    entry('1T12:18:00', 'error', 'action/aws.delete-user#555555555555/failed', `3.1 Delete the user: backup-admin — failed: CONFLICT ${hostile}`, {}),
    entry('1T12:18:30', 'error', 'problem/1', `something was not as it should be ${hostile}`, {}),
    entry('4T11:00:00', 'closed', 'closed', 'Closed: contained-and-recovered', {}),
  ];
}
