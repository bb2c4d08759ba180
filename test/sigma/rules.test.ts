import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadRules, sigmaHits } from '../../cli/sigma';
import { triageLine } from '../../cli/triage';
import { RISK_TABLE } from '../../playbook/risk-table';
import { ACCOUNT, OTHER, record, roleIdentity, rootIdentity } from '../triage/events';

const rules = loadRules();
const fixture = (name: string): unknown => JSON.parse(readFileSync(join('test/fixtures/events', name), 'utf8'));
const fired = (event: unknown): string[] => sigmaHits(rules, event).map(({ title }) => title);

const attach = (policy: string, more = {}) => record('iam', 'AttachUserPolicy', { userName: 'x', policyArn: `arn:aws:iam::aws:policy/${policy}` }, more);
const written = (...statements: unknown[]) => record('iam', 'PutUserPolicy', { userName: 'x', policyName: 'p', policyDocument: JSON.stringify({ Statement: statements }) });
const bucket = (principal: unknown, effect = 'Allow') => record('s3', 'PutBucketPolicy', { bucketName: 'b', bucketPolicy: { Statement: [{ Effect: effect, Principal: principal, Action: 's3:GetObject', Resource: '*' }] } });
const ingress = (cidrIp: string) => record('ec2', 'AuthorizeSecurityGroupIngress', { groupId: 'sg-1', ipPermissions: { items: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, ipRanges: { items: [{ cidrIp: '10.0.0.0/8' }, { cidrIp }] } }] } });
const trust = (principal: string) => record('iam', 'CreateRole', { roleName: 'r', assumeRolePolicyDocument: JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: principal === '*' ? '*' : { AWS: principal }, Action: 'sts:AssumeRole' }] }) });
const activity = (operationName: string, resultType = 'Success', body: unknown = null) => ({ operationName, resultType, properties: body === null ? {} : { requestbody: JSON.stringify(body) } });
const audit = (activityDisplayName: string, result = 'success') => ({ activityDisplayName, result });
const login = (identity: unknown) => record('signin', 'ConsoleLogin', null, { userIdentity: identity, responseElements: { ConsoleLogin: 'Success' } });
const refused = { errorCode: 'AccessDenied' };

