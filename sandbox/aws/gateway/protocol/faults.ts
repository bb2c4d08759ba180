import type { Protocol } from './services';
import type { RawResponse } from './request';

/** An AWS error that the gateway answers with; `code` as the service names it. */
export class Fault extends Error {
  constructor(readonly code: string, message: string, readonly status = 400) {
    super(message);
    this.name = 'Fault';
  }
}

type Kind = 'unknown-key' | 'bad-signature' | 'expired' | 'denied' | 'throttled' | 'unsupported';

/**
 * One meaning, each protocol's own name for it (API references: "Common Errors" of IAM, STS, CloudTrail, Lambda; "Error codes" of EC2 and S3).
 * `[code, HTTP status]`.
 */
const names: Record<Kind, Record<Protocol, [string, number]>> = {
  'unknown-key': { query: ['InvalidClientTokenId', 403], ec2: ['AuthFailure', 401], json: ['UnrecognizedClientException', 400], 'rest-json': ['UnrecognizedClientException', 403], 'rest-xml': ['InvalidAccessKeyId', 403] },
  'bad-signature': { query: ['SignatureDoesNotMatch', 403], ec2: ['AuthFailure', 401], json: ['InvalidSignatureException', 400], 'rest-json': ['InvalidSignatureException', 403], 'rest-xml': ['SignatureDoesNotMatch', 403] },
  expired: { query: ['ExpiredToken', 403], ec2: ['RequestExpired', 400], json: ['ExpiredTokenException', 400], 'rest-json': ['ExpiredTokenException', 403], 'rest-xml': ['ExpiredToken', 400] },
  denied: { query: ['AccessDenied', 403], ec2: ['UnauthorizedOperation', 403], json: ['AccessDeniedException', 400], 'rest-json': ['AccessDeniedException', 403], 'rest-xml': ['AccessDenied', 403] },
  throttled: { query: ['Throttling', 400], ec2: ['RequestLimitExceeded', 503], json: ['ThrottlingException', 400], 'rest-json': ['TooManyRequestsException', 429], 'rest-xml': ['SlowDown', 503] },
  unsupported: { query: ['InvalidAction', 400], ec2: ['InvalidAction', 400], json: ['UnknownOperationException', 400], 'rest-json': ['UnknownOperationException', 404], 'rest-xml': ['NotImplemented', 501] },
};

export function fault(kind: Kind, protocol: Protocol, message: string): Fault {
  const [code, status] = names[kind][protocol];
  return new Fault(code, message, status);
}

export function faultResponse(protocol: Protocol, error: Fault, requestId: string): RawResponse {
  const code = escape(error.code);
  const message = escape(error.message);
  const xml = (text: string): RawResponse => ({ status: error.status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body: Buffer.from(text) });
  switch (protocol) {
    case 'query':
      return xml(`<ErrorResponse><Error><Type>${error.status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`);
    case 'ec2':
      return xml(`<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`);
    case 'rest-xml':
      return xml(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId><HostId>sandbox</HostId></Error>`);
    default:
      return {
        status: error.status,
        headers: { 'content-type': protocol === 'json' ? 'application/x-amz-json-1.1' : 'application/json', 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.code },
        body: Buffer.from(JSON.stringify({ __type: error.code, message: error.message, Message: error.message })),
      };
  }
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Reads the error out of an emulator's answer; null when it was a success. */
export function readFault(protocol: Protocol, response: RawResponse): { code: string; message: string } | null {
  if (response.status < 400) return null;
  const text = response.body.toString('utf8');
  if (protocol === 'json' || protocol === 'rest-json') {
    try {
      const body = JSON.parse(text) as { __type?: string; message?: string; Message?: string; code?: string };
      const code = response.headers['x-amzn-errortype'] ?? body.__type ?? body.code ?? 'InternalFailure';
      return { code: code.split('#').at(-1)!.split(':')[0]!, message: body.message ?? body.Message ?? '' };
    } catch {
      return { code: 'InternalFailure', message: '' };
    }
  }
  return { code: /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? (response.status === 404 ? 'NotFound' : 'InternalFailure'), message: /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? '' };
}
