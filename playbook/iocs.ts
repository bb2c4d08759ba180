import { attackersArtifacts, textDetail } from './artifacts';
import { canonicalJson, type JsonObject } from './json';
import type { Alert } from './model/alert';
import type { Artifact, Finding } from './model/finding';
import type { Principal } from './model/principal';
import { reachOf } from './addresses';

/** The six rows of section 5. */
export type IocType = 'compromised-identity' | 'attacker-ip' | 'access-key' | 'resource-created' | 'policy-attached' | 'billing-anomaly';

export interface Ioc {
  type: IocType;
  /** Hostile text. */
  value: string;
  /** The playbook's source: `CloudTrail`, `Event details`, `IAM audit`, `Cost Explorer`, … */
  source: string;
  account: string;
  /** ISO; null when the source does not say. */
  firstSeen: string | null;
  lastSeen: string | null;
  details: JsonObject;
}

const identityKinds: ReadonlySet<Artifact['kind']> = new Set(['user', 'role', 'login-profile', 'mfa-device', 'trust']);
const policyKinds: ReadonlySet<Artifact['kind']> = new Set(['policy', 'inline-policy', 'policy-attachment', 'bucket-policy']);

/** Every indicator of the case, once each, in the playbook's order. Only what is attributed to the attacker; addresses of the owner are left out. */
export function collectIocs(input: { principal: Principal; alerts: readonly Alert[]; findings: readonly Finding[] }): Ioc[] {
  const { principal, alerts, findings } = input;
  const trail = principal.provider === 'aws' ? 'CloudTrail' : 'Azure Activity Log';
  const times = alerts.map((one) => one.time).sort();
  const span = { firstSeen: times[0] ?? null, lastSeen: times[times.length - 1] ?? null };
  const artifacts = attackersArtifacts(findings);
  const ioc = (type: IocType, value: string, source: string, rest: Partial<Ioc> = {}): Ioc => ({ type, value, source, account: principal.account, ...span, details: {}, ...rest });
  const created = artifacts.filter((one) => one.how === 'created');
  const all = [
    ioc('compromised-identity', principal.id, trail, { details: { kind: principal.kind, name: principal.name } }),
    ...addresses(alerts, findings).map(([ip, details]) => ioc('attacker-ip', ip, 'Event details', { details })),
    ...alerts.flatMap((one) => (one.session?.accessKeyId ? [ioc('access-key', one.session.accessKeyId, trail, { details: { used: 'by the attacker', user: principal.name } })] : [])),
    ...created.filter((one) => one.kind === 'access-key').map((one) => ioc('access-key', one.id, trail, { ...untimed, account: one.account, details: { used: 'made by the attacker', user: textDetail(one, 'user') } })),
    ...created.filter((one) => one.kind !== 'access-key' && !policyKinds.has(one.kind)).map((one) =>
      ioc('resource-created', one.id, identityKinds.has(one.kind) ? 'IAM audit' : 'Cloud audit', { ...untimed, account: one.account, details: { kind: one.kind, name: one.name, region: one.region, events: one.events } })),
    ...artifacts.filter((one) => policyKinds.has(one.kind) && one.how !== 'deleted' && one.how !== 'read').map((one) =>
      ioc('policy-attached', one.id, 'IAM audit', { ...untimed, account: one.account, details: { kind: one.kind, name: one.name, entity: textDetail(one, 'entity') ?? textDetail(one, 'bucket'), events: one.events } })),
    ...findings.filter((one) => one.facts.spike === true && one.check.endsWith('-billing')).map((one) => ioc('billing-anomaly', one.summary, 'Cost Explorer', { ...untimed, details: { check: one.check } })),
  ];
  const kept = new Map<string, Ioc>();
  // The first one of a value wins: what the attacker used comes before what is listed again.
  for (const one of all) if (!kept.has(`${one.type}|${one.value}|${JSON.stringify(one.details.entity ?? '')}`)) kept.set(`${one.type}|${one.value}|${JSON.stringify(one.details.entity ?? '')}`, one);
  return [...kept.values()];
}

const untimed = { firstSeen: null, lastSeen: null };

/** The attacker's addresses: those that the address check calls foreign; without that check, the alerts'. Private and service addresses are none. */
function addresses(alerts: readonly Alert[], findings: readonly Finding[]): [string, JsonObject][] {
  const known = new Map<string, JsonObject>();
  const seen = findings.find((one) => one.check === '1.2.2-source-ip' && one.state === 'found')?.facts.addresses;
  for (const one of Array.isArray(seen) ? seen : []) {
    if (one === null || typeof one !== 'object' || Array.isArray(one) || typeof one.ip !== 'string') continue;
    known.set(one.ip, { country: one.country ?? null, hostile: one.hostile === true, network: one.network ?? null });
  }
  for (const alert of alerts) for (const ip of [alert.sourceIp, ...alert.addresses]) if (ip && !known.has(ip)) known.set(ip, { country: null, hostile: true, network: null });
  return [...known].filter(([ip, details]) => details.hostile === true && !ip.includes('/') && ['public', 'world'].includes(reachOf(ip)));
}

/** RFC 4180 with CRLF; a cell that a spreadsheet would run as a formula is made text (OWASP: CSV injection). */
export function iocsToCsv(iocs: readonly Ioc[]): string {
  const rows = iocs.map((one) => [one.type, one.value, one.source, one.account, one.firstSeen ?? '', one.lastSeen ?? '', canonicalJson(one.details)]);
  return [['type', 'value', 'source', 'account', 'first_seen', 'last_seen', 'details'], ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

export function iocsToJson(iocs: readonly Ioc[]): string {
  return `${JSON.stringify({ iocs }, null, 2)}\n`;
}

function cell(value: string): string {
  const safe = /^\s*[=+\-@\t\r\n]/.test(value) ? `'${value}` : value;
  return `"${safe.replace(/"/g, '""')}"`;
}
