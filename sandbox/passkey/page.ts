import { createDecipheriv, createECDH, hkdfSync } from 'node:crypto';
import type { Sealed } from '../../playbook/break-glass-person';

/** What the console's page does in the browser with WebCrypto: a key pair of its own, and the one credential that is sealed to it. */
export class ClaimingPage {
  private readonly pair = createECDH('prime256v1');
  readonly sealTo = this.pair.generateKeys().toString('base64url');

  /** Throws for what was sealed to another page or for another request. */
  open(request: string, { ephemeral, iv, ciphertext }: Sealed): Record<string, string> {
    const key = Buffer.from(hkdfSync('sha256', this.pair.computeSecret(Buffer.from(ephemeral, 'base64url')), request, 'tourniquet-claim-1', 32));
    const whole = Buffer.from(ciphertext, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'));
    decipher.setAuthTag(whole.subarray(-16));
    return JSON.parse(Buffer.concat([decipher.update(whole.subarray(0, -16)), decipher.final()]).toString('utf8')) as Record<string, string>;
  }
}
