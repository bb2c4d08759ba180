import { createHash } from 'node:crypto';
import { plain } from '../../playbook/message/text';
import type { Person } from '../../playbook/model/people';
import type { ChangeRequest } from '../../playbook/triage/inputs';
import { fail } from '../boundary';
import { allOf, anyOf, dateTime, isField } from './encoded-query';
import { ServiceNowClient, type Row, type ServiceNowConnection } from './servicenow-client';
import type { ChangeQuery, TaskRequest, TicketSystem } from './system';

/** Which fields of `change_request` say who, what, on what, and when; several are given with commas, dot-walking is allowed. */
export interface ServiceNowFields {
  who: string;
  what: string;
  targets: string;
  from: string;
  until: string;
}

/** `u_…` are fields that an organisation adds to its change form (docs/configuration.md); the window is ServiceNow's own planned start and end. */
export const defaultFields: ServiceNowFields = { who: 'u_cloud_identities', what: 'u_cloud_events', targets: 'u_cloud_targets', from: 'start_date', until: 'end_date' };

export interface ServiceNowOptions extends ServiceNowConnection {
  fields?: Partial<ServiceNowFields> | Record<string, string>;
  /** Where tasks for people are opened. */
  taskTable?: 'incident' | 'sc_task';
  /** Put into every task as it is: assignment_group, category, … */
  taskDefaults?: Record<string, string>;
  /** To fold an e-mail or name in a ticket into the person. */
  people?: readonly Person[];
}

const VALUES_PER_QUERY = 20;
const MOST_VALUES = 200;

/** ServiceNow as the ticket system, by its Table API. Errors: TICKETS_UNAVAILABLE; INVALID_CONFIG for a mapping to what is no field. */
export function serviceNowTickets(options: ServiceNowOptions): TicketSystem {
  const client = new ServiceNowClient(options);
  const mapping = { ...defaultFields, ...options.fields };
  const fields = Object.fromEntries(
    (Object.keys(defaultFields) as (keyof ServiceNowFields)[]).map((name) => {
      const list = mapping[name].split(',').map((field) => field.trim()).filter(Boolean);
      if (list.length === 0 || !list.every(isField)) throw fail('INVALID_CONFIG', `tickets.fields.${name}: “${mapping[name]}” is not a list of ServiceNow fields`);
      return [name, list];
    }),
  ) as Record<keyof ServiceNowFields, string[]>;
  const unknown = Object.keys(mapping).filter((name) => !(name in defaultFields));
  if (unknown.length > 0) throw fail('INVALID_CONFIG', `tickets.fields.${unknown[0]}: unknown; there are ${Object.keys(defaultFields).join(', ')}`);
  const wanted = [...new Set(['number', 'state', 'approval', ...Object.values(fields).flat()])];

  const changesFor = async (query: ChangeQuery): Promise<ChangeRequest[]> => {
    const values = [...query.who.map((value) => ['who', value] as const), ...query.targets.map((value) => ['targets', value] as const)];
    if (values.length > MOST_VALUES) throw fail('TICKETS_UNAVAILABLE', `too many names to look up (${values.length})`);
    const window = [`${fields.from[0]}<=${dateTime(query.until)}`, `${fields.until[0]}>=${dateTime(query.from)}`];
    const found = new Map<string, ChangeRequest>();
    for (let from = 0; from < values.length; from += VALUES_PER_QUERY) {
      const some = values.slice(from, from + VALUES_PER_QUERY);
      const about = anyOf((['who', 'targets'] as const).map((kind) => ({ fields: fields[kind], values: some.filter(([name]) => name === kind).map(([, value]) => value) })));
      if (about === '') continue;
      for (const row of await client.query('change_request', allOf([...window, about]), wanted)) {
        const change = changeOf(row, fields, options.people ?? []);
        if (change) found.set(change.id, change);
      }
    }
    return [...found.values()];
  };

  const openTask = async ({ key, title, instructions }: TaskRequest) => {
    const table = options.taskTable ?? 'incident';
    const correlation = `tourniquet-${createHash('sha256').update(key).digest('hex').slice(0, 40)}`;
    const [existing] = await client.query(table, `correlation_id=${correlation}`, ['sys_id', 'number']);
    const row = existing ?? (await client.create(table, {
      ...options.taskDefaults, short_description: plain(title, 160), description: instructions.map((line) => plain(line, 1_000)).join('\n'), correlation_id: correlation, correlation_display: 'Tourniquet',
    }));
    return { reference: `servicenow:${plain(row.number?.value || row.sys_id?.value || correlation, 60)}` };
  };

  return { name: 'servicenow', changesFor, openTask };
}

/** Null when a row has no number or no readable window: it can cover nothing. */
function changeOf(row: Row, fields: Record<keyof ServiceNowFields, string[]>, people: readonly Person[]): ChangeRequest | null {
  const id = row.number?.value ?? '';
  const from = isoOf(row[fields.from[0]!]?.value);
  const until = isoOf(row[fields.until[0]!]?.value);
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(id) || !from || !until) return null;
  const who = texts(row, fields.who);
  const persons = who.flatMap((name) => people.filter((person) => [person.id, person.email].some((own) => own.toLowerCase() === name.toLowerCase())).map((person) => person.id));
  return { id, state: stateOf(row), who: [...new Set([...who, ...persons])], what: texts(row, fields.what), targets: texts(row, fields.targets), from, until, source: `servicenow:${id}` };
}

/** The lines of list fields: what people type is separated by commas, semicolons or line ends. For a reference the name is what is shown. */
function texts(row: Row, names: readonly string[]): string[] {
  const all = names.flatMap((name) => {
    const field = row[name];
    const shown = field && /^[0-9a-f]{32}$/.test(field.value) ? field.display_value : field?.value;
    return (shown ?? '').split(/[,;\n\r]+/).map((text) => text.trim());
  });
  return [...new Set(all.filter(Boolean))];
}

/** The change model's states (servicenow.com/docs, “State model and transitions”): scheduled, implement and review were authorised before. */
function stateOf(row: Row): ChangeRequest['state'] {
  const state = row.state?.value ?? '';
  const approval = row.approval?.value ?? '';
  if (approval === 'rejected' || state === '4') return 'rejected';
  if (state === '3') return 'closed';
  return approval === 'approved' || ['-2', '-1', '0'].includes(state) ? 'approved' : 'open';
}

function isoOf(value: string | undefined): string | null {
  if (!value || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value)) return null;
  const at = Date.parse(`${value.replace(' ', 'T')}Z`);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
