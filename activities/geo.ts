import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { Reader, type Response } from 'maxmind';
import ipaddr from 'ipaddr.js';

type Country = Response & { country_code?: string };
let reader: Reader<Country> | null = null;

/**
 * Country of an address (ISO 3166-1 alpha-2) from the offline database @ip-location-db/geo-whois-asn-country-mmdb (registry data, CC BY 4.0 by
 * the NRO): where the network is registered, not where a person sits. Null for private, reserved and unknown addresses and for AWS service names.
 */
export function countryOf(ip: string): string | null {
  if (networkOf(ip) !== 'public') return null;
  reader ??= new Reader<Country>(readFileSync(databasePath()));
  const code = reader.get(ipaddr.process(ip).toString())?.country_code;
  return code && /^[A-Z]{2}$/.test(code) ? code : null;
}

/** What kind of network: `public`, a reserved range by its name (`private`, `loopback`, `carrierGradeNat`, `uniqueLocal`, …), or `not-an-address` (an AWS service). */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return 'not-an-address';
  const range = ipaddr.process(ip).range();
  return range === 'unicast' ? 'public' : range;
}

function databasePath(): string {
  return join(require.resolve('@ip-location-db/geo-whois-asn-country-mmdb/package.json'), '..', 'geo-whois-asn-country.mmdb');
}
