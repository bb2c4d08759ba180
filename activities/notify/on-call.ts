import type { Directory } from './directory';

/** Who is on duty now, as ids of persons. Throws when the rota cannot be read. */
export type Rota = () => Promise<string[]>;

/** An answer is asked for again after this long, and stands in for a rota that is away for at most `STALE_MS`. */
const FRESH_MS = 60_000;
const STALE_MS = 15 * 60_000;
/** The role that approver sets name (`role:on-call`). */
export const ON_CALL = 'on-call';

/**
 * A directory in which whoever is on duty has the role `on-call`, looked up as the approvals need it. A rota that is away for long names nobody:
 * the people named otherwise and the back-up still decide, and too few of them escalates. A role of that name in the configuration counts for nothing.
 */
export function withOnCall(directory: Directory, rota: Rota, warn: (why: string) => void, now: () => number = Date.now): Directory {
  let known: { people: string[]; at: number } | null = null;

  async function onDuty(): Promise<string[]> {
    if (known && now() - known.at < FRESH_MS) return known.people;
    try {
      known = { people: await rota(), at: now() };
    } catch (error) {
      warn(error instanceof Error ? error.message : 'the rota cannot be read');
      if (known && now() - known.at >= STALE_MS) known = null;
    }
    return known?.people ?? [];
  }

  return {
    approvers: () => directory.approvers(),
    people: async () => {
      const [people, duty] = await Promise.all([directory.people(), onDuty()]);
      return people.map((person) => {
        const roles = person.roles.filter((role) => role !== ON_CALL);
        return { ...person, roles: duty.includes(person.id) ? [...roles, ON_CALL] : roles };
      });
    },
  };
}

export interface Shift {
  person: string;
  /** ISO; `until` is not part of it. */
  from: string;
  until: string;
}

/** A rota kept as shifts, read afresh at every look. */
export function shiftRota(read: () => Promise<Shift[]>, now: () => number = Date.now): Rota {
  return async () => [...new Set((await read()).filter(({ from, until }) => Date.parse(from) <= now() && now() < Date.parse(until)).map(({ person }) => person))];
}

export interface PagerDutyRota {
  /** A REST API key that only reads. */
  token: string;
  /** `https://api.pagerduty.com` when left out. */
  url?: string;
  schedules: string[];
  escalationPolicies: string[];
  /** PagerDuty user id → person id: e-mail addresses identify nobody. */
  people: ReadonlyMap<string, string>;
}

interface Page {
  oncalls?: { user?: { id?: string } | null; escalation_level?: number }[];
  more?: boolean;
}

const PAGE = 100;
const MOST_PAGES = 50;
const TIMEOUT_MS = 5_000;

/**
 * PagerDuty's `GET /oncalls` for now, page after page (developer.pagerduty.com, "List all of the on-calls"). First level only: a whole escalation policy would be
 * far more people than are on duty. Throws with words and the status, never with the key.
 */
export function pagerDutyRota({ token, url = 'https://api.pagerduty.com', schedules, escalationPolicies, people }: PagerDutyRota): Rota {
  return async () => {
    const found = new Set<string>();
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = new URLSearchParams({ limit: String(PAGE), offset: String(page * PAGE) });
      for (const id of schedules) query.append('schedule_ids[]', id);
      for (const id of escalationPolicies) query.append('escalation_policy_ids[]', id);
      const { oncalls, more } = await get(`${url}/oncalls?${query.toString()}`, token);
      if (!Array.isArray(oncalls)) throw new Error('PagerDuty answers something else than on-calls');
      for (const { user, escalation_level: level } of oncalls) {
        const person = level === 1 && user?.id ? people.get(user.id) : undefined;
        if (person) found.add(person);
      }
      if (!more) return [...found];
    }
    throw new Error(`PagerDuty has more than ${MOST_PAGES} pages of on-calls: name schedules or policies`);
  };
}

async function get(url: string, token: string): Promise<Page> {
  const response = await fetch(url, { headers: { authorization: `Token token=${token}`, accept: 'application/json' }, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: unknown) => {
    throw new Error(`PagerDuty does not answer (${error instanceof Error ? error.name : 'no answer'})`);
  });
  if (!response.ok) throw new Error(`PagerDuty answers ${response.status}`);
  return (await response.json().catch(() => ({}))) as Page;
}
