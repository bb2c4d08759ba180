import pino from 'pino';

/** Structured, to stderr, so that stdout stays the command's own. Secrets never reach it; names that often hold one are redacted all the same. */
export function createLogger(role: string): pino.Logger {
  return pino(
    { name: `tourniquet-${role}`, level: process.env['TOURNIQUET_LOG_LEVEL'] ?? 'info', redact: { paths: ['*.secret', '*.password', '*.token', '*.secretAccessKey', '*.authorization', 'headers.authorization'], censor: '[redacted]' } },
    pino.destination(2),
  );
}
