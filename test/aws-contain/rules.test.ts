import fc from 'fast-check';
import { isKnown, isNarrow, isPublic, blockable, contains, parseAddress } from '../../activities/address';
import { alertArtifacts, trailWish } from '../../activities/aws/contain/alert-artifacts';
import { assumedRoles, proposeIdentities, type IdentityCase } from '../../activities/aws/contain/propose-identities';
import { proposeIsolation } from '../../activities/aws/contain/propose-resources';
import { attackersAddresses } from '../../activities/aws/contain/propose-network';
import { cutOff } from '../../activities/aws/contain/revoke-role-sessions';
import { inOrder, iamTarget, proposal } from '../../activities/aws/contain/targets';
import { differences, type TrailState } from '../../activities/aws/contain/trail-state';
import { admitting, cutTrust, isOut } from '../../activities/aws/contain/trust-cut';
import { principalsOf, statementsOf } from '../../activities/aws/iam-read';
import { protectedBy } from '../../activities/aws/protect';
import type { JsonObject } from '../../playbook/json';
import type { Alert } from '../../playbook/model/alert';
import type { Artifact, Finding } from '../../playbook/model/finding';
import type { Principal } from '../../playbook/model/principal';

const account = '111122223333';
const other = '999988887777';

describe('the protected list', () => {
  const config = (...entries: string[]) => ({ protected: entries, accounts: [{ id: account, name: 'a', roleArn: `arn:aws:iam::${account}:role/TourniquetResponder`, externalId: null, regions: [], management: false }] });

  test.each<[string, string, boolean]>([
    ['break-glass', 'break-glass', true],
    ['break-glass', 'Break-Glass', true],
    ['break-glass', `arn:aws:iam::${account}:user/break-glass`, true],
    ['break-glass', `arn:aws:iam::${account}:user/ops/break-glass`, true],
    ['break-glass', 'break-glass-2', false],
    ['break-glass', `arn:aws:iam::${account}:user/my-break-glass`, false],
    [`arn:aws:iam::${account}:user/ops/bg`, `arn:aws:iam::${account}:user/bg`, true],
    [`arn:aws:iam::${account}:user/bg`, `arn:aws:iam::${other}:user/bg`, false],
    [`arn:aws:iam::${account}:user/bg`, `arn:aws:iam::${account}:role/bg`, false],
    ['arn:aws:iam::*:role/bg-*', `arn:aws:iam::${other}:role/bg-emea`, true],
    ['arn:aws:iam::*:role/bg.x', `arn:aws:iam::${other}:role/bgax`, false],
    ['', '', false],
  ])('entry %s and %s: %s', (entry, value, covered) => {
    expect(protectedBy(config(entry), value) !== null).toBe(covered);
  });

  test('our own responder roles are on it without being written there', () => {
    expect(protectedBy(config(), `arn:aws:iam::${account}:role/TourniquetResponder`)).not.toBeNull();
  });
});

