import type { NormalizedSchema } from '@smithy/core/schema';
import { XmlShapeDeserializer } from '@aws-sdk/core/protocols';
import { decode, type RawRequest } from './request';
import type { Operation, Service } from './services';
import type { Json } from './shapes';

const xml = new XmlShapeDeserializer({ timestampFormat: { useTrait: true, default: 5 }, httpBindings: false, xmlNamespace: '', serviceNamespace: '' } as never);

/** Which operation a request asks for and with what; null when the model has none like it. */
export function parse(service: Service, raw: RawRequest): { operation: Operation; input: Json } | null {
  switch (service.protocol) {
    case 'query':
    case 'ec2': {
      const form = new URLSearchParams(raw.method === 'GET' ? '' : raw.body.toString('utf8'));
      const fields: Record<string, string> = {};
      if (raw.method === 'GET') for (const [key, value] of Object.entries(raw.query)) fields[key] = String(value);
      for (const [key, value] of form) fields[key] = value;
      const operation = service.operations.get(fields.Action ?? '');
      return operation ? { operation, input: (operation.input.isUnitSchema() ? {} : fromForm(operation.input, nest(fields), service.protocol === 'ec2')) as Json } : null;
    }
    case 'json': {
      const operation = service.operations.get((raw.headers['x-amz-target'] ?? '').split('.').at(-1) ?? '');
      return operation ? { operation, input: jsonBody(raw.body) } : null;
    }
    default:
      return fromRest(service, raw);
  }
}

function jsonBody(body: Buffer): Json {
  if (!body.length) return {};
  try {
    return JSON.parse(body.toString('utf8')) as Json;
  } catch {
    return {};
  }
}

type Nested = string | { [key: string]: Nested };

/** `A.member.1.B=x` -> {A: {member: {1: {B: x}}}}. */
function nest(fields: Record<string, string>): Nested {
  const root: { [key: string]: Nested } = Object.create(null) as { [key: string]: Nested };
  for (const [key, value] of Object.entries(fields)) {
    const parts = key.split('.');
    let at = root;
    for (const part of parts.slice(0, -1)) {
      const next = at[part];
      at = (typeof next === 'object' ? next : (at[part] = Object.create(null) as { [key: string]: Nested })) as { [key: string]: Nested };
    }
    at[parts.at(-1)!] = value;
  }
  return root;
}

function fromForm(schema: NormalizedSchema, value: Nested | undefined, ec2: boolean): unknown {
  if (value === undefined) return undefined;
  if (schema.isStructSchema() && typeof value === 'object') {
    const out: Json = {};
    for (const [name, member] of schema.structIterator()) {
      const traits = member.getMergedTraits() as { xmlName?: string; ec2QueryName?: string };
      const plain = traits.xmlName ?? name;
      const key = ec2 ? (traits.ec2QueryName ?? plain[0]!.toUpperCase() + plain.slice(1)) : plain;
      const read = fromForm(member, value[key], ec2);
      if (read !== undefined) out[name] = read;
    }
    return out;
  }
  if (schema.isListSchema()) {
    if (typeof value === 'string') return value === '' ? [] : [value];
    const items = ec2 ? value : (Object.values(value)[0] as { [key: string]: Nested });
    return Object.keys(typeof items === 'object' ? items : {}).filter((key) => /^\d+$/.test(key)).sort((a, b) => Number(a) - Number(b)).map((key) => fromForm(schema.getValueSchema(), (items as { [key: string]: Nested })[key], ec2));
  }
  if (schema.isMapSchema() && typeof value === 'object') {
    const entries = Object.values((typeof value.entry === 'object' ? value.entry : value) as { [key: string]: { key: string; value: Nested } });
    return Object.fromEntries(entries.map((entry) => [entry.key, fromForm(schema.getValueSchema(), entry.value, ec2)]));
  }
  return typeof value === 'string' ? scalar(schema, value) : undefined;
}

