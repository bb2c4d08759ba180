/**
 * Where a log source's fields stand in the records that people have at hand: bare, in an EventBridge envelope, as an Azure export, as Winlogbeat and the Windows event XML give them.
 * Sigma's own names are those of the bare record.
 */
const ROOTS: Readonly<Record<string, readonly string[]>> = {
  aws: ['', 'detail'],
  azure: ['', 'properties'],
  windows: ['', 'winlog', 'winlog.event_data', 'Event.System', 'Event.EventData', 'EventData', 'result'],
};
const NAMES: Readonly<Record<string, readonly string[]>> = { EventID: ['EventID', 'event_id', 'EventCode', 'event.code'] };

const MOST_VALUES = 1_000;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every value at a dotted path; a list on the way stands for each of its members, a name with dots may be one key. */
function at(value: unknown, path: string, out: unknown[]): void {
  if (out.length >= MOST_VALUES) return;
  if (Array.isArray(value)) {
    for (const item of value) at(item, path, out);
    return;
  }
  if (path === '') {
    out.push(value);
    return;
  }
  if (!isObject(value)) return;
  if (Object.hasOwn(value, path)) at(value[path], '', out);
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    if (Object.hasOwn(value, head)) at(value[head], path.slice(dot + 1), out);
  }
}

/** The values of one field of a raw event; empty when it is not there. */
export function valuesOf(event: unknown, product: string, field: string): unknown[] {
  const out: unknown[] = [];
  for (const root of ROOTS[product] ?? ['']) for (const name of NAMES[field] ?? [field]) at(event, root === '' ? name : `${root}.${name}`, out);
  if (product === 'windows') named(event, field, out);
  return out;
}

/** Event XML made JSON keeps its fields as a list: `EventData.Data: [{"@Name": …, "#text": …}]`. */
function named(event: unknown, field: string, out: unknown[]): void {
  const data: unknown[] = [];
  for (const root of ['Event.EventData.Data', 'EventData.Data']) at(event, root, data);
  for (const item of data) if (isObject(item) && item['@Name'] === field) out.push(item['#text']);
}
