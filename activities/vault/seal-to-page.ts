import { createCipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import type { Sealed } from '../../playbook/break-glass-person';
import { fail } from '../boundary';

/**
 * Encrypts to a page's one-time public key (P-256 point, base64url), as WebCrypto opens it: ECDH, HKDF-SHA-256 with the request's id as salt, AES-256-GCM with the tag at the end.
 * Our own half exists for this one call, so nobody but the page can open it, whoever keeps what was sent.
 */
export function sealToPage(request: string, sealTo: string, plain: string): Sealed {
  const own = createECDH('prime256v1');
  const ephemeral = own.generateKeys();
  let shared: Buffer;
  try {
    shared = own.computeSecret(Buffer.from(sealTo, 'base64url'));
  } catch {
    throw fail('INVALID_INPUT', 'sealTo: not a point of P-256');
  }
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(hkdfSync('sha256', shared, request, 'tourniquet-claim-1', 32)), iv);
  const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { ephemeral: ephemeral.toString('base64url'), iv: iv.toString('base64url'), ciphertext: ciphertext.toString('base64url') };
}