describe('cutting a trust policy', () => {
  const entry = fc.constantFrom('*', account, `arn:aws:iam::${account}:root`, `arn:aws:iam::${account}:user/ada`, other, `arn:aws:iam::${other}:root`, `arn:aws:iam::${other}:role/x`, 'AIDAEXAMPLE');
  const principal = fc.oneof(fc.constant<string | JsonObject>('*'), fc.array(entry, { minLength: 1, maxLength: 3 }).map((AWS): JsonObject => ({ AWS })), entry.map((AWS): JsonObject => ({ AWS })), fc.constant<JsonObject>({ Service: 'ec2.amazonaws.com' }), fc.constant<JsonObject>({ Federated: `arn:aws:iam::${account}:saml-provider/idp` }));
  const statement = fc.record({ Effect: fc.constantFrom('Allow', 'Deny'), Principal: principal, Action: fc.constant('sts:AssumeRole') }) as fc.Arbitrary<JsonObject>;
  const trust = fc.array(statement, { maxLength: 4 }).map((Statement): JsonObject => ({ Version: '2012-10-17', Statement }));
  const attackers = fc.uniqueArray(fc.constantFrom(other, `arn:aws:iam::${other}:role/x`, `arn:aws:iam::${account}:user/mallory`, '*'), { minLength: 1, maxLength: 3 });

  test('afterwards the attacker is out, a second cut changes nothing, and IAM gets at least one statement', () => {
    fc.assert(fc.property(trust, attackers, (document, principals) => {
      const cut = cutTrust(document, principals);
      expect(isOut(cut, principals)).toBe(true);
      expect(cutTrust(cut, principals)).toEqual(cut);
      expect(statementsOf(cut).length).toBeGreaterThan(0);
    }));
  });

  test('whoever else was let in stays in, and every deny stays', () => {
    fc.assert(fc.property(trust, attackers, (document, principals) => {
      const cut = cutTrust(document, principals);
      const allowed = (of: JsonObject): string[] => statementsOf(of).filter((one) => one.Effect === 'Allow').flatMap(principalsOf);
      const attacker = (who: string): boolean => (principals as string[]).includes(who) || (who !== '*' && principals.some((one) => one === other && who.includes(other))) || (who === `arn:aws:iam::${other}:root` && principals.includes(other));
      expect(allowed(cut)).toEqual(allowed(document).filter((who) => !attacker(who)));
      expect(statementsOf(cut).filter((one) => one.Effect === 'Deny')).toEqual(expect.arrayContaining(statementsOf(document).filter((one) => one.Effect === 'Deny')));
    }));
  });

  test.each<[string, string, string[]]>([
    [`arn:aws:iam::${account}:root`, `arn:aws:iam::${account}:user/mallory`, [`arn:aws:iam::${account}:root`]],
    ['*', other, ['*']],
    [`arn:aws:iam::${other}:role/x`, other, [`arn:aws:iam::${other}:role/x`]],
    [`arn:aws:iam::${account}:user/ada`, `arn:aws:iam::${account}:user/mallory`, []],
    ['ec2.amazonaws.com', other, []],
  ])('%s lets %s in by %j', (who, attacker, by) => {
    expect(admitting({ Statement: [{ Effect: 'Allow', Principal: { AWS: who } }] }, [attacker])).toEqual(by);
  });
});

describe('addresses', () => {
  test.each<[string, boolean]>([
    ['8.8.8.8', true], ['2600::1', true], ['10.1.2.3', false], ['100.64.0.1', false], ['169.254.169.254', false], ['127.0.0.1', false], ['fe80::1', false], ['::ffff:10.0.0.1', false], ['cloudtrail.amazonaws.com', false], ['AWS Internal', false], ['fe80::1%eth0', false], ['8.8.8.8/32', false], ['', false],
  ])('%s is public: %s', (text, is) => expect(isPublic(text)).toBe(is));

  test.each<[string, boolean]>([['1.2.3.4/32', true], ['1.2.3.0/24', true], ['1.2.0.0/23', false], ['0.0.0.0/0', false], ['::/0', false], ['2600::/64', true], ['2600::/63', false], ['nonsense', false]])('%s is about one address: %s', (cidr, is) => expect(isNarrow(cidr)).toBe(is));

  test('a range contains what it contains, in one family', () => {
    fc.assert(fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (ip, prefix) => {
      expect(contains(`${ip}/${prefix}`, parseAddress(ip))).toBe(true);
      expect(contains('::/0', parseAddress(ip))).toBe(false);
    }));
    expect(contains('1.2.3.0/24', parseAddress('1.2.4.1'))).toBe(false);
    expect(parseAddress('::ffff:8.8.8.8')).toMatchObject({ version: 4, cidr: '8.8.8.8/32' });
  });

  test('known addresses are never blocked, whatever stands beside them in the register', () => {
    const config = { knownAddresses: ['8.8.8.0/24', '9.9.9.9', 'office', ''] };
    expect(isKnown(config, '8.8.8.8') && isKnown(config, '9.9.9.9')).toBe(true);
    expect(isKnown(config, '1.1.1.1')).toBe(false);
    expect(() => blockable(config, '8.8.8.8')).toThrow(/not blocked/);
    expect(() => blockable(config, 42)).toThrow(/not an IP address/);
    const listed = { check: '1.2.2-source-ip', facts: { addresses: [{ ip: '1.1.1.1', hostile: true, known: false }, { ip: '1.0.0.1', hostile: true, known: true }, { ip: '1.2.3.4', hostile: false, known: false }] } } as unknown as Finding;
    expect(attackersAddresses(config, { alerts: [alert({ sourceIp: '8.8.8.8', addresses: ['185.220.101.1', '10.0.0.1'] })], elsewhere: { addresses: ['185.220.101.2'], firstAlert: '2026-03-01T00:00:00Z' } }, [listed]).map((one) => one.text)).toEqual(['185.220.101.1', '185.220.101.2', '1.1.1.1']);
  });
});

