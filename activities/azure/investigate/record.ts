import type { DirectoryAudit, SignIn } from '@microsoft/microsoft-graph-types';
import type { EventData } from '@azure/arm-monitor';
import type { Json, JsonObject } from '../../../playbook/json';
import { objectOf } from '../../../playbook/triage/reading';
import { plain } from '../../check';

const OID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
const UPN = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn';
const METHODS = 'http://schemas.microsoft.com/claims/authnmethodsreferences';

export interface Actor {
  kind: 'user' | 'service-principal' | 'unknown';
  /** Object id in lower case; empty when the record has none. */
  id: string;
  /** UPN or name. */
  name: string;
}

/** What a directory audit record says it acted on. */
export interface Named {
  id: string;
  name: string;
  /** `user`, `serviceprincipal`, `application`, `group`, … in lower case. */
  type: string;
}

/** One line of the sign-in log, the directory audit or the Activity Log. */
export interface LogRecord {
  log: 'sign-in' | 'directory' | 'activity';
  id: string;
  /** ISO. */
  time: string;
  tenant: string;
  region: string | null;
  /** `Sign-in activity`, the audit's `activityDisplayName`, or the ARM operation. */
  event: string;
  actor: Actor;
  ip: string | null;
  /** Program or agent, as the log names it. */
  agent: string;
  succeeded: boolean;
  mfa: 'yes' | 'no' | 'unknown';
  /** Directory audit. */
  targets: Named[];
  changes: { name: string; before: string; after: string }[];
  /** Activity Log. */
  resource: string;
  request: JsonObject;
  /** The log shows that the resource was not there before. */
  made: boolean;
  raw: Json;
}

const EMPTY = { targets: [], changes: [], resource: '', request: {}, made: false, region: null } satisfies Partial<LogRecord>;
const lower = (value: string | null | undefined): string => (value ?? '').toLowerCase();

/**
 * A Graph v1.0 `signIn`. It has no MFA detail of its own: that is read from `status.additionalDetails` ("MFA requirement satisfied by claim in the token", …) and from the
 * Conditional Access policies that were enforced. Source: Microsoft Graph v1.0, signIn resource.
 */
export function fromSignIn(tenant: string, signIn: SignIn): LogRecord {
  const additional = signIn.status?.additionalDetails ?? '';
  const enforced = (signIn.appliedConditionalAccessPolicies ?? []).filter((one) => (one.enforcedGrantControls ?? []).some((control) => /mfa/i.test(control)));
  const passed = /^MFA (requirement satisfied|completed)/i.test(additional) || enforced.some((one) => one.result === 'success');
  const asked = enforced.length > 0 || /MFA/i.test(additional);
  return {
    ...EMPTY, log: 'sign-in', id: signIn.id ?? '', time: isoOf(signIn.createdDateTime), tenant, event: 'Sign-in activity', actor: { kind: 'user', id: lower(signIn.userId), name: signIn.userPrincipalName ?? '' },
    ip: signIn.ipAddress || null, agent: [signIn.appDisplayName, signIn.clientAppUsed, signIn.deviceDetail?.browser || signIn.deviceDetail?.operatingSystem].filter(Boolean).join(' / '), succeeded: (signIn.status?.errorCode ?? 0) === 0,
    mfa: passed ? 'yes' : !asked && signIn.conditionalAccessStatus === 'notApplied' ? 'no' : 'unknown', raw: plain(signIn),
  };
}

/** A Graph v1.0 `directoryAudit`. Records of applications have no address. Source: Microsoft Graph v1.0, directoryAudit resource. */
export function fromAudit(tenant: string, audit: DirectoryAudit): LogRecord {
  const { user, app } = audit.initiatedBy ?? {};
  const actor: Actor = user?.id ? { kind: 'user', id: user.id.toLowerCase(), name: user.userPrincipalName ?? '' } : app ? { kind: 'service-principal', id: lower(app.servicePrincipalId), name: app.displayName ?? '' } : { kind: 'unknown', id: '', name: '' };
  const targets = audit.targetResources ?? [];
  return {
    ...EMPTY, log: 'directory', id: audit.id ?? '', time: isoOf(audit.activityDateTime), tenant, event: audit.activityDisplayName ?? '', actor, ip: user?.ipAddress || null,
    agent: audit.additionalDetails?.find((one) => one.key === 'User-Agent')?.value ?? '', succeeded: audit.result === 'success', mfa: 'unknown',
    targets: targets.map((one) => ({ id: lower(one.id), name: one.userPrincipalName || one.displayName || '', type: lower(one.type) })),
    changes: targets.flatMap((one) => one.modifiedProperties ?? []).map((one) => ({ name: one.displayName ?? '', before: one.oldValue ?? '', after: one.newValue ?? '' })), raw: plain(audit),
  };
}

/** One Activity Log event. Source: Azure Monitor, Activity log event schema. */
export function fromActivity(tenant: string, event: EventData): LogRecord {
  const claims = (event.claims ?? {}) as Record<string, string>;
  const upn = claims[UPN] ?? (event.caller?.includes('@') ? event.caller : '');
  const properties = (event.properties ?? {}) as Record<string, string>;
  const status = lower(event.status?.value);
  return {
    ...EMPTY, log: 'activity', id: event.eventDataId ?? event.id ?? '', time: event.eventTimestamp?.toISOString() ?? '', tenant, event: event.operationName?.value ?? '',
    actor: { kind: upn ? 'user' : claims[OID] || event.caller ? 'service-principal' : 'unknown', id: lower(claims[OID] ?? (upn ? '' : event.caller)), name: upn || (event.caller ?? '') },
    ip: event.httpRequest?.clientIpAddress ?? claims.ipaddr ?? null, agent: '', succeeded: !status.startsWith('fail'), mfa: (claims[METHODS] ?? '').includes('mfa') ? 'yes' : claims[METHODS] ? 'no' : 'unknown',
    resource: event.resourceId ?? '', request: parsed(properties.requestbody ?? properties.requestBody), made: /created|^201$/i.test(`${event.subStatus?.value ?? ''}`) || /^(created|201)$/i.test(properties.statusCode ?? ''),
    raw: plain(event),
  };
}

/** The log writes one operation several times (Started, Accepted, Succeeded), each with a part of what there is to know: one record of all, failed when one says so. */
export function joinedOperations(events: readonly EventData[], tenant: string): LogRecord[] {
  const byOperation = new Map<string, LogRecord>();
  for (const event of events) {
    const record = fromActivity(tenant, event);
    const key = `${event.correlationId ?? record.id}|${record.event.toLowerCase()}|${record.resource.toLowerCase()}`;
    const known = byOperation.get(key);
    byOperation.set(key, known ? { ...known, time: known.time < record.time ? known.time : record.time, ip: known.ip ?? record.ip, succeeded: known.succeeded && record.succeeded, made: known.made || record.made, request: Object.keys(known.request).length > 0 ? known.request : record.request } : record);
  }
  return [...byOperation.values()];
}

function isoOf(value: string | null | undefined): string {
  const at = Date.parse(value ?? '');
  return Number.isFinite(at) ? new Date(at).toISOString() : '';
}

function parsed(body: unknown): JsonObject {
  if (typeof body !== 'string' || body.length > 200_000) return objectOf(body as Json);
  try {
    return objectOf(JSON.parse(body) as Json);
  } catch {
    return {};
  }
}
