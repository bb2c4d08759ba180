import type { Alert, Session } from '../playbook/model/alert';
import type { JsonObject } from '../playbook/json';
import type { Principal } from '../playbook/model/principal';
import { alertId, boundedCopy, FieldProblem, ipOf, isMembers, isoTime, join, membersOf, rejecting, text, type Members } from './fields';
import { identify } from './identity';
import type { ParseOptions, ParseResult, Source } from './source';

/** Findings arrive in camelCase (EventBridge) or PascalCase (`aws guardduty get-findings`): one reader for both. */
export function pick(members: Members, name: string): unknown {
  return members[name] ?? members[name.charAt(0).toUpperCase() + name.slice(1)];
}

function need(members: Members, name: string, path: string): string {
  const value = pick(members, name);
  if (typeof value === 'string' && value !== '' && value.length <= 2048) return value;
  throw new FieldProblem(join(path, name), value === undefined || value === null || value === '' ? 'is missing' : 'must be text of at most 2048 characters');
}

/** GuardDuty findings: EventBridge envelope, bare finding, or the `Findings` of GetFindings. Source: GuardDuty user guide, finding details; API reference, Finding. */
export const guardduty: Source = {
  id: 'guardduty',
  recognises(payload) {
    if (!isMembers(payload)) return false;
    if (payload['detail-type'] !== undefined) return payload['source'] === 'aws.guardduty';
    const service = membersOf(pick(payload, 'service'));
    return typeof pick(payload, 'type') === 'string' && (pick(payload, 'severity') !== undefined) && (pick(service, 'serviceName') === 'guardduty' || pick(service, 'detectorId') !== undefined || isMembers(pick(payload, 'resource')));
  },
  parse(payload, options = {}): ParseResult {
    if (Array.isArray(payload)) return payload.map((finding: unknown, index) => one(finding, `[${index}]`, options));
    if (isMembers(payload)) {
      const list = pick(payload, 'findings');
      if (Array.isArray(list)) return list.map((finding: unknown, index) => one(finding, `Findings[${index}]`, options));
      if (payload['detail-type'] !== undefined || payload['detail'] !== undefined) return [one(payload['detail'], 'detail', options)];
    }
    return [one(payload, '', options)];
  },
};

function one(finding: unknown, path: string, options: ParseOptions): ParseResult[number] {
  const result = rejecting(() => {
    if (!isMembers(finding)) throw new FieldProblem(path || '(finding)', finding === undefined ? 'is missing' : 'must be an object');
    return alertOf(finding, path, options);
  });
  return 'value' in result ? { alert: result.value } : result;
}

function alertOf(finding: Members, path: string, options: ParseOptions): Alert {
  const type = need(finding, 'type', path);
  const account = need(finding, 'accountId', path);
  if (!/^\d{12}$/.test(account)) throw new FieldProblem(join(path, 'accountId'), 'must be 12 digits');
  const severity = pick(finding, 'severity');
  if (typeof severity !== 'number' || !(severity >= 0 && severity <= 10)) throw new FieldProblem(join(path, 'severity'), severity === undefined ? 'is missing' : 'must be a number from 0 to 10');
  const id = need(finding, 'id', path);
  const service = membersOf(pick(finding, 'service'));
  const resource = membersOf(pick(finding, 'resource'));
  const seen = text(pick(service, 'eventLastSeen')) || text(pick(finding, 'updatedAt')) || text(pick(finding, 'createdAt')) || (options.fragmentsAt ?? '');
  if (seen === '') throw new FieldProblem(join(path, 'updatedAt'), 'is missing');
  const time = isoTime(seen, join(path, text(pick(service, 'eventLastSeen')) ? 'service.eventLastSeen' : 'updatedAt'));
  const action = membersOf(pick(service, 'action'));
  const addresses = addressesOf(action, service);
  const { principal, session } = actorOf(resource, service, account, need(finding, 'arn', path).split(':')[1] ?? 'aws');
  const instance = membersOf(pick(resource, 'instanceDetails'));
  const additional = membersOf(pick(service, 'additionalInfo'));
  const facts: JsonObject = {
    severity, findingId: id, title: text(pick(finding, 'title')).slice(0, 512), resourceType: text(pick(resource, 'resourceType')).slice(0, 128), archived: pick(service, 'archived') === true,
    sample: pick(additional, 'sample') === true, count: typeof pick(service, 'count') === 'number' ? (pick(service, 'count') as number) : 1, action: boundedCopy(action, 200, 8_000).copy,
    techniques: techniquesOf(service),
  };
  const instanceId = text(pick(instance, 'instanceId'));
  const profile = text(pick(membersOf(pick(instance, 'iamInstanceProfile')), 'arn'));
  if (profile) facts['instanceProfile'] = profile.slice(0, 2048);
  return {
    // An update of a finding is a new alert that joins; the same update twice is one.
    id: alertId(['guardduty', account, id, text(pick(finding, 'updatedAt')), String(facts['count'])]), source: 'guardduty', provider: 'aws', account, region: text(pick(finding, 'region')) || null, time, receivedAt: null,
    event: type, service: 'guardduty', outcome: 'success', errorCode: null, dryRun: false, principal, session, sourceIp: addresses[0] ?? null,
    userAgent: text(pick(membersOf(pick(action, 'awsApiCallAction')), 'userAgent')).slice(0, 1024) || null, channel: 'unknown', target: targetOf(resource, instanceId, account), addresses, facts, raw: null,
  };
}

