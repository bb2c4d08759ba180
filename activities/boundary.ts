import { ApplicationFailure } from '@temporalio/common';
import { ERRORS, isErrorCode, type ErrorCode } from '../playbook/errors';

/** A typed failure from the one table. `message` must hold no secret; it is encrypted in history all the same. */
export function fail(code: ErrorCode, message: string, options: { retryAfterMs?: number; cause?: unknown; details?: unknown } = {}): ApplicationFailure {
  const failure = ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: !ERRORS[code].retryable,
    nextRetryDelay: options.retryAfterMs,
    ...(options.details !== undefined && { details: [options.details] }),
  });
  if (options.cause instanceof Error) failure.stack = `${failure.stack}\ncaused by ${options.cause.name}`;
  return failure;
}

/** The table's code behind an error, or null when it is not ours. Looks through Temporal's wrappers. */
export function codeOf(error: unknown): ErrorCode | null {
  for (let at: unknown = error; at instanceof Error; at = (at as { cause?: unknown }).cause) {
    const type = (at as { type?: unknown }).type;
    if (typeof type === 'string' && isErrorCode(type)) return type;
  }
  return null;
}

export type Classifier = (error: unknown) => ApplicationFailure | null;

/** Turns any error into one from the table, exactly once: ours pass, the provider's classifier is asked, the rest is UNEXPECTED. */
export function toFailure(error: unknown, classify: Classifier): ApplicationFailure {
  if (error instanceof ApplicationFailure && codeOf(error)) return error;
  return classify(error) ?? fail('UNEXPECTED', error instanceof Error ? `${error.name}: ${error.message}` : 'a value that is not an Error was thrown', { cause: error });
}
