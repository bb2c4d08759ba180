import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Auth } from './ports';

const SHORTEST_TOKEN = 24;
const SESSION_MS = 8 * 3_600_000;
const MOST_SESSIONS = 1_000;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Tokens from the configuration, each with whom it belongs to; read at use, compared as digests in constant time and without stopping early.
 * A token shorter than 24 characters opens nothing.
 */
export function tokenAuth(tokens: readonly { person: string; token: () => string }[]): Auth {
  return {
    whoIs: async (given) => {
      const offered = digest(given);
      let found: string | null = null;
      for (const { person, token } of tokens) {
        const secret = token();
        const same = timingSafeEqual(digest(secret), offered);
        if (same && secret.length >= SHORTEST_TOKEN) found = person;
      }
      return found;
    },
  };
}

/** Sessions of people who signed in: an opaque random id in the cookie, its digest in memory. A restart ends them all. */
export class Sessions {
  private readonly open = new Map<string, { person: string; own: boolean; until: number }>();

  constructor(private readonly secure: boolean, private readonly now: () => number) {}

  private get cookie(): string {
    return this.secure ? '__Host-tourniquet' : 'tourniquet';
  }

  /** `own`: by the person's own passkey, not by a token that others may hold too. */
  begin(context: Context, person: string, own = false): void {
    const id = randomBytes(32).toString('base64url');
    for (const [key, session] of this.open) if (session.until <= this.now()) this.open.delete(key);
    if (this.open.size >= MOST_SESSIONS) this.open.delete(this.open.keys().next().value!);
    this.open.set(digest(id).toString('hex'), { person, own, until: this.now() + SESSION_MS });
    // Lax: a link from Slack opens signed in; nothing here changes anything by GET.
    setCookie(context, this.cookie, id, { httpOnly: true, secure: this.secure, sameSite: 'Lax', path: '/', maxAge: SESSION_MS / 1_000 });
  }

  who(context: Context): string | null {
    return this.session(context)?.person ?? null;
  }

  own(context: Context): boolean {
    return this.session(context)?.own === true;
  }

  private session(context: Context): { person: string; own: boolean } | null {
    const id = getCookie(context, this.cookie);
    const session = id ? this.open.get(digest(id).toString('hex')) : undefined;
    return session && session.until > this.now() ? session : null;
  }

  end(context: Context): void {
    const id = getCookie(context, this.cookie);
    if (id) this.open.delete(digest(id).toString('hex'));
    deleteCookie(context, this.cookie, { path: '/', secure: this.secure });
  }
}

/** Who asks: by bearer token, else by session; null when nobody known. */
export async function whoAsks(context: Context, auth: Auth, sessions: Sessions): Promise<string | null> {
  const header = context.req.header('authorization');
  if (header === undefined) return sessions.who(context);
  const token = /^Bearer ([\x21-\x7e]{1,8192})$/i.exec(header)?.[1];
  return token ? auth.whoIs(token) : null;
}
