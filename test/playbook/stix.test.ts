import Ajv from 'ajv';
import type { Ioc } from '../../playbook/iocs';
import { toStixBundle, uuidV5 } from '../../playbook/stix';
import { account } from '../aws-investigate/support';

const about = { incident: 'inc-0123456789abcdef0123', provider: 'aws', created: '2026-11-20T12:00:00Z', modified: '2026-11-20T13:00:00Z' };
const ioc = (type: Ioc['type'], value: string, details: Ioc['details'] = {}): Ioc => ({ type, value, source: 'CloudTrail', account, firstSeen: '2026-11-20T12:00:00Z', lastSeen: '2026-11-20T12:30:00Z', details });
const iocs = [
  ioc('compromised-identity', 'arn:aws:iam::111111111111:user/dana', { name: 'dana' }), ioc('attacker-ip', '185.220.101.34'), ioc('attacker-ip', '2001:db8::1'), ioc('access-key', "AKIA'\\x"),
  ioc('resource-created', 'i-1', { kind: 'instance' }), ioc('policy-attached', 'arn:aws:iam::aws:policy/AdministratorAccess', { kind: 'policy-attachment' }), ioc('billing-anomaly', 'EC2: 900 USD'),
];

/** Written from OASIS STIX 2.1: §3 common properties, §4 domain objects, §5 relationships, §6 observables, §7.3 extensions, §8 bundle. */
const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const id = (type: string) => ({ type: 'string', pattern: `^${type}--${uuid}$` });
const anyId = { type: 'string', pattern: `^[a-z0-9-]+--${uuid}$` };
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' };
const spec = { const: '2.1' };
const refs = { type: 'array', minItems: 1, items: anyId, uniqueItems: true };
const sdo = (type: string, properties: object, required: string[]) => ({
  type: 'object', additionalProperties: false, required: ['type', 'spec_version', 'id', 'created', 'modified', ...required],
  properties: { type: { const: type }, spec_version: spec, id: id(type), created: time, modified: time, created_by_ref: id('identity'), ...properties },
});
const sco = (type: string, properties: object, required: string[]) => ({
  type: 'object', additionalProperties: false, required: ['type', 'id', ...required], properties: { type: { const: type }, spec_version: spec, id: id(type), ...properties },
});
const text = { type: 'string', minLength: 1 };
const schema = {
  type: 'object', additionalProperties: false, required: ['type', 'id', 'objects'],
  properties: {
    type: { const: 'bundle' }, id: id('bundle'),
    objects: { type: 'array', minItems: 1, items: { oneOf: [
      sdo('identity', { name: text, identity_class: { enum: ['individual', 'group', 'system', 'organization', 'class', 'unknown'] } }, ['name']),
      sdo('indicator', { name: text, indicator_types: { type: 'array', items: { enum: ['anomalous-activity', 'anonymization', 'benign', 'compromised', 'malicious-activity', 'attribution', 'unknown'] } }, pattern: text, pattern_type: { enum: ['stix', 'pcre', 'sigma', 'snort', 'suricata', 'yara'] }, pattern_version: text, valid_from: time }, ['pattern', 'pattern_type', 'valid_from']),
      sdo('observed-data', { first_observed: time, last_observed: time, number_observed: { type: 'integer', minimum: 1, maximum: 999999999 }, object_refs: refs }, ['first_observed', 'last_observed', 'number_observed', 'object_refs']),
      sdo('relationship', { relationship_type: { type: 'string', pattern: '^[a-z0-9-]+$' }, source_ref: anyId, target_ref: anyId }, ['relationship_type', 'source_ref', 'target_ref']),
      sdo('grouping', { name: text, context: { enum: ['suspicious-activity', 'malware-analysis', 'unspecified'] }, object_refs: refs }, ['context', 'object_refs']),
      sdo('extension-definition', { name: text, description: text, schema: text, version: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' }, extension_types: { type: 'array', minItems: 1, items: { enum: ['new-sdo', 'new-sco', 'new-sro', 'property-extension', 'toplevel-property-extension'] } } }, ['name', 'schema', 'version', 'extension_types', 'created_by_ref']),
      sco('ipv4-addr', { value: { type: 'string', format: 'ipv4' } }, ['value']),
      sco('ipv6-addr', { value: { type: 'string', format: 'ipv6' } }, ['value']),
      sco('user-account', { user_id: text, account_type: text, display_name: text }, ['user_id']),
      sco('x-cloud-resource', { provider: text, account: text, kind: text, value: text, extensions: { type: 'object', minProperties: 1, patternProperties: { [`^extension-definition--${uuid}$`]: { type: 'object', required: ['extension_type'], properties: { extension_type: { const: 'new-sco' } } } }, additionalProperties: false } }, ['extensions']),
    ] } },
  },
};
const valid = new Ajv({ allErrors: true, formats: { ipv4: /^(\d{1,3}\.){3}\d{1,3}$/, ipv6: /^[0-9a-f:]+$/i }, strict: false }).compile(schema);

test('the bundle is STIX 2.1, and refers to nothing that is not in it', () => {
  const bundle = toStixBundle(iocs, about);
  valid(bundle);
  expect(valid.errors).toBeNull();
  const objects = bundle.objects as { id: string; type: string; object_refs?: string[]; source_ref?: string; target_ref?: string; created_by_ref?: string; first_observed?: string; last_observed?: string }[];
  const ids = objects.map((one) => one.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const one of objects) {
    for (const ref of [...(one.object_refs ?? []), one.source_ref, one.target_ref, one.created_by_ref]) if (ref) expect(ids).toContain(ref);
    if (one.first_observed) expect(one.last_observed! >= one.first_observed).toBe(true);
  }
  expect(objects.filter((one) => one.type === 'indicator')).toHaveLength(3);
});

test('the same case gives the same ids; quotes in a pattern are escaped', () => {
  expect(toStixBundle(iocs, about)).toEqual(toStixBundle(iocs, about));
  const patterns = (toStixBundle(iocs, about).objects as { pattern?: string }[]).flatMap((one) => (one.pattern ? [one.pattern] : []));
  expect(patterns).toContain(`[user-account:user_id = 'AKIA\\'\\\\x']`);
  expect(patterns).toContain(`[ipv4-addr:value = '185.220.101.34']`);
});

test('the schema itself can say no', () => {
  const bundle = toStixBundle(iocs, about) as { objects: { created?: string }[] };
  bundle.objects[0]!.created = 'yesterday';
  expect(valid(bundle)).toBe(false);
});

test('no indicators, still a bundle; and version-5 identifiers as RFC 4122 has them', () => {
  const bundle = toStixBundle([], about);
  expect(valid(bundle)).toBe(true);
  // Python's uuid.uuid5(NAMESPACE_DNS, 'python.org').
  expect(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'python.org')).toBe('886313e1-3b8a-5372-9b90-0c9aee199e5d');
  // STIX 2.1 §2.9: the id of an observable comes from its contributing properties in canonical JSON, in the specification's namespace.
  const [ip] = (toStixBundle([iocs[1]!], about).objects as { id: string; type: string }[]).filter((one) => one.type === 'ipv4-addr');
  expect(ip!.id).toBe(`ipv4-addr--${uuidV5('00abedb4-aa42-466c-9c01-fed23315a9b7', '{"value":"185.220.101.34"}')}`);
});
