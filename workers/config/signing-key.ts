/** Before the 32 bytes: the length and name of the key type, and the length of the key (RFC 8709). */
const PREFIX = Buffer.from('0000000b7373682d6564323535313900000020', 'hex');

/** The Ed25519 public key of an OpenSSH line (`ssh-ed25519 AAAA… comment`), 32 bytes in hex; null when it is anything else. */
export function ed25519Of(line: string): string | null {
  const blob = /^ssh-ed25519 ([A-Za-z0-9+/]{68})(?: .*)?$/.exec(line.trim())?.[1];
  const bytes = blob ? Buffer.from(blob, 'base64') : null;
  return bytes?.length === 51 && bytes.subarray(0, 19).equals(PREFIX) ? bytes.subarray(19).toString('hex') : null;
}
