import { createHash, timingSafeEqual } from 'node:crypto';
import { Sha256Node } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { RawRequest } from '../protocol/request';

/** What the Authorization header (or the presigned query) claims. */
export interface Claim {
  accessKeyId: string;
  region: string;
  service: string;
  date: string;
  signedHeaders: string[];
  signature: string;
  token: string | null;
  presigned: boolean;
}

const pattern = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Null when the request is unsigned or signed in a form AWS would not read. */
export function claimOf(raw: RawRequest): Claim | null {
  const match = pattern.exec(raw.headers.authorization ?? '');
  if (match) {
    const [, accessKeyId, , region, service, signedHeaders, signature] = match as unknown as string[];
    return { accessKeyId: accessKeyId!, region: region!, service: service!, date: raw.headers['x-amz-date'] ?? '', signedHeaders: signedHeaders!.split(';'), signature: signature!, token: raw.headers['x-amz-security-token'] ?? null, presigned: false };
  }
  const query = raw.query as Record<string, string>;
  if (query['X-Amz-Algorithm'] !== 'AWS4-HMAC-SHA256') return null;
  const [accessKeyId, , region, service] = (query['X-Amz-Credential'] ?? '').split('/');
  if (!accessKeyId || !region || !service || !query['X-Amz-Signature']) return null;
  return { accessKeyId, region, service, date: query['X-Amz-Date'] ?? '', signedHeaders: (query['X-Amz-SignedHeaders'] ?? 'host').split(';'), signature: query['X-Amz-Signature'], token: query['X-Amz-Security-Token'] ?? null, presigned: true };
}

/** Signs the same request again with the secret that the key should have, and compares in constant time. */
export async function signatureHolds(raw: RawRequest, claim: Claim, secret: string): Promise<boolean> {
  const when = dateOf(claim.date);
  if (!when || !bodyMatches(raw)) return false;
  // The token is in the headers or the query already where it was signed.
  const signer = new SignatureV4({
    credentials: { accessKeyId: claim.accessKeyId, secretAccessKey: secret },
    region: claim.region, service: claim.service, sha256: Sha256Node, uriEscapePath: claim.service !== 's3', applyChecksum: false,
  });
  const headers: Record<string, string> = {};
  for (const name of claim.signedHeaders) headers[name] = raw.headers[name] ?? '';
  if (raw.headers['x-amz-content-sha256'] !== undefined) headers['x-amz-content-sha256'] = raw.headers['x-amz-content-sha256'];
  else if (claim.presigned) headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
  const query = { ...raw.query };
  delete query['X-Amz-Signature'];
  const request = { method: raw.method, protocol: 'http:', hostname: 'sandbox', path: raw.path, query, headers, body: raw.body };
  const signable = new Set(claim.signedHeaders);
  const unsignable = new Set(signable.has('x-amz-content-sha256') ? [] : ['x-amz-content-sha256']);
  const signed = await signer.sign(request as never, { signingDate: when, signableHeaders: signable, unsignableHeaders: unsignable });
  const ours = /Signature=([0-9a-f]+)/.exec((signed as { headers: Record<string, string> }).headers.authorization ?? '')?.[1] ?? '';
  return ours.length === claim.signature.length && timingSafeEqual(Buffer.from(ours), Buffer.from(claim.signature));
}

/** A signed payload hash must be the body's; the streaming and unsigned forms carry words instead. */
function bodyMatches(raw: RawRequest): boolean {
  const claimed = raw.headers['x-amz-content-sha256'];
  if (!claimed || !/^[0-9a-f]{64}$/.test(claimed)) return true;
  return createHash('sha256').update(raw.body).digest('hex') === claimed;
}

/** `20261124T031500Z` within the quarter of an hour that AWS allows is checked by the caller. */
export function dateOf(text: string): Date | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  return match ? new Date(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`) : null;
}
