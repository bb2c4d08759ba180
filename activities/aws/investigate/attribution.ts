import type { Principal } from '../../../playbook/model/principal';
import { reachOf } from '../../../playbook/addresses';
import { addMade, emptyOwned, ownsActor, type Owned } from './owned';
import { actorOf, text, type Actor, type TrailRecord } from './record';

export const DEFAULT_LOOK_BACK_MS = 24 * 3_600_000;

/** What is known to be compromised when the investigation starts. */
export interface Seeds {
  principals: Pick<Principal, 'kind' | 'id' | 'account'>[];
  /** Access keys of the alerts' sessions. */
  keys: string[];
  /** Role sessions of the alerts. */
  sessions: { roleArn: string; name: string }[];
  /** Addresses of the alerts. */
  addresses: string[];
  /** ISO: the first alert's event. */
  firstAlert: string;
  /** How long before the first alert the attacker may have begun. */
  lookBackMs: number;
}

export interface Attributed {
  record: TrailRecord;
  attribution: 'attacker' | 'unattributed';
  /** One sentence, for the artifact. */
  why: string;
}

export interface Attribution {
  /** Events of the compromised and of the attacker-made credentials, by time; nobody else's. */
  events: Attributed[];
  /** Credentials that only the attacker has. */
  owned: Owned;
  /** Addresses that the attacker uses. */
  hostile: ReadonlySet<string>;
  /** Addresses that the compromised identities used before the window. */
  baseline: ReadonlySet<string>;
  /** What they did before the window. */
  before: readonly TrailRecord[];
  /** ISO: nothing before is judged. */
  windowStart: string;
}

/**
 * Who made what. Two kinds of credentials: those that only the attacker has (made by an attributed event: keys, users, sessions, machines with
 * a role; everything they do is the attacker's), and shared ones (the stolen credential, which its owner may still use): of those an event is
 * the attacker's only when it comes from a foreign address. The least fixed point, so the order of the records does not matter.
 *
 * Foreign: an address not seen for the compromised identity in the history before the window, and (a) one of the alerts' or of the attacker's own
 * credentials, or (b) used at or after the first alert, or (c) used within the window when there is a history to compare with.
 */
export function attribute(records: readonly TrailRecord[], seeds: Seeds): Attribution {
  const first = Date.parse(seeds.firstAlert);
  const windowStart = first - seeds.lookBackMs;
  const timed = [...new Map(records.map((record) => [record.eventID, record])).values()]
    .map((record) => ({ record, at: Date.parse(record.eventTime), actor: actorOf(record) }))
    .sort((a, b) => a.at - b.at || (a.record.eventID < b.record.eventID ? -1 : 1));
  const isShared = sharedBy(seeds);
  const shared = timed.filter(({ record, actor }) => isShared(actor, record));
  const before = shared.filter(({ at }) => at < windowStart);
  const baseline = new Set(before.map(({ record }) => record.sourceIPAddress));
  const agents = new Set(before.map(({ record }) => agentFamily(record.userAgent)));
  const hostile = new Set(seeds.addresses.filter((ip) => !baseline.has(ip)));
  const owned = emptyOwned();
  const verdicts = new Map<string, Attributed>();

  const judge = ({ record, at, actor }: (typeof timed)[number]): Attributed | null => {
    const by = ownsActor(owned, actor, at);
    if (by) return { record, attribution: 'attacker', why: by };
    const opened = record.eventName.startsWith('AssumeRole') ? owned.roles.get(text(record.request, 'roleArn')?.toLowerCase() ?? '') : undefined;
    // Whoever opens a session of the attacker’s role acts for the attacker, from whatever account.
    if (opened && at >= opened.at && !record.identity.invokedBy) return { record, attribution: 'attacker', why: opened.why };
    if (at < windowStart || !isShared(actor, record)) return null;
    const ip = record.sourceIPAddress;
    const unattributed = (why: string): Attributed => ({ record, attribution: 'unattributed', why });
    if (!isAddress(ip)) return unattributed(`made through ${ip || 'an unnamed service'} with the compromised identity: it cannot be told from where`);
    if (baseline.has(ip)) {
      return unattributed(`the compromised identity used ${ip} before ${new Date(windowStart).toISOString()}${agents.has(agentFamily(record.userAgent)) ? '' : `, though never with ${agentFamily(record.userAgent)}`}`);
    }
    if (hostile.has(ip)) return { record, attribution: 'attacker', why: `the compromised identity from the attacker’s address ${ip}` };
    if (at >= first) return { record, attribution: 'attacker', why: `the compromised identity after the first alert, from ${ip}, which it had not used before` };
    if (before.length > 0) return { record, attribution: 'attacker', why: `the compromised identity from ${ip}, which it had not used in the history before ${new Date(windowStart).toISOString()}` };
    return unattributed(`before the first alert, from ${ip}, and there is no history to compare with`);
  };

  for (let changed = true; changed; ) {
    changed = false;
    for (const one of timed) {
      if (verdicts.get(one.record.eventID)?.attribution === 'attacker') continue;
      const verdict = judge(one);
      if (!verdict) continue;
      verdicts.set(one.record.eventID, verdict);
      if (verdict.attribution !== 'attacker') continue;
      changed = true;
      if (one.record.errorCode === null) addMade(owned, one.record, one.at);
      const ip = one.record.sourceIPAddress;
      // A private address means nothing outside its own network, and machines that the attacker rents share them with others.
      if (isAddress(ip) && reachOf(ip) === 'public' && !baseline.has(ip)) hostile.add(ip);
    }
  }
  const events = timed.map(({ record }) => verdicts.get(record.eventID)).filter((one) => one !== undefined);
  return { events, owned, hostile, baseline, before: before.map(({ record }) => record), windowStart: new Date(windowStart).toISOString() };
}