test.each<[rule: string, row: string, fires: unknown[], quiet: unknown[]]>([
  ['AWS Root Account Login', '1.1.1', [login(rootIdentity()), { 'detail-type': 'AWS Console Sign In via CloudTrail', detail: login(rootIdentity()) }, [login(rootIdentity())]], [login(roleIdentity()), record('iam', 'ListUsers', null, { userIdentity: rootIdentity() })]],
  ['AWS IAM User Created', '1.1.2', [record('iam', 'CreateUser', { userName: 'x' })], [record('iam', 'CreateUser', { userName: 'x' }, refused), record('iam', 'CreateUser', {}, { userIdentity: roleIdentity('r', 's', { invokedBy: 'cloudformation.amazonaws.com' }) }), record('transfer', 'CreateUser')]],
  ['AWS IAM Administrator Rights Given', '1.1.3', [attach('AdministratorAccess'), attach('IAMFullAccess'), written({ Effect: 'Allow', Action: '*', Resource: '*' }), written({ Effect: 'Allow', Action: ['iam:*'], Resource: '*' })], [attach('ReadOnlyAccess'), attach('AdministratorAccess', refused), written({ Effect: 'Deny', Action: '*', Resource: '*' }), written({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' })]],
  ['AWS Access Key Created For Another User', '1.1.4', [record('iam', 'CreateAccessKey', { userName: 'bob' }), record('iam', 'CreateAccessKey', null, { userIdentity: rootIdentity() })], [record('iam', 'CreateAccessKey', null), record('iam', 'CreateAccessKey', { userName: 'bob' }, refused)]],
  ['AWS S3 Bucket Exposed', '1.1.5', [bucket('*'), bucket({ AWS: '*' }), bucket({ AWS: [`arn:aws:iam::${ACCOUNT}:root`, '*'] }), record('s3', 'PutBucketAcl', { bucketName: 'b', 'x-amz-acl': ['public-read-write'] }), record('s3', 'DeleteBucketPublicAccessBlock', { bucketName: 'b' })], [bucket('*', 'Deny'), bucket({ AWS: `arn:aws:iam::${OTHER}:root` }), record('s3', 'PutBucketAcl', { bucketName: 'b', 'x-amz-acl': ['private'] }), { ...bucket('*'), ...refused }]],
  ['AWS Security Group Opened To The World', '1.1.6', [ingress('0.0.0.0/0'), record('ec2', 'AuthorizeSecurityGroupIngress', { ipPermissions: { items: [{ ipv6Ranges: { items: [{ cidrIpv6: '::/0' }] } }] } }), record('ec2', 'AuthorizeSecurityGroupIngress', { cidrIp: '0.0.0.0/0' })], [ingress('192.168.0.0/16'), { ...ingress('0.0.0.0/0'), errorCode: 'Client.DryRunOperation' }]],
  ['AWS Compute Of A Miner Started', '1.1.7', [record('ec2', 'RunInstances', { instanceType: 'p4d.24xlarge' }), record('ec2', 'RunInstances', { instanceType: 'c5.metal' }), record('ec2', 'RunInstances', { instanceType: 't3.micro' }, { errorCode: 'Client.VcpuLimitExceeded' })], [record('ec2', 'RunInstances', { instanceType: 't3.micro' }), record('ec2', 'RunInstances', { instanceType: 'p4d.24xlarge' }, refused)]],
  ['AWS IAM Role Trusts Everybody', '1.1.8', [trust('*'), record('iam', 'UpdateAssumeRolePolicy', { roleName: 'r', policyDocument: '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}' })], [trust(`arn:aws:iam::${ACCOUNT}:root`), { ...trust('*'), ...refused }]],
  ['AWS CloudTrail Stopped Or Deleted', '1.1.9', [record('cloudtrail', 'StopLogging', { name: 'main' }), record('cloudtrail', 'UpdateTrail', { isMultiRegionTrail: false }), record('guardduty', 'DeleteDetector', {})], [record('cloudtrail', 'StopLogging', {}, refused), record('cloudtrail', 'UpdateTrail', { isMultiRegionTrail: true }), record('cloudtrail', 'StartLogging')]],
  ['Entra Sign-in Of A Global Administrator', '1.1.1', [{ userPrincipalName: 'Global.Admin@example.com', status: { errorCode: 0 } }, { properties: { userPrincipalName: 'global.admin@example.com', status: { errorCode: 0 } } }], [{ userPrincipalName: 'ada@example.com', status: { errorCode: 0 } }, { userPrincipalName: 'global.admin@example.com', status: { errorCode: 50126 } }]],
  ['Entra User Added', '1.1.2', [audit('Add user'), { category: 'AuditLogs', properties: audit('Invite external user') }], [audit('Add user', 'failure'), audit('Update user')]],
  ['Entra Directory Role Given', '1.1.3', [audit('Add member to role'), audit('Add eligible member to role in PIM completed (permanent)')], [audit('Remove member from role'), audit('Add member to role', 'failure')]],
  ['Entra Credential Added To An Application', '1.1.4', [audit('Add service principal credentials'), audit('Update application – Certificates and secrets management ')], [audit('Update application'), audit('Add service principal credentials', 'failure')]],
  ['Azure Storage Opened To Everybody', '1.1.5', [activity('MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE', 'Success', { properties: { allowBlobPublicAccess: true } }), activity('Microsoft.Storage/storageAccounts/blobServices/containers/write', 'Accept', { properties: { publicAccess: 'Blob' } })], [activity('Microsoft.Storage/storageAccounts/write', 'Success', { properties: { allowBlobPublicAccess: false } }), activity('Microsoft.Storage/storageAccounts/write', 'Failure', { properties: { allowBlobPublicAccess: true } })]],
  ['Azure Network Security Group Rule Written', '1.1.6', [activity('Microsoft.Network/networkSecurityGroups/securityRules/write')], [activity('Microsoft.Network/networkSecurityGroups/securityRules/write', 'Failed'), activity('Microsoft.Network/networkSecurityGroups/read')]],
  ['Azure Virtual Machine With A Costly Size Created', '1.1.7', [activity('Microsoft.Compute/virtualMachines/write', 'Success', { properties: { hardwareProfile: { vmSize: 'Standard_NC96ads_A100_v4' } } })], [activity('Microsoft.Compute/virtualMachines/write', 'Success', { properties: { hardwareProfile: { vmSize: 'Standard_D4s_v5' } } })]],
  ['Azure Custom Role Or Delegation Written', '1.1.8', [activity('Microsoft.Authorization/roleDefinitions/write'), activity('Microsoft.Authorization/elevateAccess/action')], [activity('Microsoft.Authorization/roleDefinitions/delete'), activity('Microsoft.Authorization/roleDefinitions/write', 'Failure')]],
  ['Azure Diagnostic Settings Deleted', '1.1.9', [activity('Microsoft.Insights/diagnosticSettings/delete'), activity('Microsoft.KeyVault/vaults/providers/Microsoft.Insights/diagnosticSettings/delete')], [activity('Microsoft.Insights/diagnosticSettings/write'), activity('Microsoft.Insights/diagnosticSettings/delete', 'Failure')]],
  ['User Added to Domain Admins', 'sigma', ['sentinel', 'splunk', 'winlogbeat', 'xml'].map((form) => fixture(`windows-group-${form}.json`)), [{ EventID: 4728, TargetUserName: 'Staff', TargetSid: 'S-1-5-21-1-2-3-1119' }, { EventID: 4624, TargetUserName: 'Domain Admins' }]],
])('%s (%s)', (title, _row, fires, quiet) => {
  for (const event of fires) expect([JSON.stringify(event), fired(event)]).toEqual([JSON.stringify(event), [title]]);
  for (const event of quiet) expect([JSON.stringify(event), fired(event)]).toEqual([JSON.stringify(event), []]);
});

test('each row of table 1.1 has a rule for each cloud, and the playbook’s two have its file names', () => {
  const text = rules.map(({ product, title }) => ({ product, title }));
  expect(text.filter(({ product }) => product === 'aws')).toHaveLength(RISK_TABLE.filter(({ row }) => row.startsWith('1.1.')).length);
  expect(text.filter(({ product }) => product === 'azure')).toHaveLength(RISK_TABLE.filter(({ row }) => row.startsWith('1.1.')).length);
  for (const name of ['cloud_root_login.yml', 'win_domain_admin_group_add.yml']) expect(readFileSync(join('detections', name), 'utf8')).toContain('title:');
});

test('tourniquet triage --sigma says which rules fire beside the verdict', () => {
  const line = triageLine(JSON.stringify(login(rootIdentity())), '2026-03-02T09:20:00Z', rules);
  expect(line).toMatchObject({ status: 'alert', event: 'root-login', sigma: [{ title: 'AWS Root Account Login', level: 'critical' }] });
  expect(triageLine('{"a":1}', '2026-03-02T09:20:00Z', rules)).toMatchObject({ status: 'rejected', sigma: [] });
  expect(triageLine('{"a":1}', '2026-03-02T09:20:00Z')).not.toHaveProperty('sigma');
});
