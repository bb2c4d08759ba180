import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stack traces are encrypted too; without this a failure leaks what the codec hides. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
