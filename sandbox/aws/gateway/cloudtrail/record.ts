import { randomUUID } from 'node:crypto';
import { entityOf, principalArn, type Caller } from '../auth/decide';
import type { Credential, Identity } from '../auth/credentials';
import type { Estate } from '../auth/estate';
import type { Call } from '../protocol/request';
import type { Json } from '../protocol/shapes';
import { eventNameOf, isDataEvent, isReadOnly, resourcesOf } from './names';
import { requestParameters, responseElements } from './shape';

/** A CloudTrail record, as delivered (CloudTrail User Guide, "CloudTrail record contents"). */
export interface TrailRecord extends Json {
  eventVersion: string;
  userIdentity: Json;
  eventTime: string;
  eventSource: string;
  eventName: string;
  awsRegion: string;
  sourceIPAddress: string;
  userAgent: string;
  errorCode?: string;
  errorMessage?: string;
  requestParameters: Json | null;
  responseElements: Json | null;
  requestID?: string;
  eventID: string;
  readOnly: boolean;
  eventType: string;
  managementEvent: boolean;
  recipientAccountId: string;
  eventCategory: string;
}

export interface Recorded {
  record: TrailRecord;
  /** Milliseconds of the call. */
  at: number;
  account: string;
  region: string;
  resources: { ResourceType: string; ResourceName: string }[];
}

export interface Outcome {
  output: Json;
  fault: { code: string; message: string } | null;
  requestId: string;
  at: number;
}

/** What one call leaves: nothing for data events, one record for the caller's account, and a second one for the other account of a cross-account AssumeRole. */
export function recordsOf(call: Call, caller: Caller, outcome: Outcome, estate: Estate): Recorded[] {
  const { service, operation } = call;
  if (isDataEvent(service.name, operation.name) || !caller.identity) return [];
  const readOnly = isReadOnly(service.name, operation.name);
  const region = service.global ? 'us-east-1' : call.region;
  const base: TrailRecord = {
    eventVersion: '1.11',
    userIdentity: userIdentity(caller.identity, caller.credential, estate),
    eventTime: new Date(outcome.at).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    eventSource: service.source,
    eventName: eventNameOf(call),
    awsRegion: region,
    sourceIPAddress: caller.sourceIp,
    userAgent: caller.userAgent,
    ...(outcome.fault ? { errorCode: errorCode(service.name, outcome.fault.code), errorMessage: outcome.fault.message } : {}),
    requestParameters: requestParameters(call),
    responseElements: outcome.fault || (readOnly && service.name !== 'sts') ? null : responseElements(call, outcome.output),
    requestID: outcome.requestId,
    eventID: randomUUID(),
    readOnly,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: caller.account,
    eventCategory: 'Management',
    tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256', clientProvidedHostHeader: service.global ? service.source : `${service.name}.${call.region}.amazonaws.com` },
  };
  const resources = resourcesOf(call, outcome.output);
  const owner = otherAccount(call, caller, estate);
  if (!owner) return [{ record: base, at: outcome.at, account: caller.account, region, resources }];
  const sharedEventID = randomUUID();
  const { identity } = caller;
  const seen: TrailRecord = {
    ...base,
    sharedEventID,
    eventID: randomUUID(),
    recipientAccountId: owner,
    userIdentity: { type: 'AWSAccount', principalId: principalId(identity), accountId: identity.account },
  };
  return [
    { record: { ...base, sharedEventID }, at: outcome.at, account: caller.account, region, resources },
    { record: seen, at: outcome.at, account: owner, region, resources },
  ];
}

/** The resource's owner, when it is another account and gets its own copy of the record. */
function otherAccount(call: Call, caller: Caller, estate: Estate): string | null {
  const owner = call.service.name === 'sts' && typeof call.input.RoleArn === 'string' ? (/^arn:aws:iam::(\d{12}):/.exec(call.input.RoleArn)?.[1] ?? null) : call.service.name === 's3' ? (estate.buckets.get(String(call.input.Bucket))?.account ?? null) : null;
  return owner && owner !== caller.account && estate.known(owner) ? owner : null;
}

/** IAM's error codes carry `Exception` in records, EC2's a `Client.` prefix; denials are `AccessDenied` but for EC2's own word. */
function errorCode(service: string, code: string): string {
  if (service === 'ec2') return `Client.${code}`;
  if (/^AccessDenied/.test(code)) return 'AccessDenied';
  if (service === 'iam' && !/Exception$/.test(code) && !/^(Throttling|ValidationError|Invalid)/.test(code)) return `${code}Exception`;
  return code;
}

const principalId = (identity: Identity): string => (identity.kind === 'user' ? identity.id : identity.kind === 'role' ? `${identity.id}:${identity.session}` : identity.account);

/** CloudTrail User Guide, "userIdentity element". */
export function userIdentity(identity: Identity, credential: Pick<Credential, 'accessKeyId' | 'issuedAt' | 'mfa'> | null, estate: Estate): Json {
  const session = credential?.issuedAt == null ? null : { attributes: { creationDate: new Date(credential.issuedAt).toISOString().replace(/\.\d{3}Z$/, 'Z'), mfaAuthenticated: String(credential.mfa) } };
  const common = { principalId: principalId(identity), arn: principalArn(estate, identity), accountId: identity.account, ...(credential?.accessKeyId ? { accessKeyId: credential.accessKeyId } : {}) };
  switch (identity.kind) {
    case 'user':
      return { type: 'IAMUser', ...common, userName: identity.name, ...(session ? { sessionContext: session } : {}) };
    case 'role': {
      const role = entityOf(estate, identity);
      const issuer = { type: 'Role', principalId: identity.id, arn: role?.arn ?? `arn:aws:iam::${identity.account}:role/${identity.role}`, accountId: identity.account, userName: identity.role };
      return { type: 'AssumedRole', ...common, sessionContext: { sessionIssuer: issuer, ...session } };
    }
    case 'assumed-root':
      return { type: 'AssumedRoot', ...common, sessionContext: { sessionIssuer: {}, assumedRoot: 'true', ...session } };
    default:
      return { type: 'Root', ...common, ...(session ? { sessionContext: session } : {}) };
  }
}
