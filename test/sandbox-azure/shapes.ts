import { readFileSync } from 'node:fs';

type Json = Record<string, unknown>;
export interface Sample { method: string; path: string; status: number; body: unknown }

export const kindOf = (value: unknown): string => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);

/** Microsoft's own request and response samples, one JSON a line; an asterisk stands for an id. */
export function samplesIn(file: string): Sample[] {
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => {
    const { request, response } = (JSON.parse(line) as { mock: { request: { url: string; method: string }; response: { statusCode?: number; body?: unknown } } }).mock;
    return { method: request.method, path: request.url.split('?')[0]!.replace('https://graph.microsoft.com/v1.0', ''), status: response.statusCode ?? 200, body: response.body };
  });
}

/** Every property that Microsoft’s own types declare: one that is not there was invented. */
export function declaredNames(): Set<string> {
  const types = readFileSync(require.resolve('@microsoft/microsoft-graph-types/microsoft-graph.d.ts'), 'utf8');
  return new Set([...types.matchAll(/^\s+"?([\w@.]+)"?\??:/gm)].map((one) => one[1]!));
}

/** Where ours and the sample have the same property with another kind of value; null says nothing. */
export function disagreements(ours: unknown, sample: unknown, path = ''): string[] {
  const [a, b] = [kindOf(ours), kindOf(sample)];
  if (a === 'null' || b === 'null') return [];
  if (a !== b) return [`${path}: ours is ${a}, Microsoft’s ${b}`];
  if (a === 'array') {
    const theirs = (sample as unknown[])[0];
    return theirs === undefined ? [] : (ours as unknown[]).flatMap((one, index) => disagreements(one, theirs, `${path}[${index}]`));
  }
  if (a !== 'object') return [];
  return Object.entries(ours as Json).flatMap(([name, value]) => (name in (sample as Json) ? disagreements(value, (sample as Json)[name], `${path}/${name}`) : []));
}

export function namesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namesOf);
  return value !== null && typeof value === 'object' ? Object.entries(value as Json).flatMap(([name, inner]) => [name, ...namesOf(inner)]) : [];
}
