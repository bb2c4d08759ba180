import type { ApplicationFailure } from '@temporalio/common';
import { fail } from '../boundary';
import type { ErrorCode } from '../../playbook/errors';

const byName: Record<string, ErrorCode> = {
  NoSuchEntity: 'NOT_FOUND', NoSuchEntityException: 'NOT_FOUND', NoSuchBucket: 'NOT_FOUND', ResourceNotFoundException: 'NOT_FOUND', NotFound: 'NOT_FOUND', NotFoundException: 'NOT_FOUND',
  TrailNotFoundException: 'NOT_FOUND', NoSuchKey: 'NOT_FOUND', WAFNonexistentItemException: 'NOT_FOUND', NoSuchBucketPolicy: 'NOT_FOUND',
  AccessDenied: 'ACCESS_DENIED', AccessDeniedException: 'ACCESS_DENIED', UnauthorizedOperation: 'ACCESS_DENIED', AuthorizationError: 'ACCESS_DENIED', AuthFailure: 'ACCESS_DENIED',
  InvalidClientTokenId: 'CREDENTIALS_INVALID', SignatureDoesNotMatch: 'CREDENTIALS_INVALID', ExpiredToken: 'CREDENTIALS_INVALID', ExpiredTokenException: 'CREDENTIALS_INVALID',
  UnrecognizedClientException: 'CREDENTIALS_INVALID', InvalidAccessKeyId: 'CREDENTIALS_INVALID', CredentialsProviderError: 'CREDENTIALS_INVALID',
  Throttling: 'THROTTLED', ThrottlingException: 'THROTTLED', ThrottledException: 'THROTTLED', RequestLimitExceeded: 'THROTTLED', TooManyRequestsException: 'THROTTLED',
  SlowDown: 'THROTTLED', RequestThrottled: 'THROTTLED', PriorRequestNotComplete: 'THROTTLED', BandwidthLimitExceeded: 'THROTTLED', LimitExceededThrottling: 'THROTTLED',
  ConcurrentModification: 'CONFLICT', ConcurrentModificationException: 'CONFLICT', EntityTemporarilyUnmodifiable: 'CONFLICT', EntityTemporarilyUnmodifiableException: 'CONFLICT',
  WAFOptimisticLockException: 'CONFLICT', OperationAborted: 'CONFLICT', ConflictException: 'CONFLICT', DeleteConflict: 'CONFLICT', DeleteConflictException: 'CONFLICT',
  LimitExceeded: 'LIMIT_EXCEEDED', LimitExceededException: 'LIMIT_EXCEEDED', ServiceQuotaExceededException: 'LIMIT_EXCEEDED', RulesPerSecurityGroupLimitExceeded: 'LIMIT_EXCEEDED',
  SubscriptionRequiredException: 'NOT_SUPPORTED', AWSOrganizationsNotInUseException: 'NOT_SUPPORTED', OptInRequired: 'NOT_SUPPORTED', UnsupportedOperation: 'NOT_SUPPORTED',
};

/** Classifies an AWS SDK v3 error by its `name`, its HTTP status and its transport code (docs: “Error handling in the AWS SDK for JavaScript v3”). */
export function classifyAws(error: unknown): ApplicationFailure | null {
  if (!(error instanceof Error)) return null;
  const { name, message } = error;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const transport = (error as { code?: string }).code;
  const code = byName[name] ?? (/\.NotFound$/.test(name) ? 'NOT_FOUND' : undefined);
  if (code) return fail(code, `${name}: ${message}`, { cause: error, retryAfterMs: retryAfter(error) });
  if (status === 429) return fail('THROTTLED', `${name}: ${message}`, { cause: error, retryAfterMs: retryAfter(error) });
  if (status !== undefined && status >= 500) return fail('CLOUD_UNAVAILABLE', `${name}: ${message}`, { cause: error });
  if (status !== undefined && status >= 400) return fail('REJECTED_BY_CLOUD', `${name}: ${message}`, { cause: error });
  if (name === 'TimeoutError' || (transport && /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN)/.test(transport))) {
    return fail('CLOUD_UNAVAILABLE', `${transport ?? name}: ${message}`, { cause: error });
  }
  return null;
}

/** True when the SDK error says that the thing is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && classifyAws(error)?.type === 'NOT_FOUND';
}

function retryAfter(error: Error): number | undefined {
  const seconds = Number((error as { $retryable?: unknown; $response?: { headers?: Record<string, string> } }).$response?.headers?.['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}
