import { createHash } from 'node:crypto';
import { fail } from '../../activities/boundary';
import type { AwsAccess, AwsClients } from '../../activities/aws/clients';
import { defaultNames, type AwsConfig } from '../../activities/aws/config';
import type { EvidenceSink } from '../../activities/evidence/sink';
import type { JsonObject } from '../../playbook/json';
import type { Alert } from '../../playbook/model/alert';
import type { Finding } from '../../playbook/model/finding';
import type { Principal } from '../../playbook/model/principal';

export const account = '111111111111';
export const principal: Principal = { provider: 'aws', account, kind: 'user', id: `arn:aws:iam::${account}:user/dana`, name: 'dana' };
export const attackerIp = '185.220.101.34';
export const officeIp = '198.51.100.7';

/** Keeps in memory what would go to the evidence store. */
export function memorySink(): EvidenceSink & { kept: string[] } {
  const kept: string[] = [];
  return {
    kept,
    keep: async (_caseKey, kind, content) => {
      const text = JSON.stringify(content);
      kept.push(text);
      const sha256 = createHash('sha256').update(text).digest('hex');
      return { key: `raw/${kind}/${sha256}`, sha256, bytes: text.length };
    },
    read: async () => new Uint8Array(),
    record: async () => undefined,
  };
}

export function alertOf(over: Partial<Alert> = {}): Alert {
  return {
    id: 'alr-000000000000000000000001', source: 'cloudtrail', provider: 'aws', account, region: 'us-east-1', time: '2026-11-20T12:00:00.000Z', receivedAt: '2026-11-20T12:01:00.000Z', event: 'CreateUser',
    service: 'iam.amazonaws.com', outcome: 'success', errorCode: null, dryRun: false, principal, session: { accessKeyId: 'AKIASTOLEN0000000001', name: null, issuedAt: null, mfa: 'no', roleArn: null },
    sourceIp: attackerIp, userAgent: 'python-requests/2.32.3', channel: 'api', target: { kind: 'user', id: 'mallory', account }, addresses: [attackerIp], facts: {}, raw: null, ...over,
  };
}

export function findingOf(over: Partial<Finding> = {}): Finding {
  return { check: '1.3.6-identities', state: 'found', summary: 'something', error: null, artifacts: [], facts: {}, evidence: [], ...over };
}

let count = 0;
/** A CloudTrail record as AWS writes them (CloudTrail User Guide: record contents); `by` is the user and key. */
export function recordJson(eventName: string, over: JsonObject & { by?: { user?: string; key?: string; role?: string; session?: string; root?: boolean }; ip?: string; at?: string } = {}): JsonObject {
  const { by = { user: 'dana', key: 'AKIASTOLEN0000000001' }, ip = attackerIp, at = '2026-11-20T12:00:00Z', ...rest } = over as JsonObject & { by?: { user?: string; key?: string; role?: string; session?: string; root?: boolean }; ip?: string; at?: string };
  count += 1;
  const identity: JsonObject = by.root
    ? { type: 'Root', principalId: account, arn: `arn:aws:iam::${account}:root`, accountId: account, ...(by.key ? { accessKeyId: by.key } : {}) }
    : by.role
      ? {
          type: 'AssumedRole', principalId: `AROAEXAMPLE:${by.session}`, arn: `arn:aws:sts::${account}:assumed-role/${by.role}/${by.session}`, accountId: account, accessKeyId: by.key ?? null,
          sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${account}:role/${by.role}`, userName: by.role, accountId: account }, attributes: { creationDate: '2026-11-20T11:59:00Z', mfaAuthenticated: 'false' } },
        }
      : { type: 'IAMUser', principalId: 'AIDAEXAMPLE', arn: `arn:aws:iam::${account}:user/${by.user}`, accountId: account, accessKeyId: by.key ?? null, userName: by.user ?? null };
  return {
    eventVersion: '1.11', userIdentity: identity, eventTime: at, eventSource: 'iam.amazonaws.com', eventName, awsRegion: 'us-east-1', sourceIPAddress: ip, userAgent: 'python-requests/2.32.3', requestParameters: null,
    responseElements: null, eventID: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`, readOnly: false, eventType: 'AwsApiCall', managementEvent: true, recipientAccountId: account, eventCategory: 'Management', ...rest,
  };
}

export interface FakeCall {
  account: string;
  region: string | null;
  service: string;
  command: string;
  input: Record<string, unknown>;
}

/** Clients whose `send` is the given function: what is not answered is NoSuchEntity. */
export function fakeAccess(answer: (call: FakeCall) => unknown, over: Partial<AwsConfig> = {}): AwsAccess & { calls: FakeCall[] } {
  const calls: FakeCall[] = [];
  const config: AwsConfig = {
    accounts: [{ id: account, name: 'one', roleArn: `arn:aws:iam::${account}:role/tourniquet-responder`, externalId: null, regions: ['us-east-1', 'eu-west-1'], management: false }],
    endpoint: null, globalRegion: 'us-east-1', protected: [], names: defaultNames, billing: { monthlyBudgetUsd: 1, email: 'x@example.com' }, trailBucket: null, ...over,
  };
  const known = (id: string): AwsConfig['accounts'][number] => {
    const found = config.accounts.find((one) => one.id === id);
    if (!found) throw fail('INVALID_CONFIG', `account ${id} is not configured`);
    return found;
  };
  const clients = (id: string, region: string | null = null): AwsClients => {
    known(id);
    return new Proxy({}, { get: (_target, service: string) => ({
      // The SDK's paginators want a client of their own class.
      send: async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
        const call = { account: id, region, service, command: command.constructor.name.replace(/Command$/, ''), input: command.input };
        calls.push(call);
        const found = await answer(call);
        if (found instanceof Error) throw found;
        if (found === undefined) throw awsError('NoSuchEntityException');
        return found;
      },
    }) }) as unknown as AwsClients;
  };
  return { calls, config, clients, management: () => null, regions: (id) => known(id).regions };
}

export const awsError = (name: string, status = 400): Error => Object.assign(new Error(`${name} for the test`), { name, $metadata: { httpStatusCode: status } });

/** LookupEvents over these records, by the attributes that CloudTrail knows; resources are the texts among the request's members. */
export function lookUpIn(records: readonly JsonObject[], input: Record<string, unknown>, region: string | null): object {
  const [{ AttributeKey: key, AttributeValue: value }] = input.LookupAttributes as [{ AttributeKey: string; AttributeValue: string }];
  const from = (input.StartTime as Date).getTime();
  const to = (input.EndTime as Date).getTime();
  const matches = (record: JsonObject): boolean => {
    const identity = record.userIdentity as JsonObject;
    const at = Date.parse(String(record.eventTime));
    if (record.awsRegion !== (region ?? 'us-east-1') || at < from || at > to) return false;
    if (key === 'EventName') return record.eventName === value;
    if (key === 'AccessKeyId') return identity.accessKeyId === value;
    if (key === 'ResourceName') return Object.values((record.requestParameters ?? {}) as JsonObject).includes(value);
    const user = identity.type === 'Root' ? 'root' : identity.type === 'AssumedRole' ? String(identity.principalId).split(':')[1] : identity.userName;
    return key === 'Username' && user === value;
  };
  return { Events: records.filter(matches).map((record) => ({ CloudTrailEvent: JSON.stringify(record) })).reverse() };
}
