import { holds, parseCondition, type Condition } from './condition';
import { valuesOf } from './fields';
import { matchOf, type Match } from './match';

interface Field {
  name: string;
  each: Match[];
  all: boolean;
}

/** A rule that was understood whole. */
export interface SigmaRule {
  id: string;
  title: string;
  level: 'informational' | 'low' | 'medium' | 'high' | 'critical';
  /** ATT&CK technique ids of its tags. */
  techniques: string[];
  product: string;
  conditions: Condition[];
  /** Each: one of these sets of fields, all of which fit. */
  selections: Readonly<Record<string, Field[][]>>;
}

const LEVELS = ['informational', 'low', 'medium', 'high', 'critical'];
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

type Lists = Readonly<Record<string, readonly string[]>>;

function fieldsOf(name: string, selection: unknown, lists: Lists): Field[] {
  if (!isObject(selection)) throw new Error(`${name}: only fields with values are supported, not key words`);
  const fields = Object.entries(selection).map(([key, expected]) => {
    const [field = '', ...modifiers] = key.split('|');
    if (field === '') throw new Error(`${name}: a search in all fields is not supported`);
    return { name: field, ...matchOf(field, modifiers, expected, lists) };
  });
  if (fields.length === 0) throw new Error(`${name}: it is empty`);
  return fields;
}

/**
 * One Sigma rule (as YAML gives it). Reads what the rules in `detections/` use; anything else is refused with its name, because a rule that is half understood never fires and nobody sees it.
 * `lists`: values for `|expand`. Throws Error. Source: Sigma rules specification 2.
 */
export function readRule(value: unknown, lists: Lists = {}): SigmaRule {
  if (!isObject(value)) throw new Error('a rule must be an object');
  const { id, title, level, detection, logsource, tags } = value;
  if (typeof id !== 'string' || typeof title !== 'string') throw new Error('a rule needs an id and a title');
  if (typeof level !== 'string' || !LEVELS.includes(level)) throw new Error(`${title}: level must be one of ${LEVELS.join(', ')}`);
  if (!isObject(logsource) || typeof logsource['product'] !== 'string') throw new Error(`${title}: logsource needs a product`);
  if (!isObject(detection)) throw new Error(`${title}: detection is missing`);
  const { condition, ...named } = detection;
  if ('timeframe' in named || 'correlation' in value) throw new Error(`${title}: correlations are not supported`);
  const selections: Record<string, Field[][]> = {};
  for (const [name, selection] of Object.entries(named)) selections[name] = (Array.isArray(selection) ? selection : [selection]).map((one) => fieldsOf(name, one, lists));
  const texts: unknown[] = Array.isArray(condition) ? condition : [condition];
  if (texts.length === 0 || !texts.every((text): text is string => typeof text === 'string')) throw new Error(`${title}: condition is missing`);
  return {
    id, title, level: level as SigmaRule['level'], product: logsource['product'], selections,
    conditions: texts.map((text) => parseCondition(text, Object.keys(selections))),
    techniques: (Array.isArray(tags) ? tags : []).flatMap((tag) => (typeof tag === 'string' ? (/^attack\.(t\d{4}(\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase() ?? []) : [])),
  };
}

function fieldFits(event: unknown, product: string, { name, each, all }: Field): boolean {
  const values = valuesOf(event, product, name);
  const found = values.length > 0 ? values : [undefined];
  return all ? found.some((value) => each.every((fits) => fits(value))) : each.some((fits) => found.some((value) => fits(value)));
}

/** Does the rule fire on this raw event? Total: any JSON gets an answer. */
export function ruleFires(rule: SigmaRule, event: unknown): boolean {
  const met = new Map<string, boolean>();
  const selection = (name: string): boolean => {
    const known = met.get(name);
    if (known !== undefined) return known;
    const fits = (Object.hasOwn(rule.selections, name) ? rule.selections[name]! : []).some((fields) => fields.every((field) => fieldFits(event, rule.product, field)));
    met.set(name, fits);
    return fits;
  };
  return rule.conditions.some((condition) => holds(condition, selection));
}
