import type { Traits } from '../playbook/triage/baseline';
import { asnOf } from './asn';
import { countryOf } from './geo';

/** Country and network of an address, in words; absent where it is no public address, or nobody knows. */
export function placeOf(ip: string | null): Traits {
  if (!ip) return {};
  const country = countryOf(ip);
  const network = asnOf(ip);
  return { ...(country ? { country } : {}), ...(network ? { network: `ASN ${network.asn} (${network.name})` } : {}) };
}

/** Leaves out what is not told. */
export const told = (traits: { [trait in keyof Traits]: string | null | undefined }): Traits => Object.fromEntries(Object.entries(traits).filter(([, value]) => typeof value === 'string' && value !== '')) as Traits;
