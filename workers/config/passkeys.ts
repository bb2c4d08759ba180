import { hkdfSync } from 'node:crypto';
import { isIP } from 'node:net';
import type { RelyingParty } from '../../approvals/passkey';
import type { Config } from './schema';
import { readSecret } from './secret';

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

/** Where passkeys are valid, from `console.url` and `passkeys.rpId` alone; null when a browser would refuse: no address, no TLS, or a bare IP address (WebAuthn needs a name). */
export function relyingParty(config: Config): RelyingParty | null {
  const url = config.console?.url;
  if (!url) return null;
  const { protocol, origin } = new URL(url);
  const host = hostOf(url);
  const secure = protocol === 'https:' || (protocol === 'http:' && host === 'localhost');
  if (!secure || isIP(host) !== 0) return null;
  return { origin, rpId: config.passkeys.rpId ?? host, backedUp: config.passkeys.backedUp };
}

/** Whether a break-glass yes needs a passkey: as the file says, else wherever the console's address can carry one. */
export function secondFactorRequired(config: Config): boolean {
  return config.approvals['break-glass'].secondFactor ?? relyingParty(config) !== null;
}

/** What to warn of at start and in `doctor`; null when break-glass has its second factor, or there is no break-glass. */
export function missingSecondFactor(config: Config): string | null {
  if (!config.vault || secondFactorRequired(config)) return null;
  const why = config.approvals['break-glass'].secondFactor === false ? 'approvals.break-glass.secondFactor is false' : 'console.url is missing, or is no https address with a host name';
  return `NO SECOND FACTOR for break-glass: one click in Slack lends the emergency credential (${why})`;
}

export function* passkeyProblems(config: Config): Generator<{ path: (string | number)[]; message: string }> {
  const party = relyingParty(config);
  if (config.approvals['break-glass'].secondFactor === true && party === null) {
    yield { path: ['approvals', 'break-glass', 'secondFactor'], message: 'passkeys need console.url: https, with a host name (http on localhost)' };
  }
  const { rpId } = config.passkeys;
  if (rpId !== undefined && config.console?.url) {
    const host = hostOf(config.console.url);
    if (host !== rpId && !host.endsWith(`.${rpId}`)) yield { path: ['passkeys', 'rpId'], message: `must be ${host} or a parent domain of it` };
  }
}

/** Keys of the register, newest first: its own, else derived from the encryption keys. */
export function registerKeys(config: Config): Buffer[] {
  const { key } = config.passkeys;
  if (key) return [Buffer.from(readSecret(key), 'base64')];
  return config.encryption.keys.map((one) => Buffer.from(hkdfSync('sha256', Buffer.from(readSecret(one.key), 'base64'), '', 'tourniquet register of passkeys', 32)));
}