test('the cut-off is half a minute ahead, to the second, never earlier', () => {
  fc.assert(fc.property(fc.date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }), (now) => {
    expect(cutOff(now)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const ahead = Date.parse(cutOff(now)) - now.getTime();
    expect(ahead).toBeGreaterThanOrEqual(30_000);
    expect(ahead).toBeLessThan(31_000);
  }));
});

describe('trails', () => {
  const now: TrailState = { logging: true, multiRegion: true, globalEvents: true, validation: true, bucket: 'logs', prefix: '', kmsKey: 'arn:aws:kms:us-east-1:1:key/abc', managementEvents: true, deliveryError: '' };
  test.each<[string, Partial<TrailState>, Parameters<typeof differences>[1], number]>([
    ['as it was', {}, { multiRegion: true, bucket: 'logs' }, 0],
    ['stopped', { logging: false }, {}, 1],
    ['moved', { bucket: 'theirs' }, { bucket: 'logs' }, 1],
    ['narrowed', { multiRegion: false, validation: false, managementEvents: false }, { multiRegion: true, validation: true, managementEvents: true }, 3],
    ['more than before', {}, { multiRegion: false, validation: false }, 0],
    ['a key by its id', {}, { kmsKey: 'abc' }, 0],
    ['another key', {}, { kmsKey: 'abd' }, 1],
    ['no key before', {}, { kmsKey: '' }, 1],
  ])('%s', (_what, change, wanted, lines) => expect(differences({ ...now, ...change }, wanted)).toHaveLength(lines));

  test.each<[string, JsonObject, string | null, JsonObject, string[]]>([
    ['stopped', {}, null, {}, []],
    ['selectors', {}, null, { managementEvents: true }, []],
    ['updated', { isMultiRegionTrail: false, enableLogFileValidation: 'false', includeGlobalServiceEvents: true }, null, { multiRegion: true, validation: true }, []],
    ['updated', { s3BucketName: 'theirs' }, 'logs', { bucket: 'logs' }, []],
    ['updated', { s3BucketName: 'theirs', kmsKeyId: 'k', s3KeyPrefix: 'p' }, null, {}, ['bucket', 'prefix', 'kmsKey']],
  ])('%s %j', (change, request, bucket, wanted, unknown) => expect(trailWish(change, request, bucket)).toEqual({ wanted, unknown }));
});

const dana: Principal = { provider: 'aws', account, kind: 'user', id: `arn:aws:iam::${account}:user/dana`, name: 'dana' };

function alert(change: Partial<Alert>): Alert {
  return {
    id: 'alr-1', source: 'cloudtrail', provider: 'aws', account, region: 'us-east-1', time: '2026-11-01T00:00:00.000Z', receivedAt: null, event: 'ListUsers', service: 'iam.amazonaws.com', outcome: 'success', errorCode: null, dryRun: false,
    principal: dana, session: null, sourceIp: null, userAgent: null, channel: 'api', target: null, addresses: [], facts: {}, raw: null, ...change,
  };
}
const called = (service: string, event: string, request: JsonObject, response: JsonObject = {}, change: Partial<Alert> = {}): Alert => alert({ service: `${service}.amazonaws.com`, event, facts: { request, response }, ...change });

const propose = (change: Partial<IdentityCase>): string[] => {
  const alerts = change.alerts ?? [alert({})];
  const one: IdentityCase = { principal: dana, alerts, findings: [], artifacts: alertArtifacts(alerts, [account]), ours: [account], ...change };
  return inOrder(proposeIdentities(one)).map(({ action, target, params }) => `${action.slice(4)} ${target.name} ${JSON.stringify(params)}`);
};

