import { createLimiter } from '../../activities/aws/investigate/limiter';
import { createLooker } from '../../activities/aws/investigate/looker';
import { originsOf } from '../../activities/aws/investigate/origin';
import { principalOf } from '../../activities/aws/investigate/principal-of';
import { parseRecord } from '../../activities/aws/investigate/record';
import { proposeIdentities } from '../../activities/aws/contain/propose-identities';
import { actorOf } from '../../intake/cloudtrail-principal';
import type { JsonObject } from '../../playbook/json';
import type { Alert } from '../../playbook/model/alert';
import { incidentIdOf, type Principal } from '../../playbook/model/principal';
import { withOrigin } from '../../playbook/session-chain';
import { account, alertOf, fakeAccess, lookUpIn, recordJson } from './support';

const other = '222222222222';
const foreign = '999999999999';
const roleArn = (name: string, of = account): string => `arn:aws:iam::${of}:role/${name}`;
const rolePrincipal = (name: string, of = account): Principal => ({ provider: 'aws', account: of, kind: 'role', id: roleArn(name, of), name });
const asia = (n: number): string => `ASIA${String(n).padStart(16, '0')}`;
const at = (minute: number): string => `2026-11-20T11:${String(minute).padStart(2, '0')}:00Z`;

const session = (name: string, key: string | null, of = account, issued = at(30)): JsonObject => ({
  type: 'AssumedRole', principalId: `AROAEXAMPLE:run`, arn: `arn:aws:sts::${of}:assumed-role/${name}/run`, accountId: of, ...(key ? { accessKeyId: key } : {}),
  sessionContext: { sessionIssuer: { type: 'Role', arn: roleArn(name, of), userName: name, accountId: of }, attributes: { creationDate: issued } },
});
const user: JsonObject = { type: 'IAMUser', principalId: 'AIDAEXAMPLE', arn: `arn:aws:iam::${account}:user/people/dana`, accountId: account, accessKeyId: 'AKIASTOLEN0000000001', userName: 'dana' };

/** An AssumeRole as CloudTrail has it: who, of which role, answered with which key. */
const opens = (by: JsonObject, role: string, key: string, over: JsonObject = {}): JsonObject =>
  recordJson('AssumeRole', { at: at(30), eventSource: 'sts.amazonaws.com', userIdentity: by, requestParameters: { roleArn: role, roleSessionName: 'run' }, responseElements: { credentials: { accessKeyId: key } }, ...over });

function alertBy(name: string, key: string, of = account, over: Partial<Alert> = {}): Alert {
  return alertOf({ account: of, principal: rolePrincipal(name, of), session: { accessKeyId: key, name: 'run', issuedAt: at(30), mfa: 'no', roleArn: roleArn(name, of) }, ...over });
}

async function follow(trails: Record<string, JsonObject[]>, alerts: Alert[], incident = incidentIdOf(alerts[0]!.principal!)) {
  const base = fakeAccess(() => undefined).config.accounts[0]!;
  const access = fakeAccess((call) => lookUpIn(trails[call.account] ?? [], call.input, call.region), { accounts: [base, { ...base, id: other }] });
  const looker = createLooker(access, { limiter: createLimiter(1_000, 1), sleep: async () => undefined });
  return { ...(await originsOf(looker, { incident, alerts }, [], [account, other])), calls: access.calls.length };
}

