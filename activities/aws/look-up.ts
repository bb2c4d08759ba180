import { GetTrailCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeInstancesCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { GetAccessKeyLastUsedCommand, GetGroupCommand, GetPolicyCommand, GetRoleCommand, GetUserCommand } from '@aws-sdk/client-iam';
import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { GetBucketPolicyStatusCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import type { Json, JsonObject } from '../../playbook/json';
import type { Alert } from '../../playbook/model/alert';
import { incidentIdOf, type Principal } from '../../playbook/model/principal';
import { mayHaveOrigin, type SessionOrigin } from '../../playbook/session-chain';
import type { LookedUp } from '../../playbook/triage/inputs';
import { codeOf, toFailure } from '../boundary';
import { changedIdentities } from '../../playbook/triage/changed';
import { cacheOf } from '../context-cache';
import { countryOf, networkOf } from '../geo';
import { adminRightsPermissions, hasAdminRights, policyIsAdmin } from './admin-rights';
import type { AwsContext } from './context';
import { classifyAws } from './errors';
import { followChain } from './investigate/chain';
import { createLooker } from './investigate/looker';
import { endOf, originsOf } from './investigate/origin';
import { noAnswer, within } from '../within';

export const lookUpPermissions = [
  ...adminRightsPermissions, 'cloudtrail:LookupEvents', 'iam:GetUser', 'iam:GetRole', 'iam:GetGroup', 'iam:GetAccessKeyLastUsed', 's3:ListBucket', 's3:GetBucketPolicyStatus', 'ec2:DescribeInstances', 'ec2:DescribeSecurityGroups',
  'lambda:GetFunction', 'cloudtrail:GetTrail',
] as const;

type Target = NonNullable<LookedUp['target']>;
const GONE: Target = { exists: false, createdAt: null, isAdmin: null };
/** Triage does not wait for a slow service: what is not there by then is said to be missing. */
const PATIENCE_MS = 2_500;

/**
 * What a name lacks, for triage: is the principal an administrator, does the target exist and since when, whose key it is, from which countries.
 * All reads in parallel, each from the cache while it is fresh; never throws: each failure is one line in `failed`. `facts`: `keyOwners` (key id → user), `networks` (address → kind), `bucketPublic`.
 */
export async function lookUp(ctx: Pick<AwsContext, 'access'>, { principal, alerts }: { principal: Principal; alerts: Alert[] }): Promise<LookedUp> {
  const failed: LookedUp['failed'] = [];
  const cache = cacheOf(ctx.access);
  alerts.flatMap(changedIdentities).forEach((change) => cache.changed(change));
  const attempt = async <T>(what: string, read: () => Promise<T>, whenGone: T | null = null): Promise<T | null> => {
    try {
      return await within(read(), PATIENCE_MS, noAnswer(PATIENCE_MS));
    } catch (error) {
      const code = codeOf(toFailure(error, classifyAws)) ?? 'UNEXPECTED';
      if (code === 'NOT_FOUND' && whenGone !== null) return whenGone;
      failed.push({ what, error: code });
      return null;
    }
  };
  const facts: JsonObject = {};
  // The latest alert with a target is the one that triage is about to judge.
  const alert = [...alerts].sort((a, b) => (a.time < b.time ? 1 : -1)).find((one) => one.target !== null) ?? null;
  const keys = [...new Set(alerts.flatMap((one) => (one.session?.accessKeyId?.startsWith('AKIA') ? [one.session.accessKeyId] : [])))].slice(0, 3);
  const [principalIsAdmin, seen, sessions] = await Promise.all([
    attempt(`rights of ${principal.name}`, () => rightsOf(ctx, principal, alerts)),
    alert ? attempt(`target ${alert.target!.kind} ${alert.target!.id}`.slice(0, 200), () => knownTarget(ctx, alert), { target: GONE, facts: {} }) : null,
    attempt('who opened the session', () => sessionOrigins(ctx, principal, alerts)),
    ...keys.map((key) => attempt(`owner of ${key}`, async () => {
      const owner = await ownerOf(ctx, principal.account, key);
      facts.keyOwners = { ...((facts.keyOwners as JsonObject | undefined) ?? {}), [key]: owner };
    })),
  ]);
  const addresses = [...new Set(alerts.flatMap((one) => [...(one.sourceIp ? [one.sourceIp] : []), ...one.addresses]))].slice(0, 50);
  const countries: LookedUp['countries'] = {};
  const networks: JsonObject = {};
  for (const ip of addresses) {
    const country = countryOf(ip);
    if (country) countries[ip] = country;
    networks[ip] = networkOf(ip);
  }
  const target = seen?.target ?? null;
  facts.keyOwners = { ...((seen?.facts.keyOwners as JsonObject | undefined) ?? {}), ...((facts.keyOwners as JsonObject | undefined) ?? {}) };
  if (Object.keys(facts.keyOwners).length === 0) delete facts.keyOwners;
  const origins = [...(sessions ?? []), ...keyOwners(principal, alerts, facts.keyOwners)];
  return { principalIsAdmin, target, countries, facts: { ...seen?.facts, ...facts, networks }, ...(origins.length > 0 ? { origins } : {}), failed };
}

/** What CloudTrail shows by now; it lags by minutes, so the investigation follows the chain again. */
async function sessionOrigins(ctx: Pick<AwsContext, 'access'>, principal: Principal, alerts: readonly Alert[]): Promise<SessionOrigin[]> {
  const incident = incidentIdOf(principal);
  if (!alerts.some((alert) => mayHaveOrigin(alert, incident))) return [];
  const looker = createLooker(ctx.access);
  const configured = ctx.access.config.accounts.map((one) => one.id);
  // A chain that does not yet reach who began it may reach them in a minute.
  const follow: typeof followChain = (_looker, start) =>
    cacheOf(ctx.access).get({ kind: 'session-opener', account: start.account, subject: start.key }, () => followChain(looker, start, [], configured), (links) => 'principal' in endOf(links, configured));
  const { origins } = await originsOf(looker, { incident, alerts }, [], configured, follow);
  return origins;
}

/** An event that names a key and nobody: IAM says whose key it is. */
function keyOwners(principal: Principal, alerts: readonly Alert[], owners: Json | undefined): SessionOrigin[] {
  const known = (owners ?? {}) as JsonObject;
  const nameless = alerts.filter((alert) => alert.principal === null && typeof known[alert.session?.accessKeyId ?? ''] === 'string');
  return nameless.map((alert) => {
    const name = known[alert.session!.accessKeyId!] as string;
    const { account } = principal;
    return { alerts: [alert.id], principal: { provider: 'aws', account, kind: 'user', id: `arn:aws:iam::${account}:user/${name}`, name }, roles: [], how: `key ${alert.session!.accessKeyId} belongs to ${name} (IAM GetAccessKeyLastUsed)` };
  });
}

const ownerOf = (ctx: Pick<AwsContext, 'access'>, account: string, key: string): Promise<string | null> =>
  cacheOf(ctx.access).get({ kind: 'key-owner', account, subject: key }, async () => (await ctx.access.clients(account).iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key }))).UserName ?? null);

