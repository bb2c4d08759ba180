import { createHash, timingSafeEqual } from 'node:crypto';

/** Who may send alerts, and of which sources. */
export interface Sender {
  id: string;
  /** The shared key itself; only its hash is held on to. */
  key: string;
  /** Source ids, e.g. `cloudtrail`; `*` is all. */
  sources: readonly string[];
  /** Also takes the key as the last part of the address, for senders that can set no header (Splunk’s webhook, Azure action groups): proxies must not log it. */
  keyInPath?: boolean | undefined;
}

const hashOf = (key: string): Buffer => createHash('sha256').update(key, 'utf8').digest();

/** Finds the sender of a key. Hashing first makes the compared lengths equal; every sender is compared, so that the time does not tell which came close. */
export function senderLookup(senders: readonly Sender[]): (key: string) => Sender | null {
  const known = senders.map((sender) => ({ sender, hash: hashOf(sender.key) }));
  return (key) => {
    const given = hashOf(key);
    let found: Sender | null = null;
    for (const { sender, hash } of known) if (timingSafeEqual(given, hash)) found = sender;
    return found;
  };
}

/** The key in `Authorization: Bearer …` or `X-Tourniquet-Key`, or null. */
export function keyIn(authorization: string | undefined, header: string | undefined): string | null {
  if (header) return header;
  return authorization !== undefined && authorization.length <= 4096 && authorization.slice(0, 7).toLowerCase() === 'bearer ' ? authorization.slice(7).trim() : null;
}

export const maySend = (sender: Sender, source: string): boolean => sender.sources.includes('*') || sender.sources.includes(source);
