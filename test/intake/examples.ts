import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ParseOptions } from '../../intake/source';
import type { Principal } from '../../playbook/model/principal';

export const TENANT = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
export const OBJECT = '8b1a9953-c461-4f1b-8d5e-2b6d3a9e7c10';
export const MALLORY: Principal = { provider: 'azure', account: TENANT, kind: 'user', id: OBJECT, name: 'mallory@contoso.example' };
export const OPTIONS: ParseOptions = { tenant: TENANT, personOf: (name) => (['corp\\mallory', 's-1-5-21-3623811015-3361044348-30300820-1105'].includes(name.toLowerCase()) ? MALLORY : null) };

export const example = (name: string): unknown => JSON.parse(readFileSync(join(__dirname, '../fixtures/events', `${name}.json`), 'utf8'));
const user = { kind: 'user', id: 'arn:aws:iam::210987654321:user/mallory' };

/** One real-shaped example a source and shape: the file in test/fixtures/events, the source, what is understood, and what it is. */
export const EXAMPLES: readonly [file: string, source: string, alert: object, classification: object][] = [
  ['cloudtrail-eventbridge', 'cloudtrail', { event: 'CreateAccessKey', principal: user }, { status: 'alert', event: 'create-access-key' }],
  ['guardduty-eventbridge', 'guardduty', { principal: user }, { status: 'alert', event: 'threat-finding', risk: 'high' }],
  ['securityhub-asff-eventbridge', 'securityhub', { principal: user, sourceIp: '203.0.113.77' }, { status: 'alert', event: 'threat-finding', risk: 'high' }],
  ['securityhub-ocsf-eventbridge', 'securityhub', { principal: { kind: 'role', id: 'arn:aws:iam::210987654321:role/app' }, session: { accessKeyId: 'ASIAQ3EGRYKZ7EXAMPLE', name: 'i-0abc' }, event: 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS' }, { status: 'alert', risk: 'high', techniques: ['T1552.005'] }],
  ['ocsf-detection-finding', 'ocsf', { provider: 'azure', principal: MALLORY, sourceIp: '203.0.113.77' }, { status: 'alert', event: 'threat-finding', techniques: ['T1528'] }],
  ['access-analyzer-eventbridge', 'access-analyzer', { principal: null, target: { kind: 'bucket', id: 'payroll-exports' } }, { status: 'alert', event: 'storage-exposure', risk: 'critical' }],
  ['access-analyzer-unused-access-key', 'access-analyzer', { facts: { unused: { kind: 'access-key', id: user.id, key: 'AKIAQ3EGRYKZ7EXAMPLE' } } }, { status: 'ignored' }],
  ['securityhub-unused-credentials', 'securityhub', { facts: { unused: { kind: 'user', id: user.id } } }, { status: 'ignored' }],
  ['securityhub-unused-access-key', 'securityhub', { facts: { unused: { kind: 'access-key', id: user.id, key: 'AKIAQ3EGRYKZ7EXAMPLE' } } }, { status: 'ignored' }],
  ['securityhub-ocsf-unused-credentials', 'securityhub', { facts: { unused: { kind: 'user', id: user.id } } }, { status: 'ignored' }],
  ['defender-cloud-inactive-identity', 'defender', { account: TENANT, facts: { unused: { kind: 'user', id: OBJECT } } }, { status: 'ignored' }],
  ['aws-health-abuse-eventbridge', 'aws-health', { principal: user, session: { accessKeyId: 'AKIAQ3EGRYKZ7EXAMPLE' }, time: '2026-03-02T09:12:30.000Z' }, { status: 'alert', risk: 'critical' }],
  ['cost-anomaly-sns', 'cost-anomaly', { account: '210987654321', principal: null }, { status: 'alert', event: 'other-high-risk', risk: 'high', techniques: ['T1496'] }],
  ['budget-sns', 'budget', { account: '210987654321', principal: null, facts: { title: 'workloads-monthly', amount: '$5,340.25', forecast: false } }, { status: 'alert', risk: 'medium' }],
  ['billing-alarm-sns', 'billing-alarm', { account: '210987654321', region: 'us-east-1' }, { status: 'alert', risk: 'medium' }],
  ['billing-alarm-eventbridge', 'billing-alarm', { account: '998877665544' }, { status: 'alert' }],
  ['azure-activity-record', 'azure-activity', { principal: { id: OBJECT } }, { status: 'alert', event: 'attach-policy' }],
  ['azure-activity-rest', 'azure-activity', { principal: MALLORY, sourceIp: '203.0.113.77', session: { mfa: 'yes' } }, { status: 'alert', event: 'attach-policy', risk: 'critical' }],
  ['entra-audit-directory', 'entra-audit', { principal: { id: OBJECT } }, { status: 'alert', event: 'attach-policy' }],
  ['entra-signin-risky', 'entra-signin', { principal: { id: OBJECT } }, { status: 'alert', event: 'suspicious-signin' }],
  ['entra-signin-event-hub', 'entra-signin', { principal: MALLORY, sourceIp: '203.0.113.77' }, { status: 'alert', event: 'suspicious-signin', risk: 'high' }],
  ['defender-alert', 'defender', { principal: { id: OBJECT } }, { status: 'alert', event: 'threat-finding' }],
  ['defender-cloud-export', 'defender', { principal: MALLORY, sourceIp: '203.0.113.77', target: { id: '/subscriptions/11111111-1111-1111-1111-111111111111' }, account: TENANT }, { status: 'alert', event: 'threat-finding', risk: 'high' }],
  ['sentinel-incident', 'sentinel', { principal: MALLORY, sourceIp: '203.0.113.77', time: '2026-03-02T09:10:42.123Z', facts: { number: 4711 } }, { status: 'alert', event: 'threat-finding', risk: 'high', techniques: ['T1098'] }],
  ['identity-protection-risk-detection', 'identity-protection', { principal: MALLORY, userAgent: 'python-requests/2.31', sourceIp: '203.0.113.77' }, { status: 'alert', risk: 'high', techniques: ['T1528'] }],
  ['identity-protection-risky-user', 'identity-protection', { principal: MALLORY }, { status: 'alert', risk: 'critical' }],
  ['azure-cost-common-schema', 'azure-cost', { account: TENANT, principal: null }, { status: 'alert', risk: 'medium', techniques: ['T1496'] }],
  ['azure-cost-budget', 'azure-cost', { account: TENANT, time: '2026-03-01T00:00:00.000Z' }, { status: 'alert' }],
  ['splunk-webhook', 'splunk', { principal: user, event: 'Access key made for somebody else', facts: { severity: 8 } }, { status: 'alert', risk: 'high', techniques: ['T1098.001'] }],
  ['elastic-webhook', 'elastic', { principal: user, session: { accessKeyId: 'AKIAQ3EGRYKZ7EXAMPLE' }, region: 'us-east-1' }, { status: 'alert', risk: 'high', techniques: ['T1098'] }],
  ['google-secops-detection', 'google-secops', { principal: user, addresses: ['203.0.113.77'] }, { status: 'alert', risk: 'high', techniques: ['T1098.001'] }],
  ['generic', 'generic', { principal: user }, { status: 'alert', risk: 'high', techniques: ['T1552.001'] }],
  ['windows-group-winlogbeat', 'windows-group', { principal: MALLORY, target: { kind: 'group' } }, { status: 'alert', event: 'attach-policy', risk: 'high' }],
  ['windows-group-splunk', 'windows-group', { principal: MALLORY, time: '2026-03-02T09:19:40.000Z' }, { status: 'alert', event: 'attach-policy' }],
  ['windows-group-xml', 'windows-group', { principal: MALLORY, facts: { group: 'Builtin\\Administrateurs' } }, { status: 'alert', event: 'attach-policy' }],
  ['windows-group-sentinel', 'windows-group', { principal: MALLORY }, { status: 'alert', event: 'attach-policy' }],
];
