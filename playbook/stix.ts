import { sha1 } from '@noble/hashes/legacy';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils';
import type { Ioc } from './iocs';
import { canonicalJson, type JsonObject } from './json';

/** STIX 2.1 §2.9: the namespace for deterministic ids of cyber-observable objects. */
const OBSERVABLES = '00abedb4-aa42-466c-9c01-fed23315a9b7';
/** Our own, for domain objects: the same case gives the same ids, so that a second export updates the first. */
const OURS = uuidV5('6ba7b811-9dad-11d1-80b4-00c04fd430c8', 'https://tourniquet.invalid/stix');
const EXTENSION = `extension-definition--${uuidV5(OURS, 'cloud-resource')}`;

export interface StixCase {
  incident: string;
  provider: string;
  /** ISO: when the case was opened (`created`) and when this is written (`modified`). */
  created: string;
  modified: string;
}

/**
 * The case's indicators as a STIX 2.1 bundle (OASIS STIX 2.1): the observables, one observed-data over each kind, an indicator for every
 * address and key, and a grouping that ties them. Things without a STIX type (cloud resources, policies, billing) are `x-cloud-resource`
 * objects under an extension definition (§7.3).
 */
export function toStixBundle(iocs: readonly Ioc[], about: StixCase): JsonObject {
  const times = { created: stamp(about.created), modified: stamp(about.modified) };
  const self = `identity--${uuidV5(OURS, 'identity')}`;
  // Fixed times for what is the same in every case.
  const epoch = '2024-01-01T00:00:00.000Z';
  const base = (type: string, id: string, rest: JsonObject): JsonObject => ({ type, spec_version: '2.1', id: `${type}--${uuidV5(OURS, id)}`, created_by_ref: self, ...times, ...rest });
  const objects: JsonObject[] = [
    { type: 'identity', spec_version: '2.1', id: self, created: epoch, modified: epoch, name: 'Tourniquet', identity_class: 'system' },
  ];
  const pairs = iocs.map((ioc) => ({ ioc, observable: observable(ioc, about.provider) }));
  if (pairs.some(({ observable: one }) => one.type === 'x-cloud-resource')) {
    objects.push({
      type: 'extension-definition', spec_version: '2.1', id: EXTENSION, created_by_ref: self, created: epoch, modified: epoch, name: 'Cloud resource',
      description: 'A resource, policy or cost anomaly in a cloud account: provider, account, kind, value.', schema: 'https://tourniquet.invalid/stix/x-cloud-resource.json',
      version: '1.0.0', extension_types: ['new-sco'],
    });
  }
  const refs: string[] = [];
  const add = (object: JsonObject): void => {
    if (refs.includes(object.id as string)) return;
    refs.push(object.id as string);
    objects.push(object);
  };
  for (const { ioc, observable: one } of pairs) {
    add(one);
    const seen = base('observed-data', `${about.incident}|observed|${one.id as string}`, {
      first_observed: stamp(ioc.firstSeen ?? about.created), last_observed: stamp(ioc.lastSeen ?? about.modified), number_observed: 1, object_refs: [one.id as string],
    });
    add(seen);
    const pattern = patternOf(ioc);
    if (!pattern) continue;
    const indicator = base('indicator', `${about.incident}|indicator|${pattern}`, {
      name: ioc.type === 'attacker-ip' ? 'Attacker address' : 'Access key in the attacker’s hands', indicator_types: ['malicious-activity'], pattern, pattern_type: 'stix',
      pattern_version: '2.1', valid_from: stamp(ioc.firstSeen ?? about.created),
    });
    add(indicator);
    add(base('relationship', `${about.incident}|${indicator.id as string}|${seen.id as string}`, { relationship_type: 'based-on', source_ref: indicator.id!, target_ref: seen.id! }));
  }
  // A grouping must refer to something (§4.4).
  if (refs.length > 0) objects.push(base('grouping', `${about.incident}|case`, { name: `Incident ${about.incident}`, context: 'suspicious-activity', object_refs: [...refs] }));
  return { type: 'bundle', id: `bundle--${uuidV5(OURS, canonicalJson(objects))}`, objects };
}

/** RFC 4122 §4.3, version 5. */
export function uuidV5(namespace: string, name: string): string {
  const bytes = sha1(new Uint8Array([...hexToBytes(namespace.replace(/-/g, '')), ...utf8ToBytes(name)])).slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytesToHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function observable(ioc: Ioc, provider: string): JsonObject {
  const sco = (type: string, contributing: JsonObject, rest: JsonObject = {}): JsonObject => ({
    type, spec_version: '2.1', id: `${type}--${uuidV5(OBSERVABLES, canonicalJson(contributing))}`, ...contributing, ...rest,
  });
  switch (ioc.type) {
    case 'attacker-ip':
      return sco(ioc.value.includes(':') ? 'ipv6-addr' : 'ipv4-addr', { value: ioc.value });
    case 'compromised-identity':
      return sco('user-account', { account_type: `${provider}-identity`, user_id: ioc.value }, typeof ioc.details.name === 'string' ? { display_name: ioc.details.name } : {});
    case 'access-key':
      return sco('user-account', { account_type: `${provider}-access-key`, user_id: ioc.value });
    default:
      return sco('x-cloud-resource', { provider, account: ioc.account, kind: typeof ioc.details.kind === 'string' ? ioc.details.kind : ioc.type, value: ioc.value }, {
        extensions: { [EXTENSION]: { extension_type: 'new-sco' } },
      });
  }
}

function patternOf(ioc: Ioc): string | null {
  const text = `'${ioc.value.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
  if (ioc.type === 'attacker-ip') return `[${ioc.value.includes(':') ? 'ipv6-addr' : 'ipv4-addr'}:value = ${text}]`;
  if (ioc.type === 'access-key') return `[user-account:user_id = ${text}]`;
  return null;
}

/** STIX timestamps are RFC 3339 in UTC; objects want milliseconds (§3.2). */
function stamp(iso: string): string {
  return new Date(iso).toISOString();
}
