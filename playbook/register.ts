import { inCidr } from './addresses';
import { awsKinOf } from './risk-table';
import type { Alert } from './model/alert';
import type { Reason } from './model/verdict';
import type { ChangeRequest, Documents, ExpectedRotation, KnownUse } from './triage/inputs';

/** What a search in one register came to. `mismatch` names everything that differs; never silently treated as absent. */
export type Match =
  | { state: 'none' }
  /** `placed`: the document names the address too. */
  | { state: 'match'; reason: Reason; placed?: true }
  | { state: 'mismatch'; reasons: Reason[] };

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * `arn:aws:iam::1:user/team/ada` and `arn:aws:iam::1:user/ada` are one user: names are unique in an account whatever the path (IAM user guide, friendly names and paths).
 * Also folds a role session's STS ARN into its role.
 */
export function withoutPath(identity: string): string {
  const parts = /^(arn:[a-z-]+):(iam|sts):[^:]*:(\d{12}):(user|role|assumed-role)\/(.+)$/.exec(identity);
  if (!parts) return identity;
  const [, partition, , account, kind, rest] = parts;
  const names = rest!.split('/');
  const name = kind === 'assumed-role' ? names[0] : names[names.length - 1];
  return `${partition}:iam::${account}:${kind === 'assumed-role' ? 'role' : kind}/${name}`;
}

/** Every way to name who acted: id, name, session name, and the person behind each of them. */
export function namesOf(alert: Alert, people: Documents['people']): string[] {
  const own = [alert.principal?.id, alert.principal?.name, alert.session?.name].filter((name): name is string => typeof name === 'string' && name !== '').map(withoutPath);
  const known = Object.entries(people).filter(([identity]) => own.some((name) => same(name, withoutPath(identity)))).map(([, person]) => person);
  return [...own, ...known];
}

/** Is one of the listed identities this actor (as itself or as the same person)? */
export function isOneOf(alert: Alert, listed: readonly string[], people: Documents['people']): boolean {
  const names = namesOf(alert, people);
  return listed.some((identity) => names.some((name) => same(name, withoutPath(identity)) || same(name, people[identity] ?? '')));
}

/** Every row of the playbook that the call is in: whatever root does is row 1.1.1 first, and may be another as well. */
const riskEventsOf = (alert: Alert, event: string | null): string[] => [...(event === null ? [] : [event]), ...awsKinOf(alert.service?.split('.')[0] ?? null, alert.event).map((kin) => kin.event)];

const covers = (wanted: readonly string[], alert: Alert, event: string | null): boolean =>
  wanted.some((one) => one === '*' || same(one, alert.event) || (event !== null && same(one, event)));

/** The documented legacy or known uses that speak of this actor and this event: unexpired, owned, and from the documented addresses, or what is wrong with them. */
export function knownUseOf(alert: Alert, event: string | null, documents: Documents): Match {
  const mismatches: Reason[] = [];
  for (const use of documents.knownUses) {
    if (!isOneOf(alert, [use.principal], documents.people) || !covers(use.events, alert, event) || (use.notFor && riskEventsOf(alert, event).some((one) => use.notFor!.includes(one)))) continue;
    // A lease's window is exact: outside of it there is no entry, rather than one that somebody relies on.
    if (use.starts !== undefined && !(time(alert) >= Date.parse(use.starts) && time(alert) <= endOf(use.expires))) continue;
    const wrong = wrongWith(use, alert);
    if (wrong === null) {
      const where = use.from.length === 0 ? 'from anywhere' : `from ${alert.sourceIp}`;
      return { state: 'match', reason: { code: 'known-use', text: `documented in ${use.document}, owned by ${use.owner}, valid until ${use.expires}, ${where}`, source: use.source }, ...(use.from.length > 0 ? { placed: true as const } : {}) };
    }
    mismatches.push({ code: wrong.code, text: `known use ${use.id}: ${wrong.text}`, source: use.source });
  }
  return mismatches.length > 0 ? { state: 'mismatch', reasons: mismatches } : { state: 'none' };
}

const time = (alert: Alert): number => Date.parse(alert.time);

function wrongWith(use: KnownUse, alert: Alert): { code: string; text: string } | null {
  const expires = endOf(use.expires);
  const time = Date.parse(alert.time);
  if (!use.owner) return { code: 'known-use-unowned', text: 'nobody owns the entry' };
  if (Number.isNaN(expires)) return { code: 'known-use-expired', text: 'the entry has no readable expiry' };
  if (Number.isNaN(time) || time > expires) return { code: 'known-use-expired', text: `the entry expired ${use.expires}` };
  if (use.from.length > 0 && !use.from.some((cidr) => alert.sourceIp !== null && inCidr(alert.sourceIp, cidr))) return { code: 'known-use-address', text: `${alert.sourceIp ?? 'an unknown address'} is none of its addresses` };
  return null;
}

