/** An address or CIDR block as its bits: 4 or 16 bytes and a prefix length. */
interface Block {
  bytes: number[];
  prefix: number;
}

function parseV4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = parts.map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : -1));
  return bytes.every((byte) => byte >= 0 && byte <= 255) ? bytes : null;
}

function parseV6(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const groups = (half: string): number[] | null => {
    if (half === '') return [];
    const out: number[] = [];
    const parts = half.split(':');
    for (const [index, part] of parts.entries()) {
      if (part.includes('.')) {
        const v4 = index === parts.length - 1 ? parseV4(part) : null;
        if (!v4) return null;
        out.push(...v4);
      } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
        const value = parseInt(part, 16);
        out.push(value >> 8, value & 255);
      } else {
        return null;
      }
    }
    return out;
  };
  const head = groups(halves[0] ?? '');
  const tail = halves.length === 2 ? groups(halves[1] ?? '') : [];
  if (!head || !tail) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** `10.0.0.0/8`, `2001:db8::/32` or a single address; null when it is neither. An IPv4-mapped IPv6 address is its IPv4 address. */
export function parseBlock(text: string): Block | null {
  if (text.length > 64) return null;
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  let bytes = address.includes(':') ? parseV6(address) : parseV4(address);
  if (!bytes) return null;
  let prefix = bytes.length * 8;
  if (slash >= 0) {
    const digits = text.slice(slash + 1);
    if (!/^\d{1,3}$/.test(digits) || Number(digits) > prefix) return null;
    prefix = Number(digits);
  }
  const mapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped && prefix >= 96) {
    bytes = bytes.slice(12);
    prefix -= 96;
  }
  return { bytes, prefix };
}

function covers(outer: Block, inner: Block): boolean {
  if (outer.bytes.length !== inner.bytes.length || outer.prefix > inner.prefix) return false;
  for (let bit = 0; bit < outer.prefix; bit += 8) {
    const index = bit >> 3;
    const left = outer.prefix - bit;
    const mask = left >= 8 ? 255 : (255 << (8 - left)) & 255;
    if (((outer.bytes[index] ?? 0) & mask) !== ((inner.bytes[index] ?? 0) & mask)) return false;
  }
  return true;
}

/** Is the address (or the whole block) inside the CIDR block? False when either cannot be read. */
export function inCidr(address: string, cidr: string): boolean {
  const inner = parseBlock(address);
  const outer = parseBlock(cidr);
  return inner !== null && outer !== null && covers(outer, inner);
}

// RFC 1918, RFC 6598, loopback, link-local; RFC 4193, RFC 4291.
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', 'fc00::/7', 'fe80::/10', '::1/128']
  .map(parseBlock)
  .filter((block) => block !== null);

/** `world`: any address of the internet (or half of it: an opening split in two /1 blocks is the same opening); `public`: some internet addresses; `private`: none; `unreadable`. */
export function reachOf(cidr: string): 'world' | 'public' | 'private' | 'unreadable' {
  const block = parseBlock(cidr.trim());
  if (!block) return 'unreadable';
  if (block.prefix <= 1) return 'world';
  return PRIVATE.some((outer) => covers(outer, block)) ? 'private' : 'public';
}
