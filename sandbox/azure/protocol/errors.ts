import { randomUUID } from 'node:crypto';
import type { Answer, Fault, Surface } from './types';

/** The body that each surface gives an error. Sources: Graph “Microsoft Graph error responses”, ARM common error response, Entra authentication error codes. */
export function faultAnswer(surface: Surface, fault: Fault, now: Date): Answer {
  const id = randomUUID();
  const headers = { 'request-id': id, 'x-ms-request-id': id, ...fault.headers };
  if (surface === 'login') {
    const number = Number(/^AADSTS(\d+)/.exec(fault.message)?.[1] ?? 0);
    return { status: fault.status, headers, body: { error: fault.code, error_description: `${fault.message} Trace ID: ${id} Correlation ID: ${id} Timestamp: ${now.toISOString()}`, error_codes: [number], timestamp: now.toISOString(), trace_id: id, correlation_id: id, error_uri: `https://login.microsoftonline.com/error?code=${number}` } };
  }
  if (surface === 'blob') return { status: fault.status, headers: { ...headers, 'x-ms-error-code': fault.code }, raw: { type: 'application/xml', content: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${fault.code}</Code><Message>${fault.message}</Message></Error>` } };
  if (surface === 'arm') return { status: fault.status, headers, body: { error: { code: fault.code, message: fault.message, ...fault.more } } };
  return { status: fault.status, headers, body: { error: { code: fault.code, message: fault.message, innerError: { date: now.toISOString().slice(0, 19), 'request-id': id, 'client-request-id': id }, ...fault.more } } };
}