/** `2026-03-31` means the whole day. */
const endOf = (time: string): number => Date.parse(/^\d{4}-\d\d-\d\d$/.test(time) ? `${time}T23:59:59.999Z` : time);
const startOf = (time: string): number => Date.parse(time);

/** Names of what the event acted on, as tickets write them: the id, its last part, and the ARN. */
function targetsOf(alert: Alert): string[] {
  const id = alert.target?.id ?? '';
  if (id === '') return [];
  const last = id.slice(Math.max(id.lastIndexOf('/'), id.lastIndexOf(':')) + 1);
  return [id, withoutPath(id), last];
}

/** The change request that covers who, what, target and window, or the differences of those that speak of this event. */
export function changeOf(alert: Alert, event: string | null, documents: Documents): Match {
  const mismatches: Reason[] = [];
  for (const change of documents.changes) {
    const { related, differences } = compare(change, alert, event, documents);
    if (differences.length === 0) return { state: 'match', reason: { code: 'change-verified', text: `change request ${change.id} covers who, what, target and window`, source: change.source } };
    if (related) mismatches.push(...differences.map((text) => ({ code: 'change-mismatch', text: `change request ${change.id}: ${text}`, source: change.source })));
  }
  return mismatches.length > 0 ? { state: 'mismatch', reasons: mismatches } : { state: 'none' };
}

function compare(change: ChangeRequest, alert: Alert, event: string | null, documents: Documents): { related: boolean; differences: string[] } {
  const targets = targetsOf(alert);
  const who = isOneOf(alert, change.who, documents.people);
  const what = covers(change.what, alert, event);
  const target = change.targets.some((wanted) => targets.some((one) => same(one, wanted) || same(one, withoutPath(wanted))));
  const time = Date.parse(alert.time);
  const differences: string[] = [];
  if (!who) differences.push(`it is not for ${alert.principal?.name ?? 'an unknown identity'}`);
  if (!what) differences.push(`it does not cover ${alert.event}`);
  if (!target) differences.push(targets.length === 0 ? 'the event names no target to compare' : `${targets[targets.length - 1]} is not its target`);
  if (!(time >= startOf(change.from) && time <= endOf(change.until))) differences.push(`${alert.time} is outside of its window ${change.from} to ${change.until}`);
  if (change.state !== 'approved' && change.state !== 'closed') differences.push(`it is ${change.state}, not approved`);
  // A request for the same target, or by the same person for the same kind of change, was meant for this event.
  return { related: target || (who && what), differences };
}

/** The expected rotation of the key's owner by this actor, now. */
export function rotationOf(alert: Alert, documents: Documents): Match {
  const owners = targetsOf(alert).length > 0 ? targetsOf(alert) : [alert.principal?.id ?? '', alert.principal?.name ?? ''];
  const mismatches: Reason[] = [];
  for (const rotation of documents.rotations) {
    const last = rotation.principal.slice(rotation.principal.lastIndexOf('/') + 1);
    if (!owners.some((owner) => owner !== '' && (same(owner, rotation.principal) || same(owner, withoutPath(rotation.principal)) || same(owner, last)))) continue;
    const wrong = rotationDiffers(rotation, alert, documents);
    if (wrong === null) return { state: 'match', reason: { code: 'expected-rotation', text: `the rotation of ${last} by ${alert.principal?.name ?? 'this identity'} is expected`, source: rotation.source } };
    mismatches.push({ code: 'rotation-mismatch', text: `rotation of ${last}: ${wrong}`, source: rotation.source });
  }
  return mismatches.length > 0 ? { state: 'mismatch', reasons: mismatches } : { state: 'none' };
}

function rotationDiffers(rotation: ExpectedRotation, alert: Alert, documents: Documents): string | null {
  if (!isOneOf(alert, rotation.by, documents.people)) return `${alert.principal?.name ?? 'an unknown identity'} is not who rotates it`;
  const time = Date.parse(alert.time);
  if (rotation.window && !(time >= startOf(rotation.window.from) && time <= endOf(rotation.window.until))) return `${alert.time} is outside of its window`;
  return null;
}

/** The register entry that lets this actor change permissions, or null. */
export function adminEntryOf(alert: Alert, documents: Documents): Reason | null {
  const entry = documents.authorizedAdmins.find(({ identity }) => isOneOf(alert, [identity], documents.people));
  return entry ? { code: 'authorized-admin', text: `${alert.principal?.name ?? entry.identity} is an authorised administrator`, source: entry.source } : null;
}

/** The register entry that says this actor is automation, or null. */
export function automationEntryOf(alert: Alert, documents: Documents): Reason | null {
  const entry = documents.automations.find(({ identity }) => isOneOf(alert, [identity], {}));
  return entry ? { code: 'automation', text: `${alert.principal?.name ?? entry.identity} is registered automation`, source: entry.source } : null;
}
