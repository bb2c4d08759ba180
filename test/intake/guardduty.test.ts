import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guardduty } from '../../intake/guardduty';
import type { Alert } from '../../playbook/model/alert';
import { findingTypeOf } from '../../playbook/risk/guardduty';
import { classify } from '../../playbook/triage/classify';
import { ACCOUNT } from '../triage/events';

const envelope = JSON.parse(readFileSync(join(__dirname, '../fixtures/events/guardduty-eventbridge.json'), 'utf8')) as { detail: Record<string, unknown> };
const { detail } = envelope;
const service = detail['service'] as Record<string, unknown>;
const finding = (more: Record<string, unknown>, serviceMore: Record<string, unknown> = {}): Record<string, unknown> => ({ ...detail, ...more, service: { ...service, ...serviceMore } });
const parse = (payload: unknown): Alert => {
  const [first] = guardduty.parse(payload);
  if (!first || !('alert' in first)) throw new Error(JSON.stringify(first));
  return first.alert;
};
const pascal = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(pascal) : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key[0]!.toUpperCase() + key.slice(1), pascal(member)])) : value;

test('a finding in its envelope, bare, and as the API lists it', () => {
  const alert = parse(envelope);
  expect(alert).toMatchObject({
    source: 'guardduty', account: ACCOUNT, region: 'eu-central-1', event: 'UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom', time: '2026-03-02T09:15:30.000Z', sourceIp: '203.0.113.77', addresses: ['203.0.113.77'],
    principal: { kind: 'user', id: `arn:aws:iam::${ACCOUNT}:user/mallory`, name: 'mallory' }, session: { accessKeyId: 'AKIAQ3EGRYKZ7EXAMPLE' }, target: { kind: 'access-key' }, facts: { severity: 8, count: 3, archived: false, sample: false },
  });
  expect(parse(detail)).toEqual(alert);
  const listed = parse({ Findings: [pascal(detail)] });
  expect({ ...listed, facts: null }).toEqual({ ...alert, facts: null });
  expect(guardduty.recognises(pascal(detail))).toBe(true);
});

test('an update is a new alert, the same update is not', () => {
  const id = parse(detail).id;
  expect(parse(structuredClone(detail)).id).toBe(id);
  expect(parse(finding({ updatedAt: '2026-03-02T10:00:00.000Z' })).id).not.toBe(id);
  expect(parse(finding({}, { count: 4 })).id).not.toBe(id);
});

