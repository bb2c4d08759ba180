import ipaddr from 'ipaddr.js';
import { fail } from './boundary';

/** Ranges that are nobody on the internet: blocking them would hit our own machines or nothing. */
const notPublic = new Set(['private', 'loopback', 'linkLocal', 'uniqueLocal', 'unspecified', 'carrierGradeNat', 'multicast', 'broadcast', 'reserved']);

/** A provider’s configuration, as far as addresses go. */
export interface KnownAddresses {
  knownAddresses?: readonly string[];
}

export interface Address {
  text: string;
  version: 4 | 6;
  /** The address alone, as a CIDR. */
  cidr: string;
}

/** An address from an alert, which is hostile text. Throws INVALID_INPUT when it is none (CloudTrail also writes host names there). */
export function parseAddress(text: string): Address {
  if (!ipaddr.isValid(text) || text.includes('%')) throw fail('INVALID_INPUT', 'params.address is not an IP address');
  const parsed = ipaddr.process(text);
  const plain = parsed.toString();
  return parsed.kind() === 'ipv4' ? { text: plain, version: 4, cidr: `${plain}/32` } : { text: plain, version: 6, cidr: `${plain}/128` };
}

/** True when the text is a public internet address. */
export function isPublic(text: string): boolean {
  return ipaddr.isValid(text) && !text.includes('%') && !notPublic.has(ipaddr.process(text).range());
}

export function contains(cidr: string, address: Address): boolean {
  const range = parseCidr(cidr);
  const parsed = ipaddr.process(address.text);
  return range !== null && range[0].kind() === parsed.kind() && parsed.match(range as [ipaddr.IPv4, number]);
}

/** True when a rule's range is about this address and not about a workload's users: /24 (IPv4), /64 (IPv6) or narrower. */
export function isNarrow(cidr: string): boolean {
  const range = parseCidr(cidr);
  return range !== null && range[1] >= (range[0].kind() === 'ipv4' ? 24 : 64);
}

/** True when the address is ours or documented: never blocked, whoever used it. */
export function isKnown(config: KnownAddresses, text: string): boolean {
  const address = parseAddress(text);
  // An entry that is neither address nor CIDR covers nothing; the configuration’s own check names it.
  return (config.knownAddresses ?? []).some((known) => contains(known.includes('/') || !ipaddr.isValid(known) ? known : parseAddress(known).cidr, address));
}

/** The address that a step blocks. Throws INVALID_INPUT for what is no public address, PROTECTED_PRINCIPAL for a known one. */
export function blockable(config: KnownAddresses, text: unknown): Address {
  const address = parseAddress(typeof text === 'string' ? text : '');
  if (!isPublic(address.text)) throw fail('INVALID_INPUT', `${address.text} is not a public address`);
  if (isKnown(config, address.text)) throw fail('PROTECTED_PRINCIPAL', `${address.text} is one of our own or documented addresses: it is not blocked`);
  return address;
}

function parseCidr(cidr: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | null {
  return ipaddr.isValidCIDR(cidr) ? ipaddr.parseCIDR(cidr) : null;
}
