import type { webApi } from '@slack/bolt';
import { personBySlack } from '../../playbook/approvers';
import type { Person } from '../../playbook/model/people';

/** People as the directory knows them now. */
export interface PeopleDirectory {
  people(): Promise<Person[]>;
}

/** Who pressed, from a verified payload; ids only, names and e-mail addresses identify nobody. */
export interface Presser {
  user: string;
  /** The workspace that the person belongs to, and the one where the button was pressed. */
  homeTeam: string | null;
  team: string | null;
}

export type Identified = { person: Person } | { refused: string };

const MEMBER_FOR_MS = 5 * 60_000;

/**
 * Maps a Slack member to exactly one active person, or says in words why not.
 * Throws when Slack cannot say whether the member is a guest: a doubtful identity is never waved through.
 */
export function createIdentify(directory: PeopleDirectory, client: webApi.WebClient, now: () => number = Date.now): (presser: Presser) => Promise<Identified> {
  const checked = new Map<string, { refused: string | null; until: number }>();

  return async ({ user, homeTeam, team }) => {
    const home = homeTeam ?? team;
    if (!home || (team && team !== home)) return { refused: 'You pressed this from another Slack workspace: only members of this one may decide.' };
    const [people, guest] = await Promise.all([directory.people(), membership(home, user)]);
    if (guest) return { refused: guest };
    const person = personBySlack(people, home, user);
    return person ? { person } : { refused: 'Your Slack account is not linked to exactly one active person in Tourniquet’s directory, so it can decide nothing.' };
  };

  async function membership(team: string, user: string): Promise<string | null> {
    const key = `${team}/${user}`;
    const known = checked.get(key);
    if (known && known.until > now()) return known.refused;
    const refused = await ask(team, user);
    if (checked.size > 10_000) checked.clear();
    checked.set(key, { refused, until: now() + MEMBER_FOR_MS });
    return refused;
  }

  async function ask(team: string, user: string): Promise<string | null> {
    try {
      const { user: found } = await client.users.info({ user });
      const { team_id: ownTeam, is_restricted: guest, is_ultra_restricted: oneChannelGuest, is_stranger: stranger, deleted, is_bot: bot } = (found ?? {}) as Record<string, unknown>;
      if (ownTeam !== team || stranger === true) return 'Your account belongs to another Slack workspace: only members of this one may decide.';
      if (guest === true || oneChannelGuest === true) return 'Guests of this Slack workspace decide nothing.';
      if (deleted === true || bot === true || !found) return 'This Slack account is not an active member.';
      return null;
    } catch (error) {
      // `users.info` refuses to speak about members of other workspaces; everything else is Slack being away.
      const word = (error as { data?: { error?: string } }).data?.error;
      if (word === 'user_not_found' || word === 'user_not_visible') return 'Slack does not know you as a member of this workspace.';
      throw error;
    }
  }
}
