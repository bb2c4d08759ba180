import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Faults } from '../protocol/faults';
import type { Caller, Json } from '../protocol/types';
import { PimLife } from './pim';
import { Shelf } from './shelf';

export interface Lags {
  /** Until a directory write is seen by reads and by the token endpoint. */
  directoryMs: number;
  /** Until a role assignment counts in ARM. Resources are read as they were written. */
  armMs: number;
  /** How long after revokeSignInSessions or disabling a user’s access tokens still work (continuous access evaluation is not instant). */
  sessionMs: number;
  /** Until a sign-in, audit or activity record can be read. */
  logMs: number;
}

export type LogKind = 'signIn' | 'directoryAudit' | 'activity';

export interface Token {
  text: string;
  audience: 'graph' | 'arm' | 'storage' | 'other';
  caller: Omit<Caller, 'ip' | 'userAgent'>;
  /** Session it came from; null for applications. */
  session: string | null;
  issuedAt: number;
  expiresAt: number;
}

/** A person’s signed-in session: what a refresh token stands for, and what a thief carries away. */
export interface Session {
  id: string;
  user: string;
  appId: string;
  refreshToken: string;
  mfa: boolean;
  startedAt: number;
}

/** Everything the simulator knows. Collections are shelves, by the name that Graph gives them, or `arm` for resources. */
export class Sim {
  readonly tokens = new Map<string, Token>();
  readonly sessions = new Map<string, Session>();
  /** SHA-256 of every client secret, by keyId: Graph never shows one again. */
  readonly secrets = new Map<string, string>();
  /** When a user was last disabled. */
  readonly disabledAt = new Map<string, number>();
  /** SHA-256 of people’s passwords, by user id. */
  readonly passwords = new Map<string, string>();
  /** Public keys (PEM) of foreign token issuers that federated credentials may name. */
  readonly issuers = new Map<string, string>();
  /** Names of client applications by appId, for the sign-in log. */
  readonly appNames = new Map<string, string>();
  /** Power state of virtual machines by id; running when it is not here. */
  readonly power = new Map<string, string>();
  readonly storageKeys = new Map<string, { key1: string; key2: string; delegationRevokedAt: string | null }>();
  /** Subscriptions that may open technical support tickets. */
  readonly supportPlans = new Set<string>();
  /** Assignments that PIM makes and ends. */
  readonly pim: PimLife;
  private readonly listeners = new Set<(kind: LogKind, record: object) => void>();
  readonly signingKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
  /** Where the data of storage accounts is, `https://localhost:…`; empty until it is served. */
  blobUrl = '';
  /** How long access tokens live. */
  tokenLifeMs = 3_600_000;
  /** How long ARM’s long-running operations take. */
  operationMs = 20;
  /** Whether the tenant has Entra ID P1: without it no sign-in activity. */
  premium = true;
  /** Makes pages short, so that paging shows. */
  pageLimit = Number.POSITIVE_INFINITY;
  private readonly shelves = new Map<string, Shelf<object>>();

  constructor(readonly tenantId: string, readonly domain: string, readonly lags: Lags, readonly faults: Faults, readonly now: () => number) {
    this.pim = new PimLife(now, () => lags.directoryMs);
  }

  shelf<T extends object = Json>(name: string): Shelf<T> {
    const lag = () => (name === 'signIns' || name === 'directoryAudits' || name === 'activities' ? this.lags.logMs : name === 'arm' ? 0 : name === 'armRoleAssignments' ? this.lags.armMs : this.lags.directoryMs);
    if (!this.shelves.has(name)) this.shelves.set(name, new Shelf<object>(this.now, lag));
    return this.shelves.get(name) as Shelf<T>;
  }

  /** Every collection’s truth by name: what a snapshot compares. */
  everything(): Map<string, object[]> {
    return new Map([...this.shelves].map(([name, shelf]) => [name, shelf.truth()]));
  }

  settle(): void {
    for (const shelf of this.shelves.values()) shelf.settle();
  }

  /** Tells whoever listens of a record as it is written. */
  emit(kind: LogKind, record: object): void {
    for (const listener of this.listeners) listener(kind, structuredClone(record));
  }

  onRecord(listener: (kind: LogKind, record: object) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** City and country that the sandbox’s addresses are in. */
  locate(ip: string): { city: string; state: string; countryOrRegion: string } {
    return ip.startsWith('203.0.113.') ? { city: 'Bangkok', state: 'Krung Thep Maha Nakhon', countryOrRegion: 'TH' } : { city: 'Berlin', state: 'Berlin', countryOrRegion: 'DE' };
  }

  iso(at = this.now()): string {
    return new Date(at).toISOString();
  }
}

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
export const newId = (): string => randomUUID();
/** Always the same id for the same name: what Microsoft fixes, and what a test wants to find again. */
export function idOf(name: string): string {
  const hex = digest(name);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
