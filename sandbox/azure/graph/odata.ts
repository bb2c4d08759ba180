import { Fault, type Answer, type Call, type Json } from '../protocol/types';
import { parseFilter } from './filter';

export interface ListRules {
  /** The part of `@odata.context` after `#`. */
  context: string;
  /** Properties that `$filter` may name; anything else is Request_UnsupportedQuery. */
  filterable: readonly string[];
  /** Properties that `$orderby` may name. */
  sortable?: readonly string[];
  /** `$top` at most, and without `$top` (Graph’s documentation of the collection). */
  maxPage?: number;
  defaultPage?: number;
  /** What comes without `$select`; all when left out. */
  defaults?: readonly string[];
  /** Never shown unless selected. */
  onSelect?: readonly string[];
  /** Directory objects: `ne`, `not`, `endswith` and `$count` need ConsistencyLevel: eventual. */
  directory?: boolean;
  expand?: Record<string, (item: Json) => unknown>;
}

const known = new Set(['$filter', '$select', '$top', '$expand', '$count', '$orderby', '$skiptoken', '$search']);

/** Answers a list as Graph does: filter, order, page with `@odata.nextLink`, select. */
export function listAnswer(call: Call, items: readonly object[], rules: ListRules): Answer {
  for (const name of call.query.keys()) if (name.startsWith('$') && !known.has(name)) throw new Fault(400, 'BadRequest', `Query option '${name}' is not supported.`);
  if (call.query.has('$search')) throw new Fault(400, 'Request_UnsupportedQuery', 'Search is not supported by the sandbox.');
  const eventual = String(call.headers['consistencylevel'] ?? '').toLowerCase() === 'eventual';
  const counted = call.query.get('$count') === 'true';
  let found = items as Json[];
  const wanted = call.query.get('$filter');
  if (wanted !== null) {
    const filter = parseFilter(wanted);
    for (const name of filter.properties) if (!rules.filterable.includes(name.split('/')[0]!) && !rules.filterable.includes(name)) throw new Fault(400, 'Request_UnsupportedQuery', `Unsupported or invalid query filter clause specified for property '${name}' of resource '${rules.context}'.`);
    if (rules.directory && filter.advanced && !(eventual && counted)) throw new Fault(400, 'Request_UnsupportedQuery', 'Operator is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header. Refer to https://aka.ms/graph-docs/advanced-queries for more information.');
    found = found.filter((item) => filter.test(item));
  }
  if (counted && rules.directory && !eventual) throw new Fault(400, 'Request_BadRequest', '$count is not currently supported without ConsistencyLevel: eventual.');
  found = ordered(found, call.query.get('$orderby'), rules);
  const size = Math.min(pageSize(call.query.get('$top'), rules), call.pageLimit);
  const from = Number(Buffer.from(call.query.get('$skiptoken') ?? '', 'base64url').toString() || 0);
  const page = found.slice(from, from + size).map((item) => shown(call, item, rules));
  const next = new URL(call.url);
  next.searchParams.set('$skiptoken', Buffer.from(String(from + size)).toString('base64url'));
  return {
    status: 200,
    body: { '@odata.context': contextOf(call, rules), ...(counted && { '@odata.count': found.length }), ...(from + size < found.length && { '@odata.nextLink': next.href }), value: page },
  };
}

export function itemAnswer(call: Call, item: object | null, rules: ListRules, what: string, status = 200): Answer {
  if (!item) throw notFound(what);
  return { status, body: { '@odata.context': `${contextOf(call, rules)}/$entity`, ...shown(call, item as Json, rules) } };
}

export const notFound = (id: string): Fault => new Fault(404, 'Request_ResourceNotFound', `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`);

const contextOf = (call: Call, rules: ListRules): string => `${call.url.origin}/v1.0/$metadata#${rules.context}`;

function shown(call: Call, item: Json, rules: ListRules): Json {
  const select = call.query.get('$select')?.split(',').map((one) => one.trim());
  const names = select ? ['id', ...select] : (rules.defaults ?? Object.keys(item).filter((name) => !rules.onSelect?.includes(name)));
  const picked = Object.fromEntries(names.filter((name) => name in item || !name.includes('@')).flatMap((name) => (name in item ? [[name, item[name]]] : rules.defaults?.includes(name) ? [[name, null]] : [])));
  if (item['@odata.type']) picked['@odata.type'] = item['@odata.type'];
  for (const part of call.query.get('$expand')?.split(/,(?![^(]*\))/) ?? []) {
    const name = part.replace(/\(.*/, '').trim();
    const expand = rules.expand?.[name];
    if (!expand) throw new Fault(400, 'BadRequest', `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type '${rules.context}'.`);
    picked[name] = expand(item);
  }
  return picked;
}

function ordered(items: Json[], orderBy: string | null, rules: ListRules): Json[] {
  if (orderBy === null) return items;
  const [name, direction] = orderBy.split(' ');
  if (!rules.sortable?.includes(name!)) throw new Fault(400, 'Request_UnsupportedQuery', `Sort not supported for property '${name}'.`);
  const sign = direction === 'desc' ? -1 : 1;
  return [...items].sort((a, b) => sign * String(a[name!] ?? '').localeCompare(String(b[name!] ?? '')));
}

function pageSize(top: string | null, rules: ListRules): number {
  const most = rules.maxPage ?? 999;
  if (top === null) return Math.min(rules.defaultPage ?? 100, most);
  const size = Number(top);
  if (!Number.isInteger(size) || size < 1 || size > most) throw new Fault(400, 'Request_BadRequest', `Invalid page size specified: '${top}'. Must be between 1 and ${most} inclusive.`);
  return size;
}
