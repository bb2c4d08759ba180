/**
 * ServiceNow's encoded queries (servicenow.github.io/sdk/guides/encoded-query-guide): conditions joined by `^`, alternatives by `^OR`
 * (which binds to its neighbours), `^NQ` starts a whole new query, and a value that begins with `javascript:` is run as a script.
 */
const SEPARATOR = '^';
const LONGEST_VALUE = 200;

/**
 * The part of a hostile text that is safe as a value of LIKE (“contains”): its longest piece without a separator or a control character.
 * A piece finds all that the whole would, and more; the exact comparison is made on what comes back. Null when nothing usable is left.
 */
export function safeValue(text: string): string | null {
  // eslint-disable-next-line no-control-regex
  const pieces = text.split(/[\u0000-\u001f\u007f\u0085\u2028\u2029^]+/).map((piece) => piece.trim().slice(0, LONGEST_VALUE));
  const longest = pieces.reduce((best, piece) => (piece.length > best.length ? piece : best), '');
  return longest.length < 3 || /javascript\s*:/i.test(longest) ? null : longest;
}

const FIELD = /^[a-z][a-z0-9_]{0,79}(\.[a-z][a-z0-9_]{0,79}){0,3}$/;

/** A field name as configured, dot-walking allowed (`assigned_to.email`). */
export function isField(name: string): boolean {
  return FIELD.test(name);
}

/** ServiceNow's date-time in a query: `YYYY-MM-DD HH:MM:SS`, UTC for an integration user whose time zone is GMT. */
export function dateTime(iso: string): string {
  return new Date(iso).toISOString().slice(0, 19).replace('T', ' ');
}

/** `field` contains any of the values, or another pair does: one group of alternatives. Empty when there is no usable value. */
export function anyOf(pairs: readonly { fields: readonly string[]; values: readonly string[] }[]): string {
  const conditions = pairs.flatMap(({ fields, values }) => {
    const safe = [...new Set(values.map(safeValue).filter((value) => value !== null))];
    return safe.flatMap((value) => fields.map((field) => `${field}LIKE${value}`));
  });
  return conditions.join(`${SEPARATOR}OR`);
}

export function allOf(conditions: readonly string[]): string {
  return conditions.filter((condition) => condition !== '').join(SEPARATOR);
}
