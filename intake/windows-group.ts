import type { Alert } from '../playbook/model/alert';
import type { Principal } from '../playbook/model/principal';
import { alertId, FieldProblem, ipOf, isMembers, isoTime, join, membersOf, rejecting, text, type Members } from './fields';
import { valueAt } from './mapping';
import type { ParseOptions, ParseResult, Source } from './source';

const EVENTS: Record<string, string> = { '4728': 'A member was added to a global group', '4732': 'A member was added to a local group', '4756': 'A member was added to a universal group' };

/** Where each product puts a member of the event: Winlogbeat and Elastic (ECS), the raw XML as JSON, Splunk’s Windows add-on, Sentinel’s SecurityEvent. */
const PLACES = {
  id: ['winlog.event_id', 'Event.System.EventID', 'Event.System.EventID.#text', 'event.code', 'EventCode', 'EventID', 'EventId'],
  time: ['@timestamp', 'winlog.time_created', 'Event.System.TimeCreated.@SystemTime', 'Event.System.TimeCreated.SystemTime', 'TimeGenerated', 'SystemTime', 'TimeCreated', '_time'],
  record: ['winlog.record_id', 'Event.System.EventRecordID', 'EventRecordId', 'EventRecordID', 'RecordNumber'],
  computer: ['winlog.computer_name', 'Event.System.Computer', 'Computer', 'ComputerName', 'host.name', 'host'],
} as const;
const FIELDS = ['MemberName', 'MemberSid', 'TargetUserName', 'TargetDomainName', 'TargetSid', 'SubjectUserSid', 'SubjectUserName', 'SubjectDomainName'] as const;
type Data = Record<(typeof FIELDS)[number], string>;

/**
 * Windows security events 4728, 4732 and 4756, as a SIEM forwards them: somebody was added to a group of the domain. Who did it is mapped to the person’s Entra identity through the
 * directory of people (`CORP\ada`, a SID, a UPN among `identities`); then the member is; nobody known: no principal, loud. Source: Windows security auditing, events 4728, 4732, 4756.
 */
export const windowsGroup: Source = {
  id: 'windows-group',
  recognises: (payload) => {
    const first: unknown = listIn(payload)[0]?.[0];
    return isMembers(first) && Object.hasOwn(EVENTS, String(at(first, PLACES.id))) && dataOf(first).TargetUserName + dataOf(first).TargetSid !== '';
  },
  parse: (payload, options = {}): ParseResult => listIn(payload).map(([one, path]) => {
    const result = rejecting(() => alertOf(one, path, options));
    return 'value' in result ? { alert: result.value } : result;
  }),
};

/** Splunk’s webhook has one `result`; others post a list, `events`, `records` or one. */
function listIn(payload: unknown): [unknown, string][] {
  if (Array.isArray(payload)) return payload.map((one, index) => [one, `[${index}]`]);
  for (const name of ['events', 'records', 'value', 'alerts']) {
    const list = membersOf(payload)[name];
    if (Array.isArray(list)) return list.map((one, index) => [one, `${name}[${index}]`]);
  }
  return isMembers(membersOf(payload)['result']) ? [[membersOf(payload)['result'], 'result']] : [[payload, '']];
}

function alertOf(record: unknown, path: string, options: ParseOptions): Alert {
  if (!isMembers(record)) throw new FieldProblem(path || '(record)', 'must be an object');
  const code = String(at(record, PLACES.id) ?? '').slice(0, 16);
  if (!Object.hasOwn(EVENTS, code)) throw new FieldProblem(join(path, 'EventID'), code === '' ? 'is missing' : 'is none of 4728, 4732, 4756');
  const data = dataOf(record);
  if (data.TargetSid === '' && data.TargetUserName === '') throw new FieldProblem(join(path, 'TargetUserName'), 'is missing');
  if (data.MemberSid === '' && data.MemberName === '') throw new FieldProblem(join(path, 'MemberSid'), 'is missing');
  const seen = at(record, PLACES.time);
  const time = typeof seen === 'string' && seen.length <= 32 && /^\d{9,10}(\.\d+)?$/.test(seen) ? new Date(Number(seen) * 1000).toISOString() : isoTime(text(seen), join(path, 'TimeCreated'));
  const [actor, member] = [known(options, data.SubjectUserSid, `${data.SubjectDomainName}\\${data.SubjectUserName}`, data.SubjectUserName), known(options, data.MemberSid, data.MemberName)];
  const principal = actor ?? member;
  const account = principal?.account ?? options.tenant ?? (options.fragmentsAt === undefined ? '' : 'unknown');
  if (account === '') throw new FieldProblem(join(path, 'TargetDomainName'), 'belongs to no known tenant: azure.tenants, or intake.tenant when there are several');
  const computer = text(at(record, PLACES.computer)).slice(0, 256);
  const group = data.TargetDomainName === '' ? data.TargetUserName : `${data.TargetDomainName}\\${data.TargetUserName}`;
  return {
    id: alertId(['windows-group', computer, String(at(record, PLACES.record) ?? '').slice(0, 64), code, time, data.TargetSid || group, data.MemberSid || data.MemberName]), source: 'windows-group', provider: 'azure', account, region: null, time, receivedAt: null, event: EVENTS[code]!,
    service: 'Active Directory', outcome: 'success', errorCode: null, dryRun: false, principal, session: null, sourceIp: ipOf(at(record, ['source.ip', 'IpAddress'])), userAgent: null, channel: 'unknown', target: { kind: 'group', id: (data.TargetSid || group).slice(0, 512), account }, addresses: [],
    facts: {
      eventId: code, group, groupSid: data.TargetSid, member: data.MemberName || data.MemberSid, memberSid: data.MemberSid, memberKnown: member?.id ?? '', by: `${data.SubjectDomainName}\\${data.SubjectUserName}`, bySid: data.SubjectUserSid, byKnown: actor !== null, self: data.SubjectUserSid !== '' && data.SubjectUserSid === data.MemberSid, computer,
    },
    raw: null,
  };
}

/** The first value that is there. */
function at(record: unknown, places: readonly string[]): string | number | undefined {
  for (const place of places) {
    const value = valueAt(record, place);
    if (typeof value === 'string' || typeof value === 'number') return value;
  }
  return undefined;
}

/** The event’s own members: `winlog.event_data`, `EventData.Data` as XML tells it (`@Name`, `#text`), or flat. */
function dataOf(record: Members): Data {
  const holders: Members[] = [membersOf(valueAt(record, 'winlog.event_data')), record, membersOf(valueAt(record, 'Event.EventData')), membersOf(valueAt(record, 'EventData'))];
  for (const place of ['Event.EventData.Data', 'EventData.Data']) {
    const list = valueAt(record, place);
    if (Array.isArray(list)) holders.push(Object.fromEntries(list.slice(0, 50).map(membersOf).map((one) => [text(one['@Name'] ?? one['Name']), one['#text'] ?? one['Value']])));
  }
  const data = Object.fromEntries(FIELDS.map((field) => [field, holders.map((holder) => text(holder[field])).find((value) => value !== '' && value !== '-')?.slice(0, 1024) ?? ''])) as Data;
  return data;
}

function known(options: ParseOptions, ...names: string[]): Principal | null {
  for (const name of names) {
    const found = name === '' || name === '\\' ? null : (options.personOf?.(name) ?? null);
    if (found) return found;
  }
  return null;
}