/** Text of the wire -> boolean or number where the model says so. */
export function scalar(schema: NormalizedSchema, text: string): unknown {
  if (schema.isBooleanSchema()) return text === 'true';
  if (schema.isNumericSchema()) return Number(text);
  return text;
}

function fromRest(service: Service, raw: RawRequest): { operation: Operation; input: Json } | null {
  const segments = raw.path.split('/').filter(Boolean).map(decode);
  const input: Json = {};
  // Path-style S3: the model's paths begin after the bucket.
  if (service.name === 's3' && segments.length) input.Bucket = segments.shift();
  const operation = matching(service, raw, segments, input.Bucket !== undefined);
  if (!operation) return null;
  const template = operation.http!.path;
  template.forEach((part, index) => {
    const label = /^\{(.+?)(\+?)\}$/.exec(part);
    if (label) input[label[1]!] = label[2] ? rest(raw.path, segments, index) : segments[index];
  });
  for (const [name, member] of operation.input.structIterator()) {
    const traits = member.getMergedTraits() as { httpQuery?: string; httpHeader?: string; httpPayload?: 1 };
    const given = traits.httpQuery !== undefined ? raw.query[traits.httpQuery] : traits.httpHeader !== undefined ? raw.headers[traits.httpHeader.toLowerCase()] : undefined;
    if (given !== undefined) input[name] = scalar(member, String(given));
    if (traits.httpPayload) {
      if (member.isStructSchema()) input[name] = raw.body.length ? xml.read(member, raw.body) : undefined;
      else if (!member.isBlobSchema()) input[name] = raw.body.toString('utf8');
    }
  }
  if (service.protocol === 'rest-json') Object.assign(input, pascalToMember(operation.input, jsonBody(raw.body)));
  return { operation, input };
}

/** Greedy labels keep a trailing slash, which is part of an S3 key. */
const rest = (path: string, segments: string[], from: number): string => segments.slice(from).join('/') + (path.endsWith('/') ? '/' : '');

function matching(service: Service, raw: RawRequest, segments: string[], bucket: boolean): Operation | null {
  let best: { operation: Operation; score: number } | null = null;
  for (const operation of service.operations.values()) {
    const http = operation.http;
    if (!http || http.method !== raw.method) continue;
    if (service.name === 's3' && bucket !== operation.takesBucket) continue;
    const greedy = http.path.at(-1)?.endsWith('+}') ?? false;
    if (greedy ? segments.length < http.path.length : segments.length !== http.path.length) continue;
    let score = 0;
    const fits = http.path.every((part, index) => part.startsWith('{') || (part === segments[index] && (score += 100, true)));
    if (!fits) continue;
    const literals = Object.entries(http.query);
    // `x-id` is a hint that only some SDKs send.
    if (!literals.every(([key, value]) => key === 'x-id' || (key in raw.query && (value === null || raw.query[key] === value)))) continue;
    score += literals.filter(([key, value]) => key in raw.query && (value === null || raw.query[key] === value)).length * 10;
    if (service.name === 's3') score += s3Hint(operation.name, raw);
    if (!best || score > best.score) best = { operation, score };
  }
  return best?.operation ?? null;
}

/** Operations that share a path, for clients that send no `x-id`. */
function s3Hint(name: string, raw: RawRequest): number {
  const copy = 'x-amz-copy-source' in raw.headers;
  const part = 'partNumber' in raw.query;
  const wanted = raw.method === 'PUT' ? (part ? (copy ? 'UploadPartCopy' : 'UploadPart') : copy ? 'CopyObject' : 'PutObject') : 'GetObject';
  return name === wanted || name === 'ListBuckets' ? 1 : 0;
}

/** REST-JSON wire names are camelCase where the model says `jsonName`. */
function pascalToMember(schema: NormalizedSchema, body: Json): Json {
  const out: Json = {};
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits() as { jsonName?: string };
    const value = body[traits.jsonName ?? name];
    if (value !== undefined) out[name] = value;
  }
  return out;
}
