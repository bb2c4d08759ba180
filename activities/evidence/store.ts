import { createHash } from 'node:crypto';
import { canonicalJson, type Json, type JsonObject } from '../../playbook/json';
import type { EvidenceRef } from '../../playbook/model/alert';
import type { ChainedEntry, RecordEntry } from '../../playbook/model/evidence';
import { fail } from '../boundary';
import { ChainAppender } from './appender';
import { entryName, GENESIS, hashHolds, parseEntry, promisedHash, rawKeysIn, SEALED, seqOf } from './chain';
import { assertCaseKey, type ObjectStore } from './objects';
import { inParallel } from './parallel';
import { parseSeal, publicKeyOf, sealText, signSeal, trustedKeys, type SignedSeal } from './seal';
import type { EvidenceSink } from './sink';
import { verifyCase, type Verification } from './verify';

/** Something kept for a case, and as what. */
export interface Kept extends EvidenceRef {
  kind: string;
  contentType: string;
}

/** Raw material, the hash chain of every case, and the seals. Errors: EVIDENCE_UNAVAILABLE, EVIDENCE_TAMPERED, INVALID_INPUT (a key that is none). */
export interface EvidenceStore extends EvidenceSink {
  /** What was kept for a case. */
  list(caseKey: string): Promise<Kept[]>;
  /** Every case that has a record. */
  cases(): Promise<string[]>;
  /** The record in order, entries whose data was too large filled in again; throws EVIDENCE_TAMPERED at the first broken entry. */
  readChain(caseKey: string, after?: number): Promise<ChainedEntry[]>;
  /** Ends the case: nothing can be appended after it. The same seal again when it is sealed already. */
  seal(caseKey: string, at: string): Promise<SignedSeal>;
  sealOf(caseKey: string): Promise<SignedSeal | null>;
  /** Recomputes everything and names the first thing that is wrong; `expected` is a seal hash written down elsewhere. */
  verify(caseKey: string, expected?: string): Promise<Verification>;
  /** The objects below, for indexes that are not evidence themselves (episodes, handled alerts). */
  readonly objects: ObjectStore;
}

export interface StoreOptions {
  /** Ed25519 private key, PKCS#8 PEM; null = seals carry no signature. */
  signingKey: string | null;
  /** Public keys (SPKI PEM) that a seal's signature must be by; empty = any signature is self-asserted. */
  trustedKeys: string[];
}

const extensions: Record<string, string> = {
  'application/json': 'json', 'text/plain': 'txt', 'text/html': 'html', 'text/markdown': 'md', 'text/csv': 'csv', 'application/gzip': 'gz', 'application/zip': 'zip',
};

