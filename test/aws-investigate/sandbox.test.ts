import { createAwsAccess } from '../../activities/aws/clients';
import { defaultNames, type AwsConfig } from '../../activities/aws/config';
import type { AwsCase, AwsContext } from '../../activities/aws/context';
import { awsChecks } from '../../activities/aws/investigate';
import { baseline, baselinePermissions } from '../../activities/aws/baseline';
import { lookUp, lookUpPermissions } from '../../activities/aws/look-up';
import { artifactKey } from '../../playbook/artifacts';
import type { Alert } from '../../playbook/model/alert';
import type { Artifact, CheckId, Finding } from '../../playbook/model/finding';
import type { Principal } from '../../playbook/model/principal';
import { incidentIdOf } from '../../playbook/model/principal';
import { StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { ListUsersCommand } from '@aws-sdk/client-iam';
import { buildWorld, clientsFor, scenarios, startAws, type Attack, type Aws, type AwsWorld } from '../../sandbox/aws';
import { alertOf, memorySink } from './support';

jest.setTimeout(180_000);

let aws: Aws;
let world: AwsWorld;
let attack: Attack;
let ctx: AwsContext & { evidence: ReturnType<typeof memorySink> };
let aCase: AwsCase;
let findings: Record<CheckId, Finding>;

/** The responder may do what the checks declare and nothing else: a permission too few shows here. */
const declared = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [...new Set([...awsChecks.flatMap((check) => check.permissions), ...lookUpPermissions, ...baselinePermissions])], Resource: '*' }] };

function caseOf(of: Attack, kind: Principal['kind'], name: string): AwsCase {
  const principal: Principal = { provider: 'aws', account: of.account, kind, id: of.principal, name };
  const alerts: Alert[] = of.events.slice(0, 20).map((event, index) => {
    const record = event.detail as { eventName: string; eventTime: string; sourceIPAddress: string; userAgent: string; userIdentity: { accessKeyId?: string } };
    return alertOf({
      id: `alr-${String(index).padStart(24, '0')}`, account: of.account, event: record.eventName, time: record.eventTime, principal, sourceIp: record.sourceIPAddress, addresses: [record.sourceIPAddress], userAgent: record.userAgent,
      session: { accessKeyId: record.userIdentity.accessKeyId ?? null, name: null, issuedAt: null, mfa: 'no', roleArn: null }, target: null,
    });
  }).filter((alert, index) => index === 0 || alert.session?.accessKeyId?.startsWith('AKIA'));
  return { incident: incidentIdOf(principal), caseKey: 'case.1', principal, alerts: alerts.slice(0, 5) };
}

async function runAll(on: AwsCase, which: (id: CheckId) => boolean = () => true): Promise<Record<CheckId, Finding>> {
  const all = await Promise.all(awsChecks.filter((check) => which(check.id)).map((check) => check.run(ctx, on)));
  return Object.fromEntries(all.map((one) => [one.check, one])) as Record<CheckId, Finding>;
}

beforeAll(async () => {
  aws = await startAws({ say: (line) => void (process.env.SHOW && console.log(line)) });
  world = await buildWorld(aws, { responderPolicy: declared });
  const config: AwsConfig = {
    accounts: [
      { id: world.production.account, name: 'production', roleArn: world.responder.roleArns[world.production.account]!, externalId: world.responder.externalId, regions: world.regions, management: false },
      { id: world.management.account, name: 'management', roleArn: world.responder.roleArns[world.management.account]!, externalId: world.responder.externalId, regions: world.regions, management: true },
    ],
    endpoint: aws.endpoint, globalRegion: 'us-east-1', protected: [], names: defaultNames, billing: { monthlyBudgetUsd: 100, email: 'x@example.com' }, trailBucket: null,
  };
  const access = createAwsAccess(config, { accessKeyId: world.responder.base.accessKeyId, secretAccessKey: world.responder.base.secretAccessKey });
  attack = await scenarios['stolen-admin-key'](aws, world);
  aCase = caseOf(attack, 'user', world.dana.name);
  ctx = { access, incident: aCase.incident, caseKey: aCase.caseKey, evidence: memorySink(), vault: null, now: () => new Date() };
  findings = await runAll(aCase);
  // The next scenarios need a trail that EventBridge can hear.
  const owner = clientsFor(aws.endpoint, aws.rootKeys(world.production.account), { sourceIp: '203.0.113.20' });
  await owner.cloudtrail.send(new StartLoggingCommand({ Name: world.names.trail }));
  owner.close();
});

afterAll(() => aws?.stop());