/** Null = cannot be said. */
async function rightsOf(ctx: Pick<AwsContext, 'access'>, principal: Principal, alerts: readonly Alert[]): Promise<boolean | null> {
  if (principal.kind === 'root') return true;
  const arn = principal.kind === 'user' || principal.id.includes(':role/') ? principal.id : alerts.find((one) => one.session?.roleArn)?.session?.roleArn;
  return arn ? isAdmin(ctx, principal.account, principal.kind === 'user' ? 'user' : 'role', arn.split('/').pop()!) : null;
}

const isAdmin = (ctx: Pick<AwsContext, 'access'>, account: string, kind: 'user' | 'role', name: string): Promise<boolean> =>
  cacheOf(ctx.access).get({ kind: 'rights', account, subject: name, more: kind }, () => hasAdminRights(ctx.access.clients(account).iam, kind, name));

/** Whether it is there, and what else is known of it. */
interface Seen {
  target: Target | null;
  facts: JsonObject;
}

function knownTarget(ctx: Pick<AwsContext, 'access'>, alert: Alert): Promise<Seen> {
  const { kind, id, account } = alert.target!;
  // What is not there may only not be there yet.
  return cacheOf(ctx.access).get({ kind: 'target', account: account ?? alert.account, subject: id.split('/').pop()!, more: `${kind} ${id} ${alert.region ?? ''}` }, async () => {
    const facts: JsonObject = {};
    return { target: await targetOf(ctx, alert, facts), facts };
  }, ({ target }) => target?.exists === true);
}

async function targetOf(ctx: Pick<AwsContext, 'access'>, alert: Alert, facts: JsonObject): Promise<Target | null> {
  const { kind, id, account } = alert.target!;
  const where = account ?? alert.account;
  const { iam } = ctx.access.clients(where);
  const regional = ctx.access.clients(where, alert.region);
  const name = id.split('/').pop()!;
  const there = (createdAt: Date | undefined, isAdmin: boolean | null = null): Target => ({ exists: true, createdAt: createdAt?.toISOString() ?? null, isAdmin });
  switch (kind) {
    case 'user': {
      const [user, admin] = await Promise.all([iam.send(new GetUserCommand({ UserName: name })), isAdmin(ctx, where, 'user', name)]);
      return there(user.User?.CreateDate, admin);
    }
    case 'role': {
      const [role, admin] = await Promise.all([iam.send(new GetRoleCommand({ RoleName: name })), isAdmin(ctx, where, 'role', name)]);
      return there(role.Role?.CreateDate, admin);
    }
    case 'group':
      return there((await iam.send(new GetGroupCommand({ GroupName: name, MaxItems: 1 }))).Group?.CreateDate);
    case 'policy': {
      if (!id.startsWith('arn:')) return null;
      const [policy, admin] = await Promise.all([iam.send(new GetPolicyCommand({ PolicyArn: id })), policyIsAdmin(iam, id)]);
      return there(policy.Policy?.CreateDate, admin);
    }
    case 'access-key': {
      facts.keyOwners = { [name]: await ownerOf(ctx, where, name) };
      return there(undefined);
    }
    case 'bucket': {
      const bucket = id.split(':').pop()!;
      const [, status] = await Promise.all([regional.s3.send(new HeadBucketCommand({ Bucket: bucket })), bucketStatus(regional.s3, bucket)]);
      facts.bucketPublic = status;
      return there(undefined);
    }
    case 'instance': {
      const instance = (await regional.ec2.send(new DescribeInstancesCommand({ InstanceIds: [name] }))).Reservations?.[0]?.Instances?.[0];
      return instance ? there(instance.LaunchTime) : GONE;
    }
    case 'security-group':
      await regional.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [name] }));
      return there(undefined);
    case 'function':
      await regional.lambda.send(new GetFunctionCommand({ FunctionName: id }));
      return there(undefined);
    case 'trail':
      await regional.cloudtrail.send(new GetTrailCommand({ Name: id }));
      return there(undefined);
    default:
      return null;
  }
}

/** A bucket without a policy is not public by policy. */
async function bucketStatus(s3: ReturnType<AwsContext['access']['clients']>['s3'], bucket: string): Promise<boolean | null> {
  try {
    return (await s3.send(new GetBucketPolicyStatusCommand({ Bucket: bucket }))).PolicyStatus?.IsPublic ?? null;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchBucketPolicy') return false;
    throw error;
  }
}