describe('what is proposed for identities', () => {
  const shut = ['deny-user dana {}', 'disable-access-keys dana {}', 'remove-login-profile dana {}', 'remove-rogue-mfa dana {"since":"2026-11-01T00:00:00.000Z"}'];

  test('a user: deny, keys, login, MFA', () => expect(propose({})).toEqual(shut));

  test('root: nothing on root itself', () => expect(propose({ principal: { ...dana, kind: 'root', id: `arn:aws:iam::${account}:root`, name: 'root' } })).toEqual([]));

  test.each(['federated-user', 'unknown'] as const)('a %s: a step that is refused loudly', (kind) => expect(propose({ principal: { ...dana, kind } })).toEqual(['deny-user dana {}']));

  test('a role: its sessions, and those of the chain', () => {
    const role: Principal = { ...dana, kind: 'role', id: `arn:aws:iam::${account}:role/web`, name: 'web' };
    const alerts = [called('sts', 'AssumeRole', { roleArn: `arn:aws:iam::${account}:role/admin` }, {}, { principal: role })];
    expect(propose({ principal: role, alerts })).toEqual(['revoke-role-sessions web {}', 'revoke-role-sessions admin {}']);
  });

  test('a user’s role sessions outlive its deny: revoked too, also those that only the investigation saw', () => {
    const who = { check: '1.2.1-who', facts: { chain: [{ roleArn: `arn:aws:iam::${account}:role/first` }], assumedRoles: [`arn:aws:iam::${account}:role/second`, `arn:aws:iam::${other}:role/far`, 42] } } as unknown as Finding;
    expect(propose({ findings: [who] }).filter((line) => line.startsWith('revoke'))).toEqual(['revoke-role-sessions first {}', 'revoke-role-sessions second {}']);
    expect(assumedRoles({ alerts: [], findings: [who], principal: dana })).toContain(`arn:aws:iam::${other}:role/far`);
  });

  test('a stranger from another account is cut out of the role and its sessions end', () => {
    const stranger: Principal = { ...dana, account: other, kind: 'unknown', id: `${other}:AIDAX`, name: 'AIDAX' };
    expect(propose({ principal: stranger, alerts: [called('sts', 'AssumeRole', { roleArn: `arn:aws:iam::${account}:role/admin` }, {}, { principal: stranger })] })).toEqual(['revoke-role-sessions admin {}', `cut-role-trust admin {"principals":["${other}"]}`]);
  });

  test('what a failed call wanted is not there', () => {
    expect(propose({ alerts: [called('iam', 'CreateUser', { userName: 'x' }, {}, { outcome: 'failure', errorCode: 'AccessDenied' }), called('sts', 'AssumeRole', { roleArn: `arn:aws:iam::${account}:role/admin` }, {}, { outcome: 'failure' })] })).toEqual(shut);
  });

  test('attacker-made users and keys on honest ones', () => {
    const lines = propose({
      alerts: [
        called('iam', 'CreateUser', { userName: 'backdoor' }, { user: { arn: `arn:aws:iam::${account}:user/sys/backdoor` } }),
        called('iam', 'CreateAccessKey', { userName: 'backdoor' }, { accessKey: { accessKeyId: 'AKIAOWN', userName: 'backdoor' } }),
        called('iam', 'CreateAccessKey', { userName: 'ci' }, { accessKey: { accessKeyId: 'AKIAONE', userName: 'ci' } }),
        called('iam', 'CreateAccessKey', { userName: 'ci' }, { accessKey: { accessKeyId: 'AKIATWO', userName: 'ci' } }),
        called('iam', 'UpdateLoginProfile', { userName: 'omar' }),
        called('iam', 'EnableMFADevice', { userName: 'omar', serialNumber: 'arn:mfa/x' }),
      ],
    });
    expect(lines).toEqual(expect.arrayContaining([
      'deny-user backdoor {}', 'disable-access-keys backdoor {}', 'disable-access-keys ci {"keys":["AKIAONE","AKIATWO"]}', 'rotate-access-keys ci {"compromised":["AKIAONE","AKIATWO"]}', 'remove-login-profile omar {}', 'remove-rogue-mfa omar {"devices":["arn:mfa/x"]}',
    ]));
    expect(lines.filter((line) => line.includes('ci') && line.startsWith('deny'))).toEqual([]);
    expect(lines.filter((line) => line.includes('backdoor') && line.startsWith('rotate'))).toEqual([]);
    expect(lines.slice(0, 2).every((line) => line.startsWith('deny-user'))).toBe(true);
  });

  test('a role made or a trust opened: sessions, and whom it lets in; our own account is never cut', () => {
    const document = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: { AWS: [`arn:aws:iam::${other}:root`, `arn:aws:iam::${account}:root`] } }, { Effect: 'Allow', Principal: '*' }] });
    const lines = propose({ alerts: [called('iam', 'CreateRole', { roleName: 'vendor', assumeRolePolicyDocument: document }, { role: { arn: `arn:aws:iam::${account}:role/vendor` } })] });
    expect(lines).toContain('revoke-role-sessions vendor {"attackerMade":true}');
    expect(lines.find((line) => line.startsWith('cut-role-trust vendor'))).toBe(`cut-role-trust vendor {"principals":["arn:aws:iam::${other}:root","*","arn:aws:iam::${account}:user/dana"]}`);
  });

  test('things of other accounts, and things that are gone, are left alone', () => {
    const artifact = (change: Partial<Artifact>): Artifact => ({ provider: 'aws', account, region: null, kind: 'user', id: `arn:aws:iam::${account}:user/x`, name: 'x', attribution: 'attacker', how: 'created', events: [], details: {}, ...change });
    expect(propose({ artifacts: [artifact({ account: other }), artifact({ details: { exists: false } }), artifact({ how: 'deleted' })] })).toEqual(shut);
  });
});