const key = (accessKeyDetails: object) => ({ resource: { resourceType: 'AccessKey', accessKeyDetails } });
test.each<[string, Record<string, unknown>, object | null]>([
  ['root', key({ userType: 'Root', userName: 'Root', principalId: ACCOUNT }), { kind: 'root', id: `arn:aws:iam::${ACCOUNT}:root` }],
  ['a role', key({ userType: 'AssumedRole', userName: 'app', principalId: 'AROAX:i-0abc' }), { kind: 'role', id: `arn:aws:iam::${ACCOUNT}:role/app` }],
  ['Identity Center', key({ userType: 'AssumedRole', userName: 'AWSReservedSSO_Ops_0123', principalId: 'AROAX:ada' }), { kind: 'identity-center-user', id: `${ACCOUNT}:sso:ada` }],
  ['another account', key({ userType: 'AWSAccount', principalId: 'AIDAX' }), { kind: 'unknown', id: `${ACCOUNT}:AIDAX` }],
  ['a bucket names its caller', { resource: { resourceType: 'S3Bucket', accessKeyDetails: { userType: 'IAMUser', userName: 'mallory' }, s3BucketDetails: [{ name: 'payroll' }] } }, { kind: 'user' }],
  ['an instance names nobody', { resource: { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0abc', iamInstanceProfile: { arn: `arn:aws:iam::${ACCOUNT}:instance-profile/app` } } } }, null],
])('who acted: %s', (_name, more, principal) => {
  const alert = parse(finding(more));
  if (principal === null) expect(alert.principal).toBeNull();
  else expect(alert.principal).toMatchObject(principal);
});

test('what it acted on', () => {
  expect(parse(finding({ resource: { instanceDetails: { instanceId: 'i-0abc' } } })).target).toEqual({ kind: 'instance', id: 'i-0abc', account: ACCOUNT });
  expect(parse(finding({ resource: { s3BucketDetails: [{ name: 'payroll' }] } })).target).toMatchObject({ kind: 'bucket', id: 'payroll' });
});

test('an attack sequence names its actor, its addresses and its techniques', () => {
  const sequence = {
    uid: 's', actors: [{ id: 'a', user: { name: 'mallory', uid: 'AIDAQ3EGRYKZ7EXAMPLE1', type: 'IAMUser', account: { uid: ACCOUNT } } }], endpoints: [{ id: 'e', ip: '198.51.100.9' }],
    sequenceIndicators: [{ key: 'ATTACK_TECHNIQUE', values: ['T1562.008 - Impair Defenses', 'T1098.003', 'nonsense'] }],
  };
  const alert = parse(finding({ type: 'AttackSequence:IAM/CompromisedCredentials', severity: 9, resource: { resourceType: 'AttackSequence' } }, { action: undefined, detection: { sequence } }));
  expect(alert).toMatchObject({ principal: { id: `arn:aws:iam::${ACCOUNT}:user/mallory` }, addresses: ['198.51.100.9'] });
  expect(classify(alert)).toMatchObject({ status: 'alert', risk: 'critical', techniques: ['T1562.008', 'T1098.003'] });
});

test.each<[string, unknown, string, string]>([
  ['no type', finding({ type: undefined }), 'type', 'is missing'],
  ['type is a list', { ...envelope, detail: finding({ type: [] }) }, 'detail.type', 'must be text of at most 2048 characters'],
  ['no account', { ...envelope, detail: finding({ accountId: undefined }) }, 'detail.accountId', 'is missing'],
  ['account is not one', finding({ accountId: 'x' }), 'accountId', 'must be 12 digits'],
  ['no severity', { ...envelope, detail: finding({ severity: undefined }) }, 'detail.severity', 'is missing'],
  ['severity is text', finding({ severity: 'high' }), 'severity', 'must be a number from 0 to 10'],
  ['severity is beyond', finding({ severity: 11 }), 'severity', 'must be a number from 0 to 10'],
  ['no id', finding({ id: '' }), 'id', 'is missing'],
  ['no ARN', finding({ arn: null }), 'arn', 'is missing'],
  ['no time', finding({ updatedAt: undefined, createdAt: undefined }, { eventLastSeen: undefined }), 'updatedAt', 'is missing'],
  ['time is not one', { ...envelope, detail: finding({}, { eventLastSeen: 'now' }) }, 'detail.service.eventLastSeen', 'is not a time'],
  ['no detail', { 'detail-type': 'GuardDuty Finding' }, 'detail', 'is missing'],
  ['text', 'x', '(finding)', 'must be an object'],
])('refused: %s', (_name, payload, path, problem) => expect(guardduty.parse(payload)).toEqual([{ rejected: { path, problem } }]));

test.each<[string, Record<string, unknown>, Record<string, unknown>, string, string | null, string]>([
  ['high', { severity: 8 }, {}, 'alert', 'threat-finding', 'high'],
  ['medium', { severity: 5 }, {}, 'alert', 'threat-finding', 'medium'],
  ['low', { severity: 2 }, {}, 'ignored', 'threat-finding', 'low'],
  ['critical', { severity: 9.5 }, {}, 'alert', 'threat-finding', 'critical'],
  ['root credentials, though low', { severity: 2, type: 'Policy:IAMUser/RootCredentialUsage' }, {}, 'alert', 'root-login', 'critical'],
  ['logging off, though low', { severity: 2, type: 'Stealth:IAMUser/CloudTrailLoggingDisabled' }, {}, 'alert', 'logging-disabled', 'critical'],
  ['anonymous bucket', { severity: 8, type: 'Policy:S3/BucketAnonymousAccessGranted' }, {}, 'alert', 'storage-exposure', 'critical'],
  ['a type of tomorrow', { severity: 7, type: 'Novelty:Thing/Unheard.Of!New' }, {}, 'alert', 'threat-finding', 'high'],
  ['a sample', { severity: 8 }, { additionalInfo: { sample: true } }, 'ignored', 'threat-finding', 'info'],
  ['archived', { severity: 8 }, { archived: true }, 'ignored', 'threat-finding', 'info'],
])('classified: %s', (_name, more, serviceMore, status, event, risk) => expect(classify(parse(finding(more, serviceMore)))).toMatchObject({ status, event, risk }));

test.each([
  ['CryptoCurrency:EC2/BitcoinTool.B!DNS', 'T1496.001'], ['Exfiltration:S3/AnomalousBehavior', 'T1530,T1537'], ['Persistence:IAMUser/AnomalousBehavior', 'T1098.001,T1136.003'], ['Exfiltration:Novelty/X', 'T1537'], ['Novelty:Thing/X', 'T1078.004'], ['no form at all', 'T1078.004'],
])('%s is %s', (type, techniques) => expect(classify(parse(finding({ type, severity: 8 }))).techniques).toEqual(techniques.split(',')));

/** GuardDuty user guide, active finding types: purpose, resource, families (with a variant where only that exists). */
const ACTIVE: Record<string, string> = {
  'CredentialAccess:IAMUser': 'AnomalousBehavior', 'DefenseEvasion:IAMUser': 'AnomalousBehavior BedrockLoggingDisabled', 'Discovery:IAMUser': 'AnomalousBehavior', 'Exfiltration:IAMUser': 'AnomalousBehavior', 'Impact:IAMUser': 'AnomalousBehavior', 'InitialAccess:IAMUser': 'AnomalousBehavior',
  'PenTest:IAMUser': 'KaliLinux ParrotLinux PentooLinux', 'Persistence:IAMUser': 'AnomalousBehavior', 'Policy:IAMUser': 'RootCredentialUsage ShortTermRootCredentialUsage', 'PrivilegeEscalation:IAMUser': 'AnomalousBehavior', 'Recon:IAMUser': 'MaliciousIPCaller MaliciousIPCaller.Custom TorIPCaller',
  'Stealth:IAMUser': 'CloudTrailLoggingDisabled PasswordPolicyChange', 'UnauthorizedAccess:IAMUser': 'ConsoleLoginSuccess.B InstanceCredentialExfiltration.InsideAWS InstanceCredentialExfiltration.OutsideAWS MaliciousIPCaller MaliciousIPCaller.Custom TorIPCaller ResourceCredentialExfiltration.OutsideAWS',
  'Discovery:S3': 'AnomalousBehavior MaliciousIPCaller MaliciousIPCaller.Custom TorIPCaller', 'Exfiltration:S3': 'AnomalousBehavior MaliciousIPCaller', 'Impact:S3': 'AnomalousBehavior.Delete AnomalousBehavior.Permission AnomalousBehavior.Write MaliciousIPCaller', 'PenTest:S3': 'KaliLinux ParrotLinux PentooLinux',
  'Policy:S3': 'AccountBlockPublicAccessDisabled BucketAnonymousAccessGranted BucketBlockPublicAccessDisabled BucketPublicAccessGranted', 'Stealth:S3': 'ServerAccessLoggingDisabled', 'UnauthorizedAccess:S3': 'MaliciousIPCaller.Custom TorIPCaller', 'Object:S3': 'MaliciousFile',
  'Backdoor:EC2': 'C&CActivity.B C&CActivity.B!DNS DenialOfService.Dns DenialOfService.Tcp DenialOfService.Udp DenialOfService.UdpOnTcpPorts DenialOfService.UnusualProtocol Spambot', 'Behavior:EC2': 'NetworkPortUnusual TrafficVolumeUnusual', 'CryptoCurrency:EC2': 'BitcoinTool.B BitcoinTool.B!DNS',
  'DefenseEvasion:EC2': 'UnusualDNSResolver UnusualDoHActivity UnusualDoTActivity', 'Impact:EC2': 'AbusedDomainRequest.Reputation BitcoinDomainRequest.Reputation MaliciousDomainRequest.Reputation PortSweep SuspiciousDomainRequest.Reputation WinRMBruteForce',
  'Recon:EC2': 'PortProbeEMRUnprotectedPort PortProbeUnprotectedPort Portscan', 'Trojan:EC2': 'BlackholeTraffic BlackholeTraffic!DNS DGADomainRequest.B DGADomainRequest.C!DNS DNSDataExfiltration DriveBySourceTraffic!DNS DropPoint DropPoint!DNS PhishingDomainRequest!DNS',
  'UnauthorizedAccess:EC2': 'MaliciousIPCaller.Custom MetadataDNSRebind RDPBruteForce SSHBruteForce TorClient TorRelay', 'Execution:EC2': 'MaliciousFile', 'Backdoor:Lambda': 'C&CActivity.B', 'CryptoCurrency:Lambda': 'BitcoinTool.B', 'Trojan:Lambda': 'BlackholeTraffic DropPoint', 'UnauthorizedAccess:Lambda': 'MaliciousIPCaller.Custom TorClient TorRelay',
  'CryptoCurrency:Runtime': 'BitcoinTool.B BitcoinTool.B!DNS', 'Backdoor:Runtime': 'C&CActivity.B C&CActivity.B!DNS', 'UnauthorizedAccess:Runtime': 'TorRelay TorClient MetadataDNSRebind', 'Trojan:Runtime': 'BlackholeTraffic BlackholeTraffic!DNS DropPoint DropPoint!DNS DGADomainRequest.C!DNS DriveBySourceTraffic!DNS PhishingDomainRequest!DNS',
  'Impact:Runtime': 'AbusedDomainRequest.Reputation BitcoinDomainRequest.Reputation MaliciousDomainRequest.Reputation SuspiciousDomainRequest.Reputation CryptoMinerExecuted', 'Execution:Runtime': 'NewBinaryExecuted NewLibraryLoaded ReverseShell SuspiciousTool SuspiciousCommand SuspiciousShellCreated MaliciousFileExecuted',
  'PrivilegeEscalation:Runtime': 'DockerSocketAccessed RuncContainerEscape CGroupsReleaseAgentModified ContainerMountsHostDirectory UserfaultfdUsage ElevationToRoot SuspiciousCommand', 'DefenseEvasion:Runtime': 'FilelessExecution ProcessInjection.Proc ProcessInjection.Ptrace ProcessInjection.VirtualMemoryWrite PtraceAntiDebugging SuspiciousCommand KernelModuleLoaded',
  'Discovery:Runtime': 'SuspiciousCommand', 'Persistence:Runtime': 'SuspiciousCommand', 'AttackSequence:IAM': 'CompromisedCredentials', 'AttackSequence:S3': 'CompromisedData', 'AttackSequence:EKS': 'CompromisedCluster', 'AttackSequence:ECS': 'CompromisedCluster', 'AttackSequence:EC2': 'CompromisedInstanceGroup',
};
const active = Object.entries(ACTIVE).flatMap(([head, families]) => families.split(' ').map((family) => `${head}/${family}`));

test(`each of ${active.length} types is known, and an alert at medium severity`, () => {
  for (const type of active) {
    expect({ type, known: findingTypeOf(type)?.known }).toEqual({ type, known: true });
    const is = classify(parse(finding({ type, severity: 5 })));
    expect({ type, status: is.status, techniques: is.techniques.length > 0 }).toEqual({ type, status: 'alert', techniques: true });
  }
});

test('a function acts as its role', () => {
  expect(parse(finding({ resource: { resourceType: 'Lambda', lambdaDetails: { functionName: 'resize', functionArn: `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:resize`, role: `arn:aws:iam::${ACCOUNT}:role/service-role/resize` } } }))).toMatchObject({ principal: { kind: 'role', id: `arn:aws:iam::${ACCOUNT}:role/resize` }, target: { kind: 'function' } });
});