/** Is the actor one of the compromised identities. For a role, only the alerts' sessions: its other sessions are other people's. */
function sharedBy(seeds: Seeds): (actor: Actor, record: TrailRecord) => boolean {
  const keys = new Set(seeds.keys);
  const sessions = new Set(seeds.sessions.map(({ roleArn, name }) => `${roleArn.toLowerCase()}|${name}`));
  const users = new Set(seeds.principals.filter((one) => one.kind === 'user').map((one) => one.id.toLowerCase()));
  const roots = new Set(seeds.principals.filter((one) => one.kind === 'root').map((one) => one.account));
  const centerUsers = new Set(seeds.principals.flatMap((one) => identityCenterName(one) ?? []).map((name) => name.toLowerCase()));
  const withoutSession = new Set(
    seeds.principals.map((one) => one.id.toLowerCase()).filter((id) => id.includes(':role/') && !seeds.sessions.some(({ roleArn }) => roleArn.toLowerCase() === id)),
  );
  return (actor) =>
    (actor.key !== null && keys.has(actor.key)) || (actor.user !== null && users.has(actor.user)) || (actor.root !== null && roots.has(actor.root)) ||
    (actor.role !== null && actor.session !== null && isIdentityCenterRole(actor.role) && centerUsers.has(actor.session.toLowerCase())) ||
    (actor.role !== null && (withoutSession.has(actor.role) || (actor.session !== null && sessions.has(`${actor.role}|${actor.session}`))));
}

/** User name of an Identity Center principal (`<account>:sso:<name>`); null for others. */
export const identityCenterName = ({ kind, id }: Pick<Principal, 'kind' | 'id'>): string | null => (kind === 'identity-center-user' ? id.slice(id.indexOf(':sso:') + ':sso:'.length) : null);

/** Roles that only Identity Center opens sessions of; it names them after the person. */
export const isIdentityCenterRole = (role: string): boolean => /\/awsreservedsso_[^/]*$/i.test(role);

/** `aws-cli/2.15.1 Python/…` → `aws-cli`; versions change, tools do not. */
export function agentFamily(userAgent: string): string {
  return /^\[?([^/\s;,\]]{1,60})/.exec(userAgent)?.[1]?.toLowerCase() ?? '';
}

const isAddress = (ip: string): boolean => !ip.includes('/') && reachOf(ip) !== 'unreadable';
