import { reachOf } from '../../../playbook/addresses';
import type { LogRecord } from './record';

export const DEFAULT_LOOK_BACK_MS = 24 * 3_600_000;

/** What is known to be compromised when the investigation starts. */
export interface Seeds {
  /** Object ids (or names, of records without an id) in lower case. */
  principals: string[];
  /** Addresses of the alerts. */
  addresses: string[];
  /** What the alerts themselves tell of: event name in lower case and ISO time. */
  alerts: { event: string; time: string }[];
  /** ISO: the first alert's event. */
  firstAlert: string;
  /** How long before the first alert the attacker may have begun. */
  lookBackMs: number;
}

export interface Attributed {
  record: LogRecord;
  attribution: 'attacker' | 'unattributed';
  /** One sentence, for the artifact. */
  why: string;
}

/** An identity that only the attacker has, or that became his: since when, and why. */
export interface Taken {
  at: number;
  why: string;
  name: string;
}

export interface Attribution {
  /** Events of the compromised and of the attacker's identities, by time; nobody else's. */
  events: Attributed[];
  /** Made by the attacker: all that they do is the attacker's. By object id. */
  owned: ReadonlyMap<string, Taken>;
  /** There before, but given a credential or sign-in by the attacker: shared with their owner from then on. By object id. */
  shared: ReadonlyMap<string, Taken>;
  /** Addresses that the attacker uses. */
  hostile: ReadonlySet<string>;
  /** Addresses that the compromised identities used before the window. */
  baseline: ReadonlySet<string>;
  /** What they did before the window. */
  before: readonly LogRecord[];
  /** ISO: nothing before is judged. */
  windowStart: string;
}

const MAKES = /^(add user|invite external user|add service principal|add application)/i;
const TAKES = /(credential|certificates and secrets management|reset (user )?password|security info|temporary access pass|passwordless|strong authentication)/i;

/**
 * Who did what, as for AWS: identities that the attacker made are his with all they do; shared ones (the stolen identity, and those he gave a credential) are his only from a
 * foreign address. Foreign: not used in the history before the window, and (a) an alert's or the attacker's own, or (b) used at or after the first alert, or (c) used within the
 * window when there is a history to compare with. What an application does in the directory has no address: it is the attacker's when an alert tells of it, or when the
 * application did it at or after the first alert and never in the history. The least fixed point, so the order of the records does not matter. Pure.
 */
export function attribute(records: readonly LogRecord[], seeds: Seeds): Attribution {
  const first = Date.parse(seeds.firstAlert);
  const windowStart = first - seeds.lookBackMs;
  const timed = [...new Map(records.map((record) => [`${record.log}/${record.id}`, record])).values()]
    .map((record) => ({ record, at: Date.parse(record.time) })).filter(({ at }) => Number.isFinite(at)).sort((a, b) => a.at - b.at || (a.record.id < b.record.id ? -1 : 1));
  const seedIds = new Set(seeds.principals);
  const isSeed = ({ actor }: LogRecord): boolean => (actor.id !== '' && seedIds.has(actor.id)) || (actor.name !== '' && seedIds.has(actor.name.toLowerCase()));
  const before = timed.filter(({ record, at }) => at < windowStart && isSeed(record));
  // A refused sign-in may have been the attacker's own try.
  const baseline = new Set(before.flatMap(({ record }) => (record.succeeded && record.ip ? [record.ip] : [])));
  const habits = new Set(before.map(({ record }) => `${record.actor.id}|${record.event.toLowerCase()}`));
  const hostile = new Set(seeds.addresses.filter((ip) => reachOf(ip) === 'public' && !baseline.has(ip)));
  const owned = new Map<string, Taken>();
  const shared = new Map<string, Taken>();
  const verdicts = new Map<string, Attributed>();

  const judge = (record: LogRecord, at: number): Attributed | null => {
    const by = owned.get(record.actor.id);
    if (by && at >= by.at) return { record, attribution: 'attacker', why: `${record.actor.name || record.actor.id}: ${by.why}` };
    const taken = shared.get(record.actor.id);
    if (at < windowStart || !(isSeed(record) || (taken && at >= taken.at))) return null;
    const who = taken ? `${record.actor.name || record.actor.id} (${taken.why})` : 'the compromised identity';
    const attackers = (why: string): Attributed => ({ record, attribution: 'attacker', why });
    const unattributed = (why: string): Attributed => ({ record, attribution: 'unattributed', why });
    if (!record.ip || reachOf(record.ip) === 'unreadable') {
      if (seeds.alerts.some((one) => one.event === record.event.toLowerCase() && Math.abs(Date.parse(one.time) - at) < 1_000)) return attackers('an alert tells of it');
      if (at < first) return unattributed('before the first alert, and the log has no address for it');
      if (habits.has(`${record.actor.id}|${record.event.toLowerCase()}`)) return unattributed(`${who} did the like before, and the log has no address for it`);
      return attackers(`${who} after the first alert; the log has no address for it, and it had not done the like in the history before`);
    }
    if (baseline.has(record.ip)) return unattributed(`the compromised identity used ${record.ip} before ${new Date(windowStart).toISOString()}`);
    if (hostile.has(record.ip)) return attackers(`${who} from the attacker’s address ${record.ip}`);
    if (reachOf(record.ip) !== 'public') return unattributed(`${record.ip} is an address within a network: it cannot be told from where`);
    if (at >= first) return attackers(`${who} after the first alert, from ${record.ip}, which it had not used before`);
    if (before.length > 0) return attackers(`${who} from ${record.ip}, which it had not used in the history before ${new Date(windowStart).toISOString()}`);
    return unattributed(`before the first alert, from ${record.ip}, and there is no history to compare with`);
  };

  for (let changed = true; changed; ) {
    changed = false;
    for (const { record, at } of timed) {
      const key = `${record.log}/${record.id}`;
      if (verdicts.get(key)?.attribution === 'attacker') continue;
      const verdict = judge(record, at);
      if (!verdict) continue;
      verdicts.set(key, verdict);
      if (verdict.attribution !== 'attacker') continue;
      changed = true;
      if (record.succeeded && record.log === 'directory') take(record, at);
      if (record.ip && reachOf(record.ip) === 'public' && !baseline.has(record.ip)) hostile.add(record.ip);
    }
  }

  function take(record: LogRecord, at: number): void {
    const into = MAKES.test(record.event) ? owned : TAKES.test(record.event) ? shared : null;
    if (!into) return;
    const why = into === owned ? `made by the attacker at ${record.time}` : `given a way to sign in by the attacker at ${record.time}`;
    for (const target of record.targets) {
      if (target.id === '' || !/^(user|serviceprincipal|application)$/.test(target.type) || seedIds.has(target.id)) continue;
      const known = into.get(target.id);
      if (!known || known.at > at) into.set(target.id, { at, why, name: target.name });
    }
  }

  const events = timed.map(({ record }) => verdicts.get(`${record.log}/${record.id}`)).filter((one) => one !== undefined);
  return { events, owned, shared, hostile, baseline, before: before.map(({ record }) => record), windowStart: new Date(windowStart).toISOString() };
}
