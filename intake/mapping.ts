import { z } from 'zod';
import { alertId, FieldProblem, isMembers, rejecting, text, type Members } from './fields';
import { genericToAlert, SEVERITIES } from './generic';
import type { Parsed, ParseOptions, ParseResult, Source } from './source';

const path = z.string().regex(/^[^.[\]]+(\[(\d{1,3}|\*)\])*(\.[^.[\]]+(\[(\d{1,3}|\*)\])*){0,15}$/, 'a path such as result.user or alerts[0].actor');
const lookup = z.union([path, z.array(path).min(1).max(10), z.strictObject({ value: z.union([z.string(), z.number(), z.boolean()]) })]);

/** Where each field of the generic form stands in a sender’s own JSON: paths only, the first that is there counts. Nothing is computed. */
export const mappingSchema = z.strictObject({
  each: z.union([path, z.array(path)]).optional().describe('the list whose items are alerts; left out: the body, or each item when the body is a list'),
  fields: z.strictObject({
    id: lookup.optional().describe('left out: the whole record is its id'), time: lookup, title: lookup, severity: lookup.optional(), provider: lookup.optional(), account: lookup.optional(), region: lookup.optional(),
    principal: lookup.optional(), principalName: lookup.optional(), principalKind: lookup.optional(), accessKeyId: lookup.optional(), sourceIp: lookup.optional(), addresses: lookup.optional(), userAgent: lookup.optional(),
    target: lookup.optional(), targetKind: lookup.optional(), techniques: lookup.optional(), url: lookup.optional(), raw: lookup.optional(),
  }),
  severities: z.record(z.string().max(64), z.enum(['critical', 'high', 'medium', 'low', 'informational'])).prefault({}).describe('the sender’s word, lower case → ours; without one: medium'),
});
export type Mapping = z.infer<typeof mappingSchema>;
export type MappingInput = z.input<typeof mappingSchema>;
type Field = keyof Mapping['fields'];

/** Own members only, so that no path reaches a prototype. A member whose name has dots (`aws.cloudtrail.user_identity.arn`) is found too. `[*]` gives a list. */
export function valueAt(value: unknown, at: string): unknown {
  return walk(value, at.split('.').flatMap((part) => part.split(/[[\]]+/).filter((one) => one !== '').map((one, index) => (index === 0 ? one : `[${one}`))), 0);
}

function walk(value: unknown, steps: readonly string[], from: number): unknown {
  if (from === steps.length) return value;
  const step = steps[from]!;
  if (step === '[*') return Array.isArray(value) ? value.slice(0, 200).map((one) => walk(one, steps, from + 1)).flat().filter((one) => one !== undefined) : undefined;
  if (step.startsWith('[')) return Array.isArray(value) ? walk(value[Number(step.slice(1))], steps, from + 1) : undefined;
  if (!isMembers(value)) return undefined;
  for (let to = from + 1, name = step; to <= steps.length; name = `${name}.${steps[to] ?? ''}`, to++) {
    if (Object.hasOwn(value, name)) {
      const found = walk(value[name], steps, to);
      if (found !== undefined) return found;
    }
    if (to < steps.length && steps[to]!.startsWith('[')) break;
  }
  return undefined;
}

/** A source that a mapping describes. */
export function mappedSource(id: string, input: MappingInput, recognises: (payload: unknown) => boolean = () => false): Source {
  const mapping = mappingSchema.parse(input);
  return {
    id, recognises,
    parse(payload, options = {}): ParseResult {
      for (const each of [mapping.each ?? []].flat()) {
        const list = valueAt(payload, each);
        if (Array.isArray(list)) return list.map((one, index) => mapped(id, mapping, one, `${each}[${index}]`, options));
        if (isMembers(list)) return [mapped(id, mapping, list, each, options)];
      }
      if (Array.isArray(payload)) return payload.map((one, index) => mapped(id, mapping, one, `[${index}]`, options));
      return [mapped(id, mapping, payload, '', options)];
    },
  };
}

