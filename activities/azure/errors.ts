import type { ApplicationFailure } from '@temporalio/common';
import { fail } from '../boundary';
import { isErrorCode, type ErrorCode } from '../../playbook/errors';

const byCode: Record<string, ErrorCode> = {
  Request_ResourceNotFound: 'NOT_FOUND', ResourceNotFound: 'NOT_FOUND', ResourceGroupNotFound: 'NOT_FOUND', SubscriptionNotFound: 'NOT_FOUND', NotFound: 'NOT_FOUND', notFound: 'NOT_FOUND', itemNotFound: 'NOT_FOUND',
  ContainerNotFound: 'NOT_FOUND', RoleAssignmentDoesNotExist: 'NOT_FOUND', RoleAssignmentNotFound: 'NOT_FOUND', ParentResourceNotFound: 'NOT_FOUND',
  Authorization_RequestDenied: 'ACCESS_DENIED', AuthorizationFailed: 'ACCESS_DENIED', LinkedAuthorizationFailed: 'ACCESS_DENIED', Forbidden: 'ACCESS_DENIED', accessDenied: 'ACCESS_DENIED', AccessDenied: 'ACCESS_DENIED',
  UnauthorizedAccess: 'ACCESS_DENIED', RequestDisallowedByPolicy: 'ACCESS_DENIED',
  InvalidAuthenticationToken: 'CREDENTIALS_INVALID', InvalidAuthenticationTokenTenant: 'CREDENTIALS_INVALID', ExpiredAuthenticationToken: 'CREDENTIALS_INVALID', AuthenticationFailed: 'CREDENTIALS_INVALID', Unauthorized: 'CREDENTIALS_INVALID',
  TooManyRequests: 'THROTTLED', activityLimitReached: 'THROTTLED', SubscriptionRequestsThrottled: 'THROTTLED', RateLimiting: 'THROTTLED', OperationPreempted: 'CONFLICT',
  Directory_ConcurrencyViolation: 'CONFLICT', Conflict: 'CONFLICT', AnotherOperationInProgress: 'CONFLICT', RetryableError: 'CONFLICT', PreconditionFailed: 'CONFLICT', OperationInProgress: 'CONFLICT', PendingRoleAssignmentRequest: 'CONFLICT',
  // A lock of Resource Manager; a retention or legal hold of Azure Storage, which names the containers.
  ScopeLocked: 'STILL_IN_USE', AccountProtectedFromDeletion: 'STILL_IN_USE', ContainerProtectedFromDeletion: 'STILL_IN_USE', ContainerImmutabilityPolicyLocked: 'STILL_IN_USE',
  Directory_QuotaExceeded: 'LIMIT_EXCEEDED', QuotaExceeded: 'LIMIT_EXCEEDED', SecurityRuleLimitExceeded: 'LIMIT_EXCEEDED', ServerFarmQuotaExceeded: 'LIMIT_EXCEEDED',
  AadPremiumLicenseRequired: 'NOT_SUPPORTED', Authentication_RequestFromNonPremiumTenantOrB2CTenant: 'NOT_SUPPORTED', InvalidSupportPlan: 'NOT_SUPPORTED', FeatureNotSupported: 'NOT_SUPPORTED',
  NotSupported: 'NOT_SUPPORTED', ReadOnlyDisabledSubscription: 'NOT_SUPPORTED',
};

interface Seen extends Error {
  statusCode?: number;
  code?: string | null;
  headers?: { get(name: string): string | null | undefined };
  response?: { headers?: { get(name: string): string | null | undefined } };
  errorResponse?: { error?: string; errorCodes?: number[] };
}

/** Classifies a Graph error, an ARM RestError or an identity error by its code, its HTTP status and its transport code (Graph: “error responses”; ARM: “troubleshoot common errors”). */
export function classifyAzure(error: unknown): ApplicationFailure | null {
  if (!(error instanceof Error)) return null;
  const seen = error as Seen;
  // Identity errors carry the request's trace ids and no secret; their first line says what is wrong.
  const text = `${seen.code || seen.name}: ${seen.message.split('\n')[0]}`.slice(0, 600);
  const failure = (code: ErrorCode): ApplicationFailure => fail(code, text, { cause: error, retryAfterMs: retryAfter(seen) });
  if (seen.code && isErrorCode(seen.code)) return fail(seen.code, seen.message, { cause: error });
  if (/^(Aggregate)?Authentication(Required)?Error$|^CredentialUnavailableError$/.test(seen.name)) return failure(ofIdentity(seen));
  // removePassword of a secret that is gone already: to the caller the same as any other thing that is not there.
  if (seen.code === 'Request_BadRequest' && /^No (password )?credentials? found (to be removed )?with keyId/i.test(seen.message)) return failure('NOT_FOUND');
  const known = seen.code ? byCode[seen.code] : undefined;
  if (known) return failure(known);
  if (typeof seen.statusCode === 'number' && seen.statusCode > 0) return failure(ofStatus(seen.statusCode, 'REJECTED_BY_CLOUD'));
  const transport = seen.code ?? (error.cause as { code?: string } | undefined)?.code ?? '';
  if (/^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|UND_ERR|REQUEST_SEND_ERROR)/.test(transport) || ['TimeoutError', 'AbortError'].includes(seen.name) || /fetch failed|aborted due to timeout|^no answer$|^redirected$/.test(seen.message)) return failure('CLOUD_UNAVAILABLE');
  return null;
}

/** The identity library reports a refusal and an authority that is away by the same classes: only the code that the message begins with tells them apart (MSAL: error codes; OAuth 2.0, 5.2). */
function ofIdentity({ statusCode, message }: Seen): ErrorCode {
  if (/^(endpoints_resolution_error|openid_config_error|network_error|no_network_connectivity|temporarily_unavailable|server_error)/.test(message)) return 'CLOUD_UNAVAILABLE';
  if (/^TooManyRequests|AADSTS50196|AADSTS90055/.test(message)) return 'THROTTLED';
  if (statusCode !== undefined && statusCode >= 500) return 'CLOUD_UNAVAILABLE';
  // What answered is no authority when it gives none of OAuth's codes: it proves nothing about the credential.
  return /AADSTS\d+|invalid_client|invalid_grant|unauthorized_client|invalid_request|interaction_required/.test(message) || statusCode === 400 || statusCode === 401 || !/^[A-Za-z_]+: Error\(s\)/.test(message) ? 'CREDENTIALS_INVALID' : 'CLOUD_UNAVAILABLE';
}

function ofStatus(status: number | undefined, other: ErrorCode): ErrorCode {
  if (status === 401) return 'CREDENTIALS_INVALID';
  if (status === 403) return 'ACCESS_DENIED';
  if (status === 404 || status === 410) return 'NOT_FOUND';
  if (status === 409 || status === 412) return 'CONFLICT';
  if (status === 429) return 'THROTTLED';
  return status !== undefined && status >= 500 ? 'CLOUD_UNAVAILABLE' : other;
}

/** True when the error says that the thing is not there. */
export const isNotFound = (error: unknown): boolean => classifyAzure(error)?.type === 'NOT_FOUND';

/** The answer, or null when the thing is not there. */
export async function orNull<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** A removal of what may be gone already. */
export const gone = async (removal: Promise<unknown>): Promise<void> => void (await orNull(removal));

function retryAfter(error: Seen): number | undefined {
  const value = error.headers?.get?.('retry-after') ?? error.response?.headers?.get('retry-after') ?? '';
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
