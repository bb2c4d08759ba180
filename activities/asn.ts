import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import ipaddr from 'ipaddr.js';
import { networkOf } from './geo';

export interface Network {
  /** Autonomous system number. */
  asn: number;
  name: string;
}

/** Longer than any line of the database. */
const LINE = 512;
const files = new Map<4 | 6, { file: number; size: number }>();

/**
 * Whose network an address is in, from the offline database @ip-location-db/asn (RouteViews and DB-IP.com, CC BY 4.0): lines of `first,last,asn,name`, addresses as decimal numbers, sorted.
 * Searched where it lies, about 20 short reads: nothing is loaded. Null for private, reserved and unknown addresses and for AWS service names.
 */
export function asnOf(ip: string): Network | null {
  if (networkOf(ip) !== 'public') return null;
  const address = ipaddr.process(ip);
  const wanted = address.toByteArray().reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const { file, size } = opened(address.kind() === 'ipv4' ? 4 : 6);
  // The last line that begins at or before the address, by halves of the file.
  let low = 0;
  let high = size;
  let found: Line | null = null;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const line = lineAt(file, middle);
    if (line === null || line.start >= high) {
      high = middle;
    } else if (line.first <= wanted) {
      found = line;
      low = line.end;
    } else {
      high = middle;
    }
  }
  return found !== null && found.last >= wanted ? { asn: found.asn, name: found.name } : null;
}

interface Line {
  first: bigint;
  last: bigint;
  asn: number;
  name: string;
  /** Where the line begins, and where the next does. */
  start: number;
  end: number;
}

/** The first whole line that begins at `offset` or behind it; null behind the last. */
function lineAt(file: number, offset: number): Line | null {
  const from = Math.max(0, offset - 1);
  const buffer = Buffer.alloc(2 * LINE);
  const text = buffer.subarray(0, readSync(file, buffer, 0, buffer.length, from));
  // A line begins behind a line’s end; the file begins with one.
  const start = offset === 0 ? 0 : text.indexOf(10) + 1;
  if (offset !== 0 && start === 0) return null;
  const end = text.indexOf(10, start);
  const line = text.subarray(start, end < 0 ? text.length : end).toString('utf8');
  const parts = /^(\d+),(\d+),(\d+),(.*)$/.exec(line);
  return parts ? { first: BigInt(parts[1]!), last: BigInt(parts[2]!), asn: Number(parts[3]), name: unquoted(parts[4]!), start: from + start, end: from + (end < 0 ? text.length : end + 1) } : null;
}

const unquoted = (field: string): string => (field.startsWith('"') ? field.replace(/^"|"$/g, '').replace(/""/g, '"') : field).slice(0, 80);

function opened(version: 4 | 6): { file: number; size: number } {
  const known = files.get(version);
  if (known) return known;
  const file = openSync(join(require.resolve('@ip-location-db/asn/package.json'), '..', `asn-ipv${version}-num.csv`), 'r');
  try {
    const made = { file, size: fstatSync(file).size };
    files.set(version, made);
    return made;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}
