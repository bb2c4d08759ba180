import type { Looker } from './looker';
import { object, text, type TrailRecord } from './record';

/** One step back: who opened the session, from where. */
export interface ChainLink {
  /** The session's temporary key. */
  key: string;
  /** ISO. */
  time: string;
  event: string;
  eventID: string;
  /** Role that was assumed; null for GetSessionToken and GetFederationToken. */
  roleArn: string | null;
  by: { arn: string | null; account: string | null; accessKeyId: string | null };
  sourceIp: string;
  record: TrailRecord;
}

const roleOpeners = ['AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'];
const openers = [...roleOpeners, 'GetSessionToken', 'GetFederationToken'];
const AROUND_MS = 90_000;
/** STS sets no limit to role chaining; who needs more hops than this is said to have a chain too long to follow. */
export const CHAIN_HOPS = 10;

export interface ChainStart {
  /** `ASIA…` */
  key: string;
  /** ISO; null when the event does not say. */
  issuedAt: string | null;
  /** In whose trail the opening is looked for. */
  account: string;
  /** True when it is a role's session: fewer calls can have opened it. */
  ofRole?: boolean;
}

/** Follows a temporary key (`ASIA…`) back to who started it: the call whose answer it was, then that caller's own session, and so on. Newest first. */
export async function followChain(looker: Looker, start: ChainStart, known: readonly TrailRecord[], configured: readonly string[]): Promise<ChainLink[]> {
  const chain: ChainLink[] = [];
  let at: ChainStart | null = start;
  // A key is made once: one that comes again is a forged record, and ends the chain where it stood.
  while (at && at.key.startsWith('ASIA') && chain.length < CHAIN_HOPS && !chain.some((link) => link.key === at!.key)) {
    const { key } = at;
    const issuedAt = at.issuedAt ?? known.find((record) => record.identity.accessKeyId === key)?.identity.issuedAt ?? null;
    const opened = await openingOf(looker, { ...at, issuedAt }, known, configured);
    if (!opened) break;
    const { identity } = opened;
    chain.push({
      key, time: opened.eventTime, event: opened.eventName, eventID: opened.eventID, roleArn: text(opened.request, 'roleArn'), sourceIp: opened.sourceIPAddress, record: opened,
      by: { arn: identity.issuer?.arn ?? identity.arn ?? identity.principalId, account: identity.account, accessKeyId: identity.accessKeyId },
    });
    at = identity.accessKeyId ? { key: identity.accessKeyId, issuedAt: identity.issuedAt, account: opened.account, ofRole: identity.type === 'AssumedRole' } : null;
  }
  return chain;
}

const answers = (record: TrailRecord, key: string): boolean => text(object(record.response, 'credentials'), 'accessKeyId') === key;

async function openingOf(looker: Looker, { key, issuedAt, account, ofRole }: ChainStart, known: readonly TrailRecord[], configured: readonly string[]): Promise<TrailRecord | null> {
  const own = known.filter((record) => answers(record, key));
  if (own.length > 0) return best(own);
  const time = Date.parse(issuedAt ?? '');
  if (!Number.isFinite(time)) return null;
  const window = { from: new Date(time - AROUND_MS), to: new Date(time + AROUND_MS), maxPages: 4 };
  const ask = async (where: string, shared: string | null = null): Promise<TrailRecord[]> =>
    (await Promise.all((ofRole ? roleOpeners : openers).map((event) => looker.ask({ account: where, key: 'EventName', value: event, ...window })))).flat()
      // One call, told in both accounts, bears one shared id: it is the same call also where its answer was left out.
      .filter((record) => answers(record, key) || (shared !== null && record.sharedEventID === shared));
  const here = await ask(account);
  // Across accounts the role's owner sees only the caller's account; the caller's own trail has the key.
  const stranger = here.find((record) => record.identity.accessKeyId === null);
  const other = stranger?.identity.account;
  const there = other && other !== account && configured.includes(other) ? await ask(other, stranger.sharedEventID) : [];
  return best([...there, ...here]);
}

const best = (records: TrailRecord[]): TrailRecord | null => records.find((record) => record.identity.accessKeyId !== null) ?? records[0] ?? null;