function addressesOf(action: Members, service: Members): string[] {
  const found = new Set<string>();
  const add = (holder: unknown): void => {
    const ip = ipOf(pick(membersOf(pick(membersOf(holder), 'remoteIpDetails')), 'ipAddressV4')) ?? ipOf(pick(membersOf(pick(membersOf(holder), 'remoteIpDetails')), 'ipAddressV6'));
    if (ip) found.add(ip);
  };
  for (const name of ['awsApiCallAction', 'networkConnectionAction', 'kubernetesApiCallAction', 'rdsLoginAttemptAction']) add(pick(action, name));
  const probes = pick(membersOf(pick(action, 'portProbeAction')), 'portProbeDetails');
  if (Array.isArray(probes)) for (const probe of probes.slice(0, 50)) add(probe);
  const endpoints = pick(sequenceOf(service), 'endpoints');
  if (Array.isArray(endpoints)) for (const endpoint of endpoints.slice(0, 50)) {
    const ip = ipOf(pick(membersOf(endpoint), 'ip'));
    if (ip) found.add(ip);
  }
  return [...found].slice(0, 50);
}

const sequenceOf = (service: Members): Members => membersOf(pick(membersOf(pick(service, 'detection')), 'sequence'));

/** Attack sequences name their techniques in their indicators. */
function techniquesOf(service: Members): string[] {
  const indicators = pick(sequenceOf(service), 'sequenceIndicators');
  if (!Array.isArray(indicators)) return [];
  const attack = indicators.map(membersOf).find((indicator) => pick(indicator, 'key') === 'ATTACK_TECHNIQUE');
  const values = attack ? pick(attack, 'values') : [];
  return Array.isArray(values) ? [...new Set(values.map((value) => /T\d{4}(\.\d{3})?/.exec(text(value).slice(0, 200))?.[0]).filter((value) => value !== undefined))].slice(0, 20) : [];
}

/** A function acts as its role, which the finding names; an instance’s profile need not be called as its role is. */
function roleOfFunction(resource: Members, account: string): { principal: Principal; session: Session } | null {
  const arn = text(pick(membersOf(pick(resource, 'lambdaDetails')), 'role'));
  const { principal, session } = identify({ id: arn, provider: 'aws', account }, {});
  return principal?.kind === 'role' && session ? { principal, session } : null;
}

/** Who acted: the access key's owner (`resource.accessKeyDetails`), or the actor of an attack sequence, or a function’s role. Instances name no identity that acted. */
function actorOf(resource: Members, service: Members, account: string, partition: string): { principal: Principal | null; session: Session | null } {
  const key = membersOf(pick(resource, 'accessKeyDetails'));
  let type = text(pick(key, 'userType'));
  let name = text(pick(key, 'userName')).slice(0, 1024);
  let principalId = text(pick(key, 'principalId'));
  let accessKeyId = text(pick(key, 'accessKeyId'));
  let owner = account;
  const actors = pick(sequenceOf(service), 'actors');
  if (type === '' && Array.isArray(actors)) {
    const user = membersOf(pick(membersOf(actors[0]), 'user'));
    type = text(pick(user, 'type'));
    name = text(pick(user, 'name')).slice(0, 1024);
    principalId = text(pick(user, 'uid'));
    accessKeyId = text(pick(user, 'credentialUid'));
    const uid = text(pick(membersOf(pick(user, 'account')), 'uid'));
    if (/^\d{12}$/.test(uid)) owner = uid;
  }
  if (type === '') return roleOfFunction(resource, account) ?? { principal: null, session: null };
  const colon = principalId.indexOf(':');
  const session: Session = { accessKeyId: accessKeyId || null, name: colon < 0 ? null : principalId.slice(colon + 1), issuedAt: null, mfa: 'unknown', roleArn: null };
  const who = (kind: Principal['kind'], id: string, called: string): { principal: Principal; session: Session } => ({ principal: { provider: 'aws', account: owner, kind, id, name: called }, session });
  switch (type) {
    case 'Root':
      return who('root', `arn:${partition}:iam::${owner}:root`, 'root');
    case 'IAMUser':
      return name ? who('user', `arn:${partition}:iam::${owner}:user/${name}`, name) : { principal: null, session };
    case 'AssumedRole':
    case 'Role':
      if (!name) return { principal: null, session };
      session.roleArn = `arn:${partition}:iam::${owner}:role/${name}`;
      // As in CloudTrail: an Identity Center session is the person's, so that both join.
      if (name.startsWith('AWSReservedSSO_') && session.name) return who('identity-center-user', `${owner}:sso:${session.name}`, session.name);
      return who('role', session.roleArn, name);
    case 'FederatedUser':
      return name ? who('federated-user', `arn:${partition}:sts::${owner}:federated-user/${name}`, name) : { principal: null, session };
    case 'AWSService':
      return name ? who('service', name, name) : { principal: null, session };
    default:
      return principalId ? who('unknown', `${owner}:${colon < 0 ? principalId : principalId.slice(0, colon)}`, name || principalId) : { principal: null, session };
  }
}

function targetOf(resource: Members, instanceId: string, account: string): Alert['target'] {
  if (instanceId) return { kind: 'instance', id: instanceId.slice(0, 256), account };
  const buckets = pick(resource, 's3BucketDetails');
  const bucket = Array.isArray(buckets) ? text(pick(membersOf(buckets[0]), 'name')) : '';
  if (bucket) return { kind: 'bucket', id: bucket.slice(0, 256), account };
  const fn = text(pick(membersOf(pick(resource, 'lambdaDetails')), 'functionArn'));
  if (fn) return { kind: 'function', id: fn.slice(0, 2048), account };
  const key = text(pick(membersOf(pick(resource, 'accessKeyDetails')), 'accessKeyId'));
  return key ? { kind: 'access-key', id: key.slice(0, 256), account } : null;
}