describe('who opened a session', () => {
  test.each<[string, Record<string, JsonObject[]>, Alert, Partial<Principal>, string[]]>([
    ['one hop from a user', { [account]: [opens(user, roleArn('app'), asia(1))] }, alertBy('app', asia(1)), { kind: 'user', id: `arn:aws:iam::${account}:user/dana` }, [roleArn('app')]],
    ['three hops', { [account]: [opens(session('b', asia(2)), roleArn('c'), asia(3)), opens(session('a', asia(1)), roleArn('b'), asia(2)), opens(user, roleArn('a'), asia(1))] },
      alertBy('c', asia(3)), { kind: 'user', name: 'dana' }, [roleArn('c'), roleArn('b'), roleArn('a')]],
    ['over accounts: the owner’s trail has no key of the caller, the caller’s own has', {
      [other]: [opens({ type: 'AWSAccount', accountId: account, principalId: 'AIDAEXAMPLE' }, roleArn('deploy', other), asia(5))],
      [account]: [opens(user, roleArn('deploy', other), asia(5))],
    }, alertBy('deploy', asia(5), other), { kind: 'user', account, name: 'dana' }, [roleArn('deploy', other)]],
    ['over accounts by the shared id, where the caller’s trail left the answer out; another call of the minute is not taken for it', {
      [other]: [opens({ type: 'AWSAccount', accountId: account, principalId: 'AIDAEXAMPLE' }, roleArn('deploy', other), asia(5), { sharedEventID: 'shared-5' })],
      [account]: [opens({ ...user, arn: `arn:aws:iam::${account}:user/eve`, userName: 'eve' }, roleArn('deploy', other), asia(6), { sharedEventID: 'shared-6' }), opens(user, roleArn('deploy', other), '', { responseElements: null, sharedEventID: 'shared-5' })],
    }, alertBy('deploy', asia(5), other), { kind: 'user', account, name: 'dana' }, [roleArn('deploy', other)]],
    ['root', { [account]: [opens({ type: 'Root', arn: `arn:aws:iam::${account}:root`, accountId: account, accessKeyId: 'AKIAROOT000000000001' }, roleArn('app'), asia(1))] }, alertBy('app', asia(1)), { kind: 'root', id: `arn:aws:iam::${account}:root` }, [roleArn('app')]],
    ['a person of Identity Center, not how the portal opened their session', {
      [account]: [
        opens({ ...session('AWSReservedSSO_Admin_1a2b', asia(1)), principalId: 'AROAEXAMPLE:dana@example.com', sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1a2b`, accountId: account }, attributes: { creationDate: at(30) } } }, roleArn('app'), asia(2)),
        recordJson('AssumeRoleWithSAML', { at: at(30), userIdentity: { type: 'SAMLUser', principalId: 'x:dana@example.com', userName: 'dana@example.com', identityProvider: 'x' }, responseElements: { credentials: { accessKeyId: asia(1) } } }),
      ],
    }, alertBy('app', asia(2)), { kind: 'identity-center-user', id: `${account}:sso:dana@example.com` }, [roleArn('app')]],
    ['a SAML person', { [account]: [recordJson('AssumeRoleWithSAML', { at: at(30), userIdentity: { type: 'SAMLUser', principalId: 'idp:dana', userName: 'dana', identityProvider: 'idp' }, requestParameters: { roleArn: roleArn('app') }, responseElements: { credentials: { accessKeyId: asia(1) } } })] },
      alertBy('app', asia(1)), { kind: 'federated-user', id: 'idp:dana', name: 'dana' }, [roleArn('app')]],
    ['a role that a service runs with is its own origin', { [account]: [opens(session('web', asia(1)), roleArn('app'), asia(2)), opens({ type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }, roleArn('web'), asia(1))] },
      alertBy('app', asia(2)), { kind: 'role', id: roleArn('web') }, [roleArn('app'), roleArn('web')]],
    ['an account that is not ours: the role they came in by', { [account]: [opens(session('in', asia(1)), roleArn('app'), asia(2)), opens({ type: 'AWSAccount', accountId: foreign, principalId: 'AIDAFOREIGN' }, roleArn('in'), asia(1))] },
      alertBy('app', asia(2)), { kind: 'role', id: roleArn('in') }, [roleArn('app'), roleArn('in')]],
  ])('%s', async (_name, trails, alert, expected, roles) => {
    const { origins, unclear } = await follow(trails, [alert]);
    expect(unclear).toEqual([]);
    expect(origins).toHaveLength(1);
    expect(origins[0]!.principal).toMatchObject(expected);
    expect(origins[0]!.alerts).toEqual([alert.id]);
    expect(new Set(origins[0]!.roles.filter((role) => !role.includes('AWSReservedSSO')))).toEqual(new Set(roles));
    expect(origins[0]!.how).toContain('AssumeRole');
  });

  test.each<[string, JsonObject[], RegExp]>([
    ['nothing is there yet', [], /not in CloudTrail’s event history/],
    ['a link is missing: the role before it is not taken for the origin', [opens(session('a', asia(1)), roleArn('c'), asia(3))], /who opened the session of a is not/],
    ['another key’s opening does not count', [opens(user, roleArn('c'), asia(4))], /not in CloudTrail’s event history/],
    ['a circle (records that cannot be true) ends', [opens(session('b', asia(2)), roleArn('c'), asia(3)), opens(session('c', asia(3)), roleArn('b'), asia(2))], /who opened the session of c is not/],
    ['more hops than are followed', Array.from({ length: 12 }, (_, n) => opens(session(`r${n + 4}`, asia(n + 4)), roleArn('x'), asia(n + 3))), /more than 10 hops/],
    ['a caller of our own account whom nothing names', [opens({ type: 'AWSAccount', accountId: other, principalId: 'AIDAOTHER' }, roleArn('c'), asia(3))], /cannot be told/],
  ])('ends honestly: %s', async (_name, records, why) => {
    const { origins, unclear } = await follow({ [account]: records }, [alertBy('c', asia(3))]);
    expect(origins).toEqual([]);
    expect(unclear.join()).toMatch(why);
  });

  test('each session has its own origin, and no more than five are followed', async () => {
    const records = [opens(user, roleArn('app'), asia(1)), opens({ ...user, arn: `arn:aws:iam::${account}:user/ada`, userName: 'ada' }, roleArn('app'), asia(2))];
    const alerts = [alertBy('app', asia(1)), alertBy('app', asia(2), account, { id: 'alr-2' })];
    expect((await follow({ [account]: records }, alerts)).origins.map(({ principal, alerts: ids }) => [principal.name, ids])).toEqual([['dana', [alerts[0]!.id]], ['ada', ['alr-2']]]);
    const many = await follow({ [account]: [] }, Array.from({ length: 7 }, (_, n) => alertBy('app', asia(n), account, { id: `alr-${n}` })));
    expect(many.unclear).toContain('2 more sessions were not followed');
  });

  test('nothing is asked for what cannot have another origin: a user, another incident’s role, what was handed over', async () => {
    const handed = withOrigin(alertBy('app', asia(1)), { alerts: [], principal: rolePrincipal('app'), roles: [], how: 'x' });
    for (const alert of [alertOf(), handed, { ...alertBy('app', asia(1)), provider: 'azure' as const }]) expect((await follow({}, [alert])).calls).toBe(0);
    expect((await follow({}, [alertBy('app', asia(1))], 'inc-another')).calls).toBe(0);
  });
});

test('the incident of the origin shuts every role along the chain', () => {
  const dana: Principal = { provider: 'aws', account, kind: 'user', id: `arn:aws:iam::${account}:user/dana`, name: 'dana' };
  const alert = withOrigin(alertBy('c', asia(3)), { alerts: [], principal: dana, roles: [roleArn('c'), roleArn('b'), roleArn('a')], how: 'x' });
  const proposals = proposeIdentities({ principal: dana, alerts: [alert], findings: [], artifacts: [], ours: [account] });
  expect(proposals.filter((one) => one.action === 'aws.revoke-role-sessions').map((one) => one.target.name).sort()).toEqual(['a', 'b', 'c']);
  expect(proposals.filter((one) => one.target.name === 'dana').map((one) => one.action)).toEqual(expect.arrayContaining(['aws.deny-user', 'aws.disable-access-keys']));
});

describe('an identity has the very id that intake gives it, so that incidents join', () => {
  test.each<[string, JsonObject]>([
    ['user', user], ['root', { type: 'Root', arn: `arn:aws:iam::${account}:root`, accountId: account }], ['role session', session('app', asia(1))],
    ['role of a path', { ...session('app', asia(1)), sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${account}:role/team/app`, userName: 'app' }, attributes: {} } }],
    ['role session without an issuer', { type: 'AssumedRole', principalId: 'AROAEXAMPLE:run', arn: `arn:aws:sts::${account}:assumed-role/app/run`, accountId: account }],
    ['Identity Center', { ...session('AWSReservedSSO_Admin_1a2b', asia(1)), principalId: 'AROAEXAMPLE:dana@example.com', arn: `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Admin_1a2b/dana@example.com` }],
    ['federated user of a user', { type: 'FederatedUser', arn: `arn:aws:sts::${account}:federated-user/x`, accountId: account, sessionContext: { sessionIssuer: { type: 'IAMUser', arn: `arn:aws:iam::${account}:user/dana`, userName: 'dana' }, attributes: {} } }],
    ['federated user of root', { type: 'FederatedUser', arn: `arn:aws:sts::${account}:federated-user/x`, accountId: account, sessionContext: { sessionIssuer: { type: 'Root', arn: `arn:aws:iam::${account}:root` }, attributes: {} } }],
    ['SAML', { type: 'SAMLUser', principalId: 'idp:dana', userName: 'dana', identityProvider: 'idp' }],
    ['web identity', { type: 'WebIdentityUser', principalId: 'accounts.google.com:app:u', userName: 'u', identityProvider: 'accounts.google.com' }],
  ])('%s', (_name, userIdentity) => {
    const record = parseRecord(recordJson('CreateUser', { userIdentity }), account)!;
    const expected = actorOf(userIdentity, account, '').principal!;
    expect(expected).not.toBeNull();
    expect(incidentIdOf(principalOf(record)!)).toBe(incidentIdOf(expected));
    expect(principalOf(record)).toMatchObject({ kind: expected.kind, name: expected.name });
  });

  test.each<[string, JsonObject]>([['service', { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }], ['another account', { type: 'AWSAccount', accountId: foreign, principalId: 'AIDA' }], ['nothing', {}]])('%s is nobody', (_name, userIdentity) => {
    expect(principalOf(parseRecord(recordJson('CreateUser', { userIdentity }), account)!)).toBeNull();
  });
});
