/** Evaluates ServiceNow's encoded queries over rows, the subset of operators that its query guide documents (servicenow.github.io/sdk/guides/encoded-query-guide). */
export interface Evaluated {
  match(row: Record<string, string>): boolean;
  /** Values that the instance would have run as a script; a caller that lets one through has an injection. */
  scripts: string[];
  orderBy: { field: string; descending: boolean } | null;
}

type Condition = (row: Record<string, string>) => boolean;

const operators: [string, (have: string, want: string) => boolean][] = [
  ['NOTLIKE', (have, want) => !has(have, want)],
  ['LIKE', has],
  ['STARTSWITH', (have, want) => lower(have).startsWith(lower(want))],
  ['ENDSWITH', (have, want) => lower(have).endsWith(lower(want))],
  ['ISNOTEMPTY', (have) => have !== ''],
  ['ISEMPTY', (have) => have === ''],
  ['IN', (have, want) => want.split(',').includes(have)],
  ['!=', (have, want) => lower(have) !== lower(want)],
  ['>=', (have, want) => have >= want],
  ['<=', (have, want) => have !== '' && have <= want],
  ['=', (have, want) => lower(have) === lower(want)],
  ['>', (have, want) => have > want],
  ['<', (have, want) => have !== '' && have < want],
];

/** A condition that cannot be read is left out, as an instance does by default (property glide.invalid_query.returns_no_rows is false). */
export function evaluate(query: string): Evaluated {
  const scripts: string[] = [];
  let orderBy: Evaluated['orderBy'] = null;
  const groups = query.split('^NQ').map((group) => {
    const all: Condition[][] = [];
    for (const part of group.split('^')) {
      const order = /^ORDERBY(DESC)?(\w+)$/.exec(part);
      if (order) {
        orderBy = { field: order[2]!, descending: order[1] !== undefined };
        continue;
      }
      const alternative = part.startsWith('OR') && all.length > 0;
      const condition = conditionOf(alternative ? part.slice(2) : part, scripts);
      if (!condition) continue;
      if (alternative) all[all.length - 1]!.push(condition);
      else all.push([condition]);
    }
    return all;
  });
  return { scripts, orderBy, match: (row) => groups.some((all) => all.every((any) => any.some((condition) => condition(row)))) };
}

function conditionOf(text: string, scripts: string[]): Condition | null {
  const field = /^[a-z][a-z0-9_.]*/.exec(text)?.[0];
  if (!field) return null;
  const rest = text.slice(field.length);
  const operator = operators.find(([name]) => rest.startsWith(name));
  if (!operator) return null;
  const want = rest.slice(operator[0].length);
  if (/^javascript:/i.test(want)) scripts.push(want);
  return (row) => (field in row ? operator[1](row[field] ?? '', want) : true);
}

const lower = (text: string): string => text.toLowerCase();
function has(have: string, want: string): boolean {
  return lower(have).includes(lower(want));
}