const attackers = (): Artifact[] => Object.values(findings).flatMap((finding) => finding.artifacts).filter((one) => one.attribution === 'attacker');
const ids = (kind: Artifact['kind'], how: Artifact['how'] = 'created'): string[] => attackers().filter((one) => one.kind === kind && one.how === how).map((one) => one.name).sort();

test('every check ends found, nothing or could-not-look, and none fails for want of a declared permission', () => {
  const table = awsChecks.map(({ id }) => `${id} ${findings[id].state} ${findings[id].error ?? ''} ${findings[id].summary}`);
  if (process.env.SHOW) console.log(table.join('\n'));
  expect(Object.keys(findings).sort()).toEqual(awsChecks.map((one) => one.id).sort());
  for (const finding of Object.values(findings)) expect([finding.check, finding.error]).toEqual([finding.check, null]);
});

test('every planted thing is found and is the attacker’s', () => {
  const { planted } = attack;
  expect(ids('user')).toEqual([...planted.users].sort());
  expect(ids('role')).toEqual([...planted.roles].sort());
  expect(ids('access-key')).toEqual(planted.accessKeys.map((one) => one.id).sort());
  expect(ids('instance')).toEqual(planted.instances.map((one) => one.id).sort());
  expect(attackers().filter((one) => one.kind === 'security-group' && one.how === 'created').map((one) => one.id).sort()).toEqual(planted.securityGroups.map((one) => one.id).sort());
  expect(ids('bucket')).toEqual([...planted.buckets].sort());
  expect(ids('function')).toEqual(planted.functions.map((one) => one.name).sort());
  expect(ids('policy', 'changed')).toEqual(planted.policyVersions.map((one) => one.arn.split('/').pop()));
  expect(ids('trust', 'changed')).toEqual(planted.changedTrusts.map((one) => one.role));
  expect([...new Set(ids('bucket-policy', 'changed'))]).toEqual([...planted.exposedBuckets].sort());
  expect(ids('trail', 'changed')).toEqual(planted.stoppedTrails.map((one) => one.name));
  expect(attackers().filter((one) => one.kind === 'detector').map((one) => one.id).sort()).toEqual(planted.disabledDetectors.map((one) => one.id).sort());
  expect(attackers().filter((one) => one.kind === 'security-group-rule').map((one) => one.details.groupId)).toEqual(expect.arrayContaining(planted.rules.map((one) => one.group)));
});

test('nothing of the owners’ is the attacker’s', () => {
  const { names, ada, dana, deployer, breakGlass } = world;
  const theirs = [ada.name, dana.name, deployer.name, breakGlass.name, names.websiteBucket, names.logBucket, names.webInstance, names.ordersFunction, names.appRole, names.auditorRole, names.webGroup];
  const touched = attackers().filter((one) => one.how === 'created' && ['user', 'role', 'bucket', 'instance', 'function', 'security-group'].includes(one.kind)).map((one) => one.name);
  for (const name of theirs) expect(touched).not.toContain(name);
  const unattributed = Object.values(findings).flatMap((one) => one.artifacts).filter((one) => one.attribution === 'unattributed' && one.how !== 'created');
  expect(unattributed).toEqual([]);
  expect(new Set(attackers().map(artifactKey)).size).toBe(attackers().length);
});

test('eradication has what it needs: versions, former trust, rule ids', () => {
  const policy = attackers().find((one) => one.kind === 'policy' && one.how === 'changed')!;
  const [version] = attack.planted.policyVersions;
  expect(policy.details).toMatchObject({ previousVersion: version!.previous, addedVersions: [version!.version], grantsAdmin: true, exists: true });
  const trust = attackers().find((one) => one.kind === 'trust')!;
  expect(JSON.stringify(trust.details.previousDocument)).not.toContain('999999999999');
  expect(trust.details).toMatchObject({ previousKnown: true, outside: [expect.stringContaining('999999999999')] });
  for (const rule of attackers().filter((one) => one.kind === 'security-group-rule')) expect(rule.id).toMatch(/^sgr-/);
  const exposed = attackers().find((one) => one.kind === 'bucket-policy')!;
  expect(exposed.details).toMatchObject({ publicNow: true, madePublic: true, previousKnown: true, previous: null });
  expect(attackers().find((one) => one.kind === 'trail')!.details).toMatchObject({ change: 'stopped', loggingNow: false, exists: true });
  for (const one of attackers()) expect(typeof one.details.why).toBe('string');
});

