import { constants, createHash, createPublicKey, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { Fault, type Json } from '../protocol/types';

export interface Jwt { header: Json; claims: Json; verified(key: KeyObject): boolean }

export function readJwt(text: string): Jwt | null {
  const [head, body, signature] = text.split('.');
  if (!head || !body || !signature) return null;
  try {
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Json;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Json;
    const padding = header['alg'] === 'PS256' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
    if (header['alg'] !== 'PS256' && header['alg'] !== 'RS256') return null;
    return { header, claims, verified: (key) => verify('sha256', Buffer.from(`${head}.${body}`), { key, ...padding }, Buffer.from(signature, 'base64url')) };
  } catch {
    return null;
  }
}

const outdated = (claims: Json, now: number): boolean => typeof claims['exp'] !== 'number' || claims['exp'] * 1000 < now || (typeof claims['nbf'] === 'number' && claims['nbf'] * 1000 > now + 300_000);

export interface RegisteredKey { keyId?: string | null; key?: string | null; endDateTime?: string | null }

/** Checks a private_key_jwt assertion against the application’s certificates; returns the keyId that signed it. Source: “Application authentication certificate credentials”. */
export function signedBy(jwt: Jwt, appId: string, audience: (aud: string) => boolean, keys: readonly RegisteredKey[], now: number): string {
  const { header, claims } = jwt;
  if (claims['iss'] !== appId || claims['sub'] !== appId) throw new Fault(401, 'invalid_client', 'AADSTS700021: Client assertion application identifier doesn\'t match \'client_id\' parameter.');
  if (!audience(String(claims['aud']))) throw new Fault(401, 'invalid_client', 'AADSTS700023: Client assertion audience claim does not match Realm issuer.');
  if (outdated(claims, now)) throw new Fault(401, 'invalid_client', 'AADSTS700024: Client assertion is not within its valid time range.');
  for (const one of keys) {
    if (!one.key) continue;
    const certificate = new X509Certificate(Buffer.from(one.key, 'base64'));
    const prints = [createHash('sha1').update(certificate.raw).digest('base64url'), createHash('sha256').update(certificate.raw).digest('base64url')];
    if (!prints.includes(String(header['x5t'])) && !prints.includes(String(header['x5t#S256']))) continue;
    if (Date.parse(one.endDateTime ?? certificate.validTo) < now) break;
    if (jwt.verified(createPublicKey(certificate.toString()))) return one.keyId ?? '';
  }
  throw new Fault(401, 'invalid_client', 'AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application, or its key was not found.');
}