function mapped(source: string, mapping: Mapping, record: unknown, at: string, options: ParseOptions): Parsed {
  const result = rejecting(() => {
    if (!isMembers(record)) throw new FieldProblem(at || '(record)', 'must be an object');
    const nameOf = (field: string): string => {
      const rule = mapping.fields[(FIELD_OF[field] ?? field) as Field];
      const own = typeof rule === 'string' ? rule : Array.isArray(rule) ? rule[0]! : field;
      return at === '' ? own : `${at}.${own}`;
    };
    return genericToAlert(formOf(mapping, record), { source, path: nameOf, options });
  });
  return 'value' in result ? { alert: result.value } : result;
}

const FIELD_OF: Record<string, string> = { 'principal.id': 'principal', 'principal.name': 'principalName', 'principal.kind': 'principalKind', 'principal.accessKeyId': 'accessKeyId', 'target.id': 'target', 'target.kind': 'targetKind' };

function formOf({ fields, severities }: Mapping, record: Members): Members {
  const found = (field: Field): unknown => {
    const rule = fields[field];
    if (rule === undefined) return undefined;
    if (typeof rule === 'object' && !Array.isArray(rule)) return rule.value;
    for (const one of [rule].flat()) {
      const value = valueAt(record, one);
      if (value !== undefined && value !== null && value !== '') return value;
    }
    return undefined;
  };
  const one = (field: Field): unknown => first(found(field));
  const form: Members = { id: cut(scalar(one('id')) ?? alertId([JSON.stringify(record)]), 512), time: timeIn(one('time')), title: cut(scalar(one('title')), 512), severity: severityIn(one('severity'), severities) };
  const set = (name: string, value: unknown): void => void (value !== undefined && (form[name] = value));
  for (const field of ['account', 'region', 'sourceIp', 'url'] as const) set(field, scalar(one(field)));
  set('userAgent', cut(scalar(one('userAgent')), 1024));
  set('provider', providerIn(one('provider')));
  const id = scalar(one('principal'));
  if (id !== undefined) form['principal'] = Object.fromEntries(Object.entries({ id, name: cut(scalar(one('principalName')), 512), kind: scalar(one('principalKind')), accessKeyId: scalar(one('accessKeyId')) }).filter(([, value]) => value !== undefined));
  const target = scalar(one('target'));
  if (target !== undefined) form['target'] = { kind: scalar(one('targetKind')) ?? 'other', id: target };
  const techniques = found('techniques');
  if (techniques !== undefined) form['techniques'] = [techniques].flat().map((value) => /T\d{4}(\.\d{3})?/.exec(text(value).slice(0, 200))?.[0]).filter((value) => value !== undefined).slice(0, 20);
  const addresses = found('addresses');
  if (addresses !== undefined) form['addresses'] = [addresses].flat().filter((value) => typeof value === 'string' && value !== '').slice(0, 50);
  set('raw', found('raw'));
  return form;
}

/** SIEMs give several values of a field as a list. */
const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
/** Text; anything else is left for the schema to refuse by name. */
const scalar = (value: unknown): unknown => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value === null || value === '' ? undefined : value);
const cut = (value: unknown, max: number): unknown => (typeof value === 'string' ? value.slice(0, max) : value);

/** ISO as it is; seconds or milliseconds since 1970 become ISO. */
function timeIn(value: unknown): unknown {
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d{9,13}(\.\d{1,9})?$/.test(value) ? Number(value) : null;
  if (number === null || !(number > 0 && number < 8.64e15)) return value ?? undefined;
  return new Date(number < 1e11 ? number * 1000 : number).toISOString();
}

/** A word that nobody knows must not lose an alert that somebody set up to be sent. */
function severityIn(value: unknown, severities: Mapping['severities']): unknown {
  const word = typeof value === 'number' ? String(value) : text(value).trim().toLowerCase();
  if (Object.hasOwn(severities, word)) return severities[word];
  if (Object.hasOwn(SEVERITIES, word)) return word;
  if (word === 'info') return 'informational';
  const number = /^\d{1,3}(\.\d{1,3})?$/.test(word) ? Number(word) : NaN;
  return number <= 10 ? number : number <= 100 ? number / 10 : 'medium';
}

function providerIn(value: unknown): unknown {
  const word = text(value).slice(0, 200).toLowerCase();
  return /aws|amazon/.test(word) ? 'aws' : /azure|entra|microsoft/.test(word) ? 'azure' : undefined;
}