describe('the order of what is proposed', () => {
  test('whatever order it came in, the playbook’s; each action on each target once', () => {
    const ada = iamTarget('user', account, 'ada');
    const all = [proposal('aws.disable-access-keys', ada, 'b', { keys: ['k'] }), proposal('aws.deny-user', ada, 'a'), proposal('aws.deny-user', { ...ada, id: ada.id.toUpperCase() }, 'c'), proposal('aws.disable-access-keys', ada, 'd')];
    fc.assert(fc.property(fc.shuffledSubarray(all, { minLength: 4 }), (some) => {
      const ordered = inOrder(some);
      expect(ordered.map((one) => one.action)).toEqual(['aws.deny-user', 'aws.disable-access-keys']);
      // All keys is wider than one key.
      expect(ordered[1]!.params).toEqual({});
    }));
  });

  test('what the investigation knows of a trail wins over what the alert shows', () => {
    const target = iamTarget('user', account, 'x');
    const [one] = inOrder([proposal('aws.restore-logging', target, 'alert', { wanted: { bucket: 'fallback', multiRegion: true }, unknown: ['kmsKey'] }), proposal('aws.restore-logging', target, 'finding', { wanted: { bucket: 'former' }, unknown: [] })]);
    expect(one!.params).toEqual({ wanted: { bucket: 'former', multiRegion: true }, unknown: ['kmsKey'] });
  });
});

test('alerts give the investigation’s artifacts: buckets, trails, machines, functions', () => {
  const artifacts = alertArtifacts([
    called('s3', 'PutBucketPolicy', { bucketName: 'b' }), called('s3', 'GetBucketPolicy', { bucketName: 'c' }), called('cloudtrail', 'StopLogging', { name: `arn:aws:cloudtrail:us-east-1:${account}:trail/main` }),
    called('ec2', 'RunInstances', {}, { reservationId: 'r-1', instancesSet: { items: [{ instanceId: 'i-1' }, { instanceId: 'i-2' }] } }), called('lambda', 'CreateFunction20150331', { functionName: 'f' }, { functionArn: `arn:aws:lambda:us-east-1:${account}:function:f` }),
    alert({ source: 'guardduty', service: 'guardduty', event: 'CryptoCurrency:EC2/BitcoinTool.B', target: { kind: 'instance', id: 'i-9', account } }),
    called('ec2', 'RunInstances', {}, { instancesSet: { items: [{ instanceId: 'i-dry' }] } }, { dryRun: true }),
  ], [account]);
  expect(artifacts.map((one) => `${one.kind} ${one.name} ${one.how}`)).toEqual(['bucket-policy b changed', 'trail main changed', 'instance i-1 created', 'instance i-2 created', 'function f created', 'instance i-9 changed']);
  expect(proposeIsolation(artifacts).map((one) => `${one.action} ${one.target.name}`)).toEqual(['aws.isolate-instance i-1', 'aws.isolate-instance i-2', 'aws.isolate-function f', 'aws.isolate-instance i-9']);
});

test('hostile text in an alert never breaks the proposals', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'arn:aws:iam::1:user/../x', '"><script>', '%00', '{"a":'));
  const value = fc.oneof(text, fc.integer(), fc.constant(null), fc.array(text, { maxLength: 2 }), fc.dictionary(text, text, { maxKeys: 2 }));
  const events = ['CreateUser', 'CreateAccessKey', 'UpdateAssumeRolePolicy', 'CreateRole', 'EnableMFADevice', 'AssumeRole', 'PutBucketPolicy', 'UpdateTrail', 'RunInstances', 'CreateFunction20150331'];
  const request = fc.dictionary(fc.constantFrom('userName', 'roleName', 'roleArn', 'policyDocument', 'assumeRolePolicyDocument', 'serialNumber', 'bucketName', 'name', 'functionName', 'accessKey', 'instancesSet', 's3BucketName'), value, { maxKeys: 5 });
  fc.assert(fc.property(fc.constantFrom(...events), fc.constantFrom('iam', 'sts', 's3', 'cloudtrail', 'ec2', 'lambda'), request, request, (event, service, asked, answered) => {
    const lines = propose({ alerts: [called(service, event, asked as JsonObject, answered as JsonObject)] });
    expect(lines[0]).toBe('deny-user dana {}');
  }));
});
