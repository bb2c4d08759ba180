import { Fault, type Json } from '../protocol/types';

/** A parsed `$filter`. */
export interface Filter {
  test(item: Json): boolean;
  /** Needs `ConsistencyLevel: eventual` and `$count=true` on directory objects. */
  advanced: boolean;
  properties: string[];
}

const unsupported = (what: string): Fault => new Fault(400, 'Request_UnsupportedQuery', what);
const bad = (text: string): Fault => new Fault(400, 'BadRequest', `Invalid filter clause: ${text}`);

type Token = { kind: 'word' | 'text' | 'mark'; value: string };

function tokens(text: string): Token[] {
  const found: Token[] = [];
  const shape = /\s*(?:('(?:[^']|'')*')|([(),:])|([^\s(),:']+(?::[\d:.]+Z?(?:[+-]\d\d:\d\d)?)?))/gy;
  while (shape.lastIndex < text.trimEnd().length) {
    const match = shape.exec(text);
    if (!match) throw bad(text);
    if (match[1] !== undefined) found.push({ kind: 'text', value: match[1].slice(1, -1).replaceAll("''", "'") });
    else found.push({ kind: match[2] === undefined ? 'word' : 'mark', value: match[2] ?? match[3]! });
  }
  return found;
}

type Test = (item: Json) => boolean;

/** Parses the part of OData’s filter language that Graph’s directory knows; anything else is refused, never ignored. */
export function parseFilter(text: string): Filter {
  const list = tokens(text);
  const properties: string[] = [];
  let advanced = false;
  let at = 0;
  const peek = (): string => (list[at]?.kind === 'text' ? '' : (list[at]?.value ?? ''));
  const take = (wanted?: string): Token => {
    const token = list[at];
    if (!token || (wanted !== undefined && (token.kind === 'text' || token.value.toLowerCase() !== wanted))) throw bad(text);
    at += 1;
    return token;
  };
  const or = (prefix: string): Test => {
    const parts = [and(prefix)];
    while (peek().toLowerCase() === 'or') { take(); parts.push(and(prefix)); }
    return (item) => parts.some((part) => part(item));
  };
  const and = (prefix: string): Test => {
    const parts = [unary(prefix)];
    while (peek().toLowerCase() === 'and') { take(); parts.push(unary(prefix)); }
    return (item) => parts.every((part) => part(item));
  };
  const unary = (prefix: string): Test => {
    if (peek().toLowerCase() === 'not') {
      take();
      advanced = true;
      const inner = unary(prefix);
      return (item) => !inner(item);
    }
    if (peek() === '(') {
      take();
      const inner = or(prefix);
      take(')');
      return inner;
    }
    return comparison(prefix);
  };
  const property = (name: string, prefix: string): string => {
    const own = prefix && (name === prefix || name.startsWith(`${prefix}/`)) ? name.slice(prefix.length + 1) : name;
    if (!prefix) properties.push(own);
    return own;
  };
  const comparison = (prefix: string): Test => {
    const { value: name } = take();
    if (peek() === '(' && /^(startswith|endswith|contains)$/i.test(name)) {
      take();
      const path = property(take().value, prefix);
      take(',');
      const wanted = take().value.toLowerCase();
      take(')');
      if (!/^startswith$/i.test(name)) advanced = true;
      if (/^contains$/i.test(name)) throw unsupported('The filter function \'contains\' is not supported.');
      return (item) => valuesAt(item, path).some((value) => (/^startswith$/i.test(name) ? String(value ?? '').toLowerCase().startsWith(wanted) : String(value ?? '').toLowerCase().endsWith(wanted)));
    }
    const lambda = /^(.+)\/any$/.exec(name);
    if (lambda && peek() === '(') {
      take();
      const variable = take().value;
      take(':');
      const inner = or(variable);
      take(')');
      const path = property(lambda[1]!, prefix);
      return (item) => valuesAt(item, path).flat().some((value) => inner(value !== null && typeof value === 'object' ? (value as Json) : { '': value }));
    }
    const path = property(name, prefix);
    const operator = take().value.toLowerCase();
    if (operator === 'in') {
      take('(');
      const wanted = [literal(take())];
      while (peek() === ',') { take(); wanted.push(literal(take())); }
      take(')');
      return (item) => valuesAt(item, path).some((value) => wanted.some((one) => compare(value, one) === 0));
    }
    if (!/^(eq|ne|gt|ge|lt|le)$/.test(operator)) throw bad(text);
    if (operator === 'ne') advanced = true;
    const wanted = literal(take());
    return (item) => valuesAt(item, path).some((value) => holds(operator, compare(value, wanted)));
  };
  const test = or('');
  if (at < list.length) throw bad(text);
  return { test, get advanced() { return advanced; }, properties };
}

function literal({ kind, value }: Token): unknown {
  if (kind === 'text') return value;
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  if (value === 'null') return null;
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

/** The values at a path; a step through a list looks into each. */
function valuesAt(item: unknown, path: string): unknown[] {
  let found: unknown[] = [item];
  for (const step of path === '' ? [''] : path.split('/')) {
    found = found.flatMap((one) => (Array.isArray(one) ? one : [one])).map((one) => (one !== null && typeof one === 'object' ? ((one as Json)[step] ?? null) : null));
  }
  return found;
}

/** Text without case, times as times. Null is less than nothing else: only `eq` and `ne` know it. */
function compare(value: unknown, wanted: unknown): number | null {
  if (value === null || wanted === null) return value === wanted ? 0 : null;
  if (typeof value === 'string' && typeof wanted === 'string') {
    const [a, b] = /^\d{4}-\d\d-\d\dT/.test(value) && /^\d{4}-\d\d-\d\dT/.test(wanted) ? [Date.parse(value), Date.parse(wanted)] : [value.toLowerCase(), wanted.toLowerCase()];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return value === wanted ? 0 : typeof value === 'number' && typeof wanted === 'number' ? value - wanted : null;
}

function holds(operator: string, order: number | null): boolean {
  if (order === null) return operator === 'ne';
  return operator === 'eq' ? order === 0 : operator === 'ne' ? order !== 0 : operator === 'gt' ? order > 0 : operator === 'ge' ? order >= 0 : operator === 'lt' ? order < 0 : order <= 0;
}