test('who, from where, how: the rows of 1.2', () => {
  expect(findings['1.2.1-who'].facts).toMatchObject({ owners: [{ owner: world.dana.name }] });
  expect(findings['1.2.2-source-ip'].facts).toMatchObject({ addresses: expect.arrayContaining([expect.objectContaining({ ip: attack.sourceIp, country: 'DE', hostile: true, known: false })]) });
  expect(findings['1.2.3-console-or-api'].facts).toMatchObject({ channel: 'API (programmatic)' });
  expect(findings['1.2.4-mfa'].facts).toMatchObject({ yes: 0 });
  expect(findings['1.2.6-permissions-granted'].facts).toMatchObject({ grantsAdmin: true });
  expect(findings['1.3.2-storage'].summary).toContain('object reads are not recorded');
  expect(ctx.evidence.kept.length).toBeGreaterThan(10);
});

test('an administrator at the office who is only suspected loses nothing: everything is for a person', async () => {
  const wrong = await scenarios['wrong-person'](aws, world);
  expect(wrong.events.length).toBeGreaterThan(0);
  const all = await runAll(caseOf(wrong, 'user', world.ada.name), (id) => id.startsWith('1.'));
  const artifacts = Object.values(all).flatMap((one) => one.artifacts);
  expect(artifacts.filter((one) => one.attribution === 'attacker')).toEqual([]);
  expect(artifacts.filter((one) => one.kind === 'user' && one.name === 'report-reader')).toHaveLength(1);
});

test('root: its key is the attacker’s, and the audits of 2.2 say what is open', async () => {
  const stolen = await scenarios['root-login'](aws, world);
  const all = await runAll(caseOf(stolen, 'root', 'root'));
  const mine = Object.values(all).flatMap((one) => one.artifacts).filter((one) => one.attribution === 'attacker');
  expect(mine.map((one) => [one.kind, one.id, one.details.user])).toEqual([['access-key', stolen.planted.rootKeys[0], null]]);
  expect(all['1.2.3-console-or-api'].facts).toMatchObject({ signIns: 1 });
  expect(all['2.2.3-all-identities'].facts).toMatchObject({ rootMfa: false });
  // Whom an owner made a month ago is no newcomer, whatever the emulator's clock says.
  expect(all['2.2.3-all-identities'].artifacts.map((one) => one.name)).not.toContain(world.ada.name);
});

test('the trail narrowed and stopped: what to put back', async () => {
  const stopped = await scenarios['logging-stopped'](aws, world);
  const all = await runAll(caseOf(stopped, 'user', world.dana.name), (id) => id === '1.3.5-logging');
  const updated = all['1.3.5-logging'].artifacts.find((one) => one.details.change === 'updated')!;
  expect(updated).toMatchObject({ attribution: 'attacker', details: { wanted: { multiRegion: true }, unknown: [] } });
});

test('triage’s look-up: an administrator, a country, whose key', async () => {
  const started = performance.now();
  const seen = await lookUp(ctx, { principal: aCase.principal, alerts: [{ ...aCase.alerts[0]!, target: { kind: 'user', id: attack.planted.users[0]!, account: attack.account } }] });
  expect(seen).toMatchObject({ principalIsAdmin: true, target: { exists: true, isAdmin: true }, countries: { [attack.sourceIp]: 'DE' }, failed: [] });
  expect(seen.facts.keyOwners).toEqual({ [world.dana.keys.accessKeyId]: world.dana.name });
  expect(performance.now() - started).toBeLessThan(2_500);
});

test('what is new for an identity, by its own weeks in CloudTrail’s event history', async () => {
  const alert = { ...aCase.alerts[0]!, sourceIp: attack.sourceIp, userAgent: 'python-requests/2.32', time: new Date().toISOString() };
  const ask = () => baseline(ctx, { principal: aCase.principal, alerts: [alert] });
  for (let day = 0; day < 6; day += 1) {
    const dana = clientsFor(aws.endpoint, world.dana.keys, { sourceIp: '193.99.144.80' });
    for (let call = 0; call < 5; call += 1) await dana.iam.send(new ListUsersCommand({ MaxItems: 1 })).catch(() => undefined);
    dana.close();
    aws.world.history.backdate(86_400_000);
  }
  aws.world.history.backdate(2 * 86_400_000);
  const is = await ask();
  expect(is).toMatchObject({ who: world.dana.name, silent: null, sampled: false });
  expect(is.events).toBeGreaterThanOrEqual(30);
  expect(is.firsts.map(({ trait }) => trait)).not.toContain('region');
  // The attack itself lies in the past by now: what it came from is known, what never was is not.
  const never = await baseline(ctx, { principal: aCase.principal, alerts: [{ ...alert, sourceIp: '203.0.114.9', region: 'ap-southeast-1' }] });
  expect(never.firsts.map(({ trait }) => trait)).toEqual(expect.arrayContaining(['region']));
});