export function createEvidenceStore(objects: ObjectStore, options: StoreOptions = { signingKey: null, trustedKeys: [] }): EvidenceStore {
  // Whoever may sign trusts its own signatures; a seal that lost its signature is then a problem too.
  const trusted = new Set([...trustedKeys(options.trustedKeys), ...(options.signingKey === null ? [] : [publicKeyOf(options.signingKey)])]);

  const keep = async (caseKey: string | null, kind: string, content: Uint8Array | Json, contentType?: string): Promise<EvidenceRef> => {
    const bytes = content instanceof Uint8Array ? content : Buffer.from(typeof content === 'string' && contentType ? content : canonicalJson(content));
    const type = contentType ?? (content instanceof Uint8Array ? 'application/octet-stream' : 'application/json');
    const sha256 = sha256Of(bytes);
    const key = `raw/sha256/${sha256.slice(0, 2)}/${sha256}.${extensions[type.split(';')[0]!.trim()] ?? 'bin'}`;
    const ref: EvidenceRef = { key, sha256, bytes: bytes.byteLength };
    await objects.putIfAbsent(key, bytes, type);
    if (caseKey !== null) {
      const name = `${sha256.slice(0, 40)}-${sha256Of(Buffer.from(kind)).slice(0, 8)}`;
      await objects.putIfAbsent(`cases/${assertCaseKey(caseKey)}/kept/${name}.json`, Buffer.from(canonicalJson({ ...ref, kind, contentType: type })), 'application/json');
    }
    return ref;
  };

  const read = async ({ key }: Pick<EvidenceRef, 'key'>): Promise<Uint8Array> => {
    const promised = promisedHash(key);
    if (promised === null) throw fail('INVALID_INPUT', 'not the key of raw evidence');
    const content = await objects.get(key);
    if (content === null) throw fail('EVIDENCE_TAMPERED', `${key} is not in the evidence store`);
    if (sha256Of(content) !== promised) throw fail('EVIDENCE_TAMPERED', `${key} is not what was kept`);
    return content;
  };

  const appender = new ChainAppender(objects, (caseKey) => async (content, type) => ({ ...(await keep(caseKey, 'entry', content, type)) }));
  const record = (caseKey: string, entries: RecordEntry[]) => appender.append(assertCaseKey(caseKey), entries);

  const list = async (caseKey: string): Promise<Kept[]> => {
    const keys = await objects.list(`cases/${assertCaseKey(caseKey)}/kept/`);
    return inParallel(keys, 16, async (key) => parseKept(key, await objects.get(key)));
  };

  const readChain = async (caseKey: string, after = 0): Promise<ChainedEntry[]> => {
    const numbers = (await objects.list(`cases/${assertCaseKey(caseKey)}/record/`)).map(seqOf).filter((seq): seq is number => seq !== null && seq >= after);
    const entries = await inParallel(numbers, 16, async (seq) => {
      const entry = parseEntry(Buffer.from((await objects.get(`cases/${caseKey}/record/${entryName(seq)}`)) ?? '').toString('utf8'));
      if (!entry || entry.seq !== seq || !hashHolds(entry)) throw fail('EVIDENCE_TAMPERED', `${caseKey}: entry ${seq} is not what was written`);
      return entry;
    });
    for (const [index, entry] of entries.entries()) {
      const before = entries[index - 1];
      const linked = before ? entry.seq === before.seq + 1 && entry.prev === before.hash : after > 0 || (entry.seq === 1 && entry.prev === GENESIS);
      if (!linked) throw fail('EVIDENCE_TAMPERED', `${caseKey}: the chain is broken at entry ${entry.seq}`);
    }
    return inParallel(entries.filter((entry) => entry.seq > after), 16, (entry) => filledIn(entry, read));
  };

  const sealOf = async (caseKey: string): Promise<SignedSeal | null> => {
    const content = await objects.get(`cases/${assertCaseKey(caseKey)}/seal.json`);
    if (content === null) return null;
    const seal = parseSeal(Buffer.from(content).toString('utf8'));
    if (!seal) throw fail('EVIDENCE_TAMPERED', `${caseKey}: the seal is not what was written`);
    return seal;
  };

  const seal = async (caseKey: string, at: string): Promise<SignedSeal> => {
    const existing = await sealOf(caseKey);
    if (existing) return existing;
    await record(caseKey, [{ key: SEALED, at, kind: 'closed', text: 'Evidence sealed', data: {} }]);
    const chain = await readChain(caseKey);
    const last = chain[chain.length - 1]!;
    if (last.key !== SEALED) throw fail('EVIDENCE_TAMPERED', `${caseKey}: entry ${last.seq} was written after the case was ended`);
    const keys = new Set([...rawKeysIn(chain.map((entry) => entry.data)), ...(await list(caseKey)).map((kept) => kept.key)]);
    const raw = await inParallel([...keys].sort(), 8, async (key) => ({ key, sha256: promisedHash(key)!, bytes: (await read({ key })).byteLength }));
    const signed = signSeal({ version: 1, caseKey, entries: last.seq, last: last.hash, raw, sealedAt: last.at }, options.signingKey);
    await objects.putIfAbsent(`cases/${caseKey}/seal.json`, Buffer.from(sealText(signed)), 'application/json');
    return (await sealOf(caseKey)) ?? signed;
  };

  return {
    objects, keep, read, record, list, readChain, seal, sealOf,
    cases: async () => (await objects.list('cases/', true)).filter((key) => key.endsWith('/')).map((key) => key.slice('cases/'.length, -1)),
    verify: (caseKey, expected) => verifyCase(objects, assertCaseKey(caseKey), trusted, expected ?? null),
  };
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function parseKept(key: string, content: Uint8Array | null): Kept {
  try {
    const kept = JSON.parse(Buffer.from(content ?? '').toString('utf8')) as Kept;
    if (promisedHash(kept.key) === kept.sha256) return kept;
  } catch {
    // said below
  }
  throw fail('EVIDENCE_TAMPERED', `${key} is not what was written`);
}

/** Puts back what was kept aside because it was too large; the hash is over what stands in the chain. */
async function filledIn(entry: ChainedEntry, read: EvidenceSink['read']): Promise<ChainedEntry> {
  const kept = entry.data.kept;
  if (Object.keys(entry.data).length !== 1 || kept === null || typeof kept !== 'object' || Array.isArray(kept) || typeof kept.key !== 'string') return entry;
  const whole = JSON.parse(Buffer.from(await read({ key: kept.key })).toString('utf8')) as { text: string; data: JsonObject };
  return { ...entry, text: whole.text, data: whole.data };
}
