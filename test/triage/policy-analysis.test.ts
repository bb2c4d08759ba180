import fc from 'fast-check';
import { inCidr, reachOf } from '../../playbook/addresses';
import { globMatches } from '../../playbook/glob';
import { isPublic, statementsOf, trustsOutside } from '../../playbook/policy-analysis';
import { grantOf, grantsAdmin, managedGrantOf } from '../../playbook/policy-grants';
import { networkAclOpening, publicAclGrants, reachesAdminPort, securityGroupOpenings, webOnly } from '../../playbook/exposure-analysis';
import { ACCOUNT, OTHER, policy } from './events';

const open = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::payroll/*' };
const held = (Condition: object): string => policy({ ...open, Condition });

test.each<[string, boolean | null, unknown]>([
  ['principal *', true, policy(open)],
  ['principal {AWS:*}', true, policy({ ...open, Principal: { AWS: '*' } })],
  ['principal in a list', true, policy({ ...open, Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:root`, '*'] } })],
  ['Allow with NotPrincipal', true, policy({ Effect: 'Allow', NotPrincipal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: '*', Resource: '*' })],
  ['a single statement, not in a list', true, JSON.stringify({ Statement: open })],
  ['as an object', true, { Statement: [open] }],
  ['odd spelling of the member names', true, { statement: [{ effect: 'allow', principal: '*', action: 's3:*' }] }],
  ['deny for everybody', false, policy({ ...open, Effect: 'Deny' })],
  ['a named account', false, policy({ ...open, Principal: { AWS: OTHER } })],
  ['a service', false, policy({ ...open, Principal: { Service: 'cloudtrail.amazonaws.com' } })],
  ['the word * elsewhere', false, policy({ ...open, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/app` }, Action: '*', Resource: '*' })],
  ['held to an organisation', false, held({ StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } })],
  ['held to a VPC endpoint', false, held({ StringEquals: { 'aws:SourceVpce': 'vpce-0a1b2c3d' } })],
  ['held to an account, any case of the key', false, held({ StringEquals: { 'AWS:SourceAccount': ACCOUNT } })],
  ['held to an ARN of one account', false, held({ ArnLike: { 'aws:SourceArn': `arn:aws:sns:*:${ACCOUNT}:*` } })],
  ['ARN of any account', true, held({ ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:*:*' } })],
  ['organisation *', true, held({ StringLike: { 'aws:PrincipalOrgID': '*' } })],
  ['condition that holds when the key is absent', true, held({ StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } })],
  ['negative condition', true, held({ StringNotEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } })],
  ['ForAllValues is true for nothing', true, held({ 'ForAllValues:StringEquals': { 'aws:PrincipalOrgPaths': ['o-a1b2c3d4e5/r-1/'] } })],
  ['only TLS', true, held({ Bool: { 'aws:SecureTransport': 'true' } })],
  ['a spoofable referer', true, held({ StringLike: { 'aws:Referer': 'https://intranet/*' } })],
  ['a guessable external id', true, held({ StringEquals: { 'sts:ExternalId': '42' } })],
  ['an office address', false, held({ IpAddress: { 'aws:SourceIp': ['198.51.100.0/24', '10.0.0.0/8'] } })],
  ['an address range that is the world', true, held({ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } })],
  ['the world in two halves', true, held({ IpAddress: { 'aws:SourceIp': ['0.0.0.0/1', '128.0.0.0/1'] } })],
  ['these addresses, if there is one', true, held({ IpAddressIfExists: { 'aws:SourceIp': '198.51.100.0/24' } })],
  ['not these addresses', true, held({ NotIpAddress: { 'aws:SourceIp': '198.51.100.0/24' } })],
  ['an identity policy (no principal)', false, policy({ Effect: 'Allow', Action: '*', Resource: '*' })],
  ['an effect that cannot be made text is no deny', true, { Statement: { ...open, Effect: { toString: '' } } }],
  ['no JSON', null, 'not a policy'],
  ['no statement', null, '{}'],
])('isPublic: %s is %s', (_name, expected, document) => expect(isPublic(document)).toBe(expected));

const trust = (Principal: unknown, more: object = {}): string => policy({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...more });
const github = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
test.each<[string, string[] | null, unknown]>([
  ['own account by id', [], trust({ AWS: ACCOUNT })],
  ['own role', [], trust({ AWS: `arn:aws:iam::${ACCOUNT}:role/app` })],
  ['service', [], trust({ Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] })],
  ['another account by id', ['account'], trust({ AWS: OTHER })],
  ['another account’s user', ['account'], trust({ AWS: [`arn:aws:iam::${OTHER}:user/x`, ACCOUNT] })],
  ['anybody', ['anyone'], trust('*')],
  ['anybody with an external id', ['anyone'], trust('*', { Condition: { StringEquals: { 'sts:ExternalId': 'x' } } })],
  ['anybody of an organisation', ['organization'], trust('*', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } } })],
  ['anybody of another account', ['account'], trust('*', { Condition: { StringEquals: { 'aws:PrincipalAccount': OTHER } } })],
  ['anybody of the own account', [], trust('*', { Condition: { StringEquals: { 'aws:PrincipalAccount': ACCOUNT } } })],
  ['SAML', [], trust({ Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/okta` })],
  ['any GitHub repository', ['identity-provider'], trust({ Federated: github }, { Condition: { StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' } } })],
  ['one GitHub repository', [], trust({ Federated: github }, { Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:acme/app:*' } } })],
  ['repo:*', ['identity-provider'], trust({ Federated: github }, { Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:*' } } })],
  ['a deny', [], policy({ Effect: 'Deny', Principal: '*', Action: '*' })],
  ['garbage', null, '[1,2'],
])('trustsOutside: %s → %j', (_name, kinds, document) => expect(trustsOutside(document, ACCOUNT)?.map(({ kind }) => kind) ?? null).toEqual(kinds));

const grant = (Action: unknown, Resource: unknown = '*', more: object = {}): string => policy({ Effect: 'Allow', Action, Resource, ...more });
test.each<[string, string | null, unknown]>([
  ['* on *', 'admin', grant('*')],
  ['*:* on *', 'admin', grant(['s3:GetObject', '*:*'])],
  ['iam:* on *', 'admin', grant('iam:*')],
  ['NotAction', 'admin', policy({ Effect: 'Allow', NotAction: 'organizations:*', Resource: '*' })],
  ['NotResource', 'admin', policy({ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::x' })],
  ['* on a bucket', 'write', grant('*', 'arn:aws:s3:::x/*')],
  ['attach policies', 'escalation', grant('iam:AttachUserPolicy', `arn:aws:iam::${ACCOUNT}:user/x`)],
  ['wildcard that covers it', 'escalation', grant('iam:*LoginProfile')],
  ['pass any role', 'escalation', grant(['iam:PassRole', 'ec2:RunInstances'])],
  ['pass one role', 'write', grant(['iam:PassRole', 'ec2:RunInstances'], `arn:aws:iam::${ACCOUNT}:role/app`)],
  ['write', 'write', grant(['s3:PutObject'])],
  ['read', 'read', grant(['s3:GetObject', 's3:List*', 'ec2:Describe*'])],
  ['read secrets', 'write', grant('secretsmanager:GetSecretValue')],
  ['read, so widely that secrets are in it', 'write', grant('ssm:Get*')],
  ['deny all', 'none', policy({ Effect: 'Deny', Action: '*', Resource: '*' })],
  ['garbage', null, '{'],
])('grantOf: %s → %s', (_name, level, document) => {
  expect(grantOf(document)?.level ?? null).toBe(level);
  expect(grantsAdmin(document)).toBe(level === null ? null : level === 'admin');
});

test.each([
  ['arn:aws:iam::aws:policy/AdministratorAccess', 'admin'], ['arn:aws-cn:iam::aws:policy/IAMFullAccess', 'admin'], ['arn:aws:iam::aws:policy/AmazonS3FullAccess', 'escalation'], ['arn:aws:iam::aws:policy/ReadOnlyAccess', 'read'],
  ['arn:aws:iam::aws:policy/job-function/ViewOnlyAccess', 'read'], ['arn:aws:iam::aws:policy/SecurityAudit', 'read'], ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole', 'read'], [`arn:aws:iam::${ACCOUNT}:policy/AdministratorAccess`, null],
  ['arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3', 'none'], ['arn:aws:iam::aws:policy/AmazonSomethingNew', 'write'],
])('managed policy %s is %s', (arn, level) => expect(managedGrantOf(arn)?.level ?? null).toBe(level));

test('no document, however mangled, breaks the reader', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => { statementsOf(value); isPublic({ Statement: value }); grantOf(JSON.stringify({ Statement: value })); trustsOutside({ Statement: value }, ACCOUNT); }), { numRuns: 300 });
});

test('adding an Allow for everybody makes any policy public', () => {
  const statement = fc.record({ Effect: fc.constantFrom('Allow', 'Deny'), Principal: fc.constantFrom({ AWS: ACCOUNT }, { Service: 'ec2.amazonaws.com' }), Action: fc.constantFrom('s3:*', 's3:GetObject') });
  fc.assert(fc.property(fc.array(statement, { maxLength: 5 }), (statements) => {
    expect(isPublic({ Statement: statements })).toBe(false);
    expect(isPublic({ Statement: [...statements, open] })).toBe(true);
  }));
});

test('globs match as AWS writes them, in linear time', () => {
  expect(globMatches('iam:*LoginProfile', 'iam:CreateLoginProfile')).toBe(true);
  expect(globMatches('s3:Get?bject', 's3:GetObject')).toBe(true);
  expect(globMatches('iam:Get*', 'iam:CreateUser')).toBe(false);
  const started = performance.now();
  globMatches('*a'.repeat(2000), 'a'.repeat(4000) + 'b');
  expect(performance.now() - started).toBeLessThan(2_000);
});

test.each([
  ['0.0.0.0/0', 'world'], ['::/0', 'world'], ['128.0.0.0/1', 'world'], ['203.0.113.0/24', 'public'], ['203.0.113.9', 'public'], ['10.2.0.0/16', 'private'], ['100.64.1.0/24', 'private'], ['fd00::/8', 'private'],
  ['2001:db8::/32', 'public'], ['::ffff:10.0.0.1', 'private'], ['010.0.0.1/33', 'unreadable'], ['hello', 'unreadable'], ['1.2.3', 'unreadable'], [':::', 'unreadable'],
])('%s reaches %s', (cidr, reach) => expect(reachOf(cidr)).toBe(reach));

test('an address is in its block and not in its neighbour', () => {
  fc.assert(fc.property(fc.ipV4(), fc.integer({ min: 1, max: 32 }), (ip, prefix) => {
    expect(inCidr(ip, `${ip}/${prefix}`)).toBe(true);
    const bytes = ip.split('.').map(Number);
    const bit = prefix - 1;
    bytes[bit >> 3] = bytes[bit >> 3]! ^ (128 >> (bit & 7));
    expect(inCidr(bytes.join('.'), `${ip}/${prefix}`)).toBe(false);
  }));
});

describe('openings', () => {
  const rule = (range: object, from = 22, to = 22, ipProtocol = 'tcp'): never => ({ ipPermissions: { items: [{ ipProtocol, fromPort: from, toPort: to, ...range }] } }) as never;
  test('both address families, lists and the flat form', () => {
    expect(securityGroupOpenings(rule({ ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] }, ipv6Ranges: { items: [{ cidrIpv6: '::/0' }] } })).map(({ reach }) => reach)).toEqual(['world', 'world']);
    expect(securityGroupOpenings({ cidrIp: '0.0.0.0/0', ipProtocol: 'tcp', fromPort: 3389, toPort: 3389 })[0]).toMatchObject({ reach: 'world', ports: { from: 3389, to: 3389 } });
    expect(securityGroupOpenings({ ModifySecurityGroupRulesRequest: { SecurityGroupRule: { SecurityGroupRule: { CidrIpv4: '0.0.0.0/0', IpProtocol: '-1', FromPort: -1, ToPort: -1 } } } })[0]).toMatchObject({ reach: 'world', ports: null });
  });
  test('ports', () => {
    const one = (from: number, to: number, protocol = 'tcp') => securityGroupOpenings(rule({ ipRanges: { items: [{ cidrIp: '0.0.0.0/0' }] } }, from, to, protocol))[0]!;
    expect(reachesAdminPort(one(20, 30))).toBe(true);
    expect(reachesAdminPort(one(0, 65535))).toBe(true);
    expect(webOnly(one(443, 443))).toBe(true);
    expect(webOnly(one(80, 443))).toBe(false);
    expect(reachesAdminPort(one(50000, 50010))).toBe(false);
    expect(one(0, 0, '-1').ports).toBeNull();
  });
  test('network ACL: only an inbound allow opens', () => {
    const entry = { ruleAction: 'allow', egress: false, cidrBlock: '0.0.0.0/0', aclProtocol: '6', portRange: { from: 22, to: 22 } };
    expect(networkAclOpening(entry)?.reach).toBe('world');
    expect(networkAclOpening({ ...entry, egress: true })).toBeNull();
    expect(networkAclOpening({ ...entry, ruleAction: 'deny' })).toBeNull();
    expect(networkAclOpening({ ...entry, cidrBlock: undefined as never, ipv6CidrBlock: '::/0' })?.reach).toBe('world');
  });
  test('ACL grants in each of their forms', () => {
    expect(publicAclGrants({ 'x-amz-acl': ['public-read'] })).toHaveLength(1);
    expect(publicAclGrants({ 'x-amz-acl': ['private'] })).toHaveLength(0);
    expect(publicAclGrants({ 'x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' })).toEqual(['x-amz-grant-read']);
    const grantee = (URI: string) => ({ AccessControlPolicy: { AccessControlList: { Grant: { Grantee: { URI }, Permission: 'WRITE' } } } });
    expect(publicAclGrants(grantee('http://acs.amazonaws.com/groups/global/AuthenticatedUsers'))).toEqual(['WRITE to AuthenticatedUsers']);
    expect(publicAclGrants(grantee('http://acs.amazonaws.com/groups/s3/LogDelivery'))).toEqual([]);
  });
});
