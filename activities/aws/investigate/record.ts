import type { Json, JsonObject } from '../../../playbook/json';
import { policyDocument } from '../../../playbook/policy-diff';

/** The part of a CloudTrail record that the investigation reads (CloudTrail User Guide: “CloudTrail record contents”). Hostile text. */
export interface TrailRecord {
  eventID: string;
  /** ISO 8601 UTC. */
  eventTime: string;
  eventName: string;
  eventSource: string;
  awsRegion: string;
  sourceIPAddress: string;
  userAgent: string;
  errorCode: string | null;
  readOnly: boolean | null;
  eventType: string;
  /** The account whose trail has it. */
  account: string;
  /** The same event in the trail of the other account. */
  sharedEventID: string | null;
  fromConsole: boolean;
  identity: RecordIdentity;
  request: JsonObject;
  response: JsonObject;
  additional: JsonObject;
  /** As CloudTrail gave it: what is kept as evidence. */
  raw: JsonObject;
}

export interface RecordIdentity {
  type: string;
  arn: string | null;
  account: string | null;
  accessKeyId: string | null;
  userName: string | null;
  /** `…:session-name` for role sessions. */
  principalId: string | null;
  invokedBy: string | null;
  /** Of a SAML or web identity: who vouched for it. */
  provider: string | null;
  /** What whoever opened the first session of the chain said of themselves; kept by every later hop. */
  sourceIdentity: string | null;
  /** The role or user behind a temporary credential. */
  issuer: { type: string; arn: string; userName: string } | null;
  /** When the temporary credential was issued. */
  issuedAt: string | null;
  mfa: boolean | null;
}

/** Parses one record; tolerant of absent members, null when it is no record at all. `account` is the trail that it was read from. */
export function parseRecord(value: unknown, account: string): TrailRecord | null {
  const record = typeof value === 'string' ? fromText(value) : value;
  if (!isObject(record)) return null;
  const time = Date.parse(text(record, 'eventTime') ?? '');
  const name = text(record, 'eventName');
  const id = text(record, 'eventID');
  if (!name || !id || !Number.isFinite(time)) return null;
  return {
    eventID: id, eventTime: new Date(time).toISOString(), eventName: name, eventSource: text(record, 'eventSource') ?? '', awsRegion: text(record, 'awsRegion') ?? '',
    sourceIPAddress: text(record, 'sourceIPAddress') ?? '', userAgent: text(record, 'userAgent') ?? '', errorCode: text(record, 'errorCode'),
    readOnly: flag(record.readOnly), eventType: text(record, 'eventType') ?? '', account: text(record, 'recipientAccountId') ?? account,
    sharedEventID: text(record, 'sharedEventID'), fromConsole: flag(record.sessionCredentialFromConsole) === true || text(record, 'eventType') === 'AwsConsoleSignIn',
    identity: parseIdentity(object(record, 'userIdentity')), request: object(record, 'requestParameters'), response: object(record, 'responseElements'),
    additional: object(record, 'additionalEventData'), raw: record,
  };
}

function parseIdentity(identity: JsonObject): RecordIdentity {
  const context = object(identity, 'sessionContext');
  const attributes = object(context, 'attributes');
  const issuer = object(context, 'sessionIssuer');
  return {
    type: text(identity, 'type') ?? '', arn: text(identity, 'arn'), account: text(identity, 'accountId'), accessKeyId: text(identity, 'accessKeyId') || null,
    userName: text(identity, 'userName'), principalId: text(identity, 'principalId'), invokedBy: text(identity, 'invokedBy'),
    provider: text(identity, 'identityProvider'), sourceIdentity: text(context, 'sourceIdentity'),
    issuer: text(issuer, 'arn') ? { type: text(issuer, 'type') ?? '', arn: text(issuer, 'arn')!, userName: text(issuer, 'userName') ?? '' } : null,
    issuedAt: text(attributes, 'creationDate'), mfa: flag(attributes.mfaAuthenticated),
  };
}

/** Who acted, reduced to what identifies a credential; ARNs in lower case, as keys. */
export interface Actor {
  key: string | null;
  /** IAM user ARN. */
  user: string | null;
  /** Role ARN, when it is a role session. */
  role: string | null;
  session: string | null;
  /** Account id when it is root. */
  root: string | null;
}

export function actorOf({ identity }: TrailRecord): Actor {
  const none: Actor = { key: identity.accessKeyId, user: null, role: null, session: null, root: null };
  if (identity.type === 'Root') return { ...none, root: identity.account };
  if (identity.type === 'IAMUser') return { ...none, user: identity.arn?.toLowerCase() ?? null };
  if (identity.issuer?.type === 'Role' || identity.type === 'AssumedRole') {
    return { ...none, role: identity.issuer?.arn.toLowerCase() ?? null, session: sessionName(identity) };
  }
  // A federated user acts with the rights of the user or root that asked for the token.
  if (identity.issuer?.type === 'IAMUser') return { ...none, user: identity.issuer.arn.toLowerCase() };
  if (identity.issuer?.type === 'Root') return { ...none, root: identity.account };
  return none;
}

function sessionName(identity: RecordIdentity): string | null {
  const fromId = identity.principalId?.split(':').slice(1).join(':');
  return fromId || (identity.arn?.includes(':assumed-role/') ? (identity.arn.split('/').pop() ?? null) : null);
}

/** A member that is text, or null. */
export function text(from: JsonObject, key: string): string | null {
  const value = from[key];
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
}

/** A member that is an object, or an empty one; a JSON text is read. */
export function object(from: JsonObject, key: string): JsonObject {
  const value = from[key];
  if (isObject(value)) return value;
  return typeof value === 'string' && value.startsWith('{') ? (policyDocument(value) ?? {}) : {};
}

/** A member that is a policy document (object or text), or null. */
export function documentIn(from: JsonObject, ...keys: string[]): JsonObject | null {
  for (const key of keys) {
    const found = policyDocument(from[key]);
    if (found) return found;
  }
  return null;
}

/** A list as CloudTrail writes it: an array, or EC2's `{items: […]}`. */
export function items(from: JsonObject, key: string): JsonObject[] {
  const value = from[key];
  const list: Json | undefined = isObject(value) ? value.items : value;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function flag(value: Json | undefined): boolean | null {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : null;
}

function fromText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
