import type { Json, JsonObject } from '../playbook/json';
import type { EvidenceRef } from '../playbook/model/alert';
import type { Artifact, CheckId, Finding } from '../playbook/model/finding';
import { codeOf, toFailure, type Classifier } from './boundary';
import type { CaseContext } from './contract';
import type { EvidenceSink } from './evidence/sink';
import type { Check } from './provider';

/** A place that could not be looked at. */
export interface Failed {
  where: string;
  /** Error-table code. */
  error: string;
}

/** What a check saw. */
export interface Look {
  /** Is there an answer (1.2) or something suspicious (1.3, 2.2). */
  found: boolean;
  summary: string;
  artifacts?: Artifact[];
  facts?: JsonObject;
  /** The log records relied on, and other raw answers: kept as evidence. */
  records?: readonly { raw: Json }[];
  raw?: Json;
  /** Places that could not be looked at: with nothing found the check has not looked. */
  failed?: readonly Failed[];
  truncated?: readonly string[];
  /** Limits of the method that the reader must know. */
  notes?: string[];
}

/** What a check needs of its provider's context. */
export interface CheckContext {
  caseKey: string;
  evidence: Pick<EvidenceSink, 'keep'>;
}

const KEPT_RECORDS = 2_000;
/** A finding crosses Temporal: more than this goes to evidence only. */
const MAX_ARTIFACTS = 300;

/** How a provider makes its checks. A check never throws: what it could not look at is in the finding. */
export function checksWith<Ctx extends CheckContext, Case extends CaseContext>(classify: Classifier) {
  return (id: CheckId, permissions: readonly string[], look: (ctx: Ctx, aCase: Case) => Promise<Look>): Omit<Check<Ctx>, 'run'> & { run(ctx: Ctx, aCase: Case): Promise<Finding> } => ({
    id,
    permissions,
    async run(ctx, aCase) {
      try {
        return await finding(ctx, id, await look(ctx, aCase));
      } catch (error) {
        const failure = toFailure(error, classify);
        return { check: id, state: 'could-not-look', summary: `could not look: ${failure.message}`.slice(0, 500), error: codeOf(failure) ?? 'UNEXPECTED', artifacts: [], facts: {}, evidence: [] };
      }
    },
  });
}

async function finding(ctx: CheckContext, check: CheckId, look: Look): Promise<Finding> {
  const failed = uniqueFailed(look.failed ?? []);
  const artifacts = look.artifacts ?? [];
  const { evidence, problem } = await keep(ctx, check, look);
  const said = [
    look.summary,
    ...(failed.length > 0 ? [`could not look in ${failed.slice(0, 6).map((one) => `${one.where} (${one.error})`).join(', ')}${failed.length > 6 ? ` and ${failed.length - 6} more` : ''}`] : []),
    ...(look.truncated?.length ? [`not everything was read: ${look.truncated.slice(0, 3).join('; ')}`] : []),
    ...(artifacts.length > MAX_ARTIFACTS ? [`${artifacts.length - MAX_ARTIFACTS} more are in the evidence only`] : []),
    ...(look.notes ?? []),
    ...(problem ? [`the raw material could not be kept (${problem})`] : []),
  ];
  return {
    check, state: look.found ? 'found' : failed.length > 0 ? 'could-not-look' : 'nothing', summary: said.join('; '), error: failed[0]?.error ?? null,
    artifacts: artifacts.slice(0, MAX_ARTIFACTS), evidence,
    facts: { ...look.facts, ...(failed.length > 0 ? { failed: failed.map((one) => ({ ...one })) } : {}), ...(look.truncated?.length ? { truncated: [...look.truncated] } : {}) },
  };
}

async function keep(ctx: CheckContext, check: CheckId, look: Look): Promise<{ evidence: EvidenceRef[]; problem: string | null }> {
  const records = look.records ?? [];
  if (records.length === 0 && look.raw === undefined) return { evidence: [], problem: null };
  const content: Json = {
    check, records: records.slice(-KEPT_RECORDS).map((record) => record.raw), leftOut: Math.max(0, records.length - KEPT_RECORDS),
    artifacts: (look.artifacts ?? []).map((one) => ({ ...one })), raw: look.raw ?? null,
  };
  try {
    return { evidence: [await ctx.evidence.keep(ctx.caseKey, 'investigation', content)], problem: null };
  } catch (error) {
    // The answer matters more than its raw material: it is said, and the next look keeps it.
    return { evidence: [], problem: codeOf(error) ?? 'EVIDENCE_UNAVAILABLE' };
  }
}

export interface Reader {
  failed: Failed[];
  /** Null when it failed, which is noted with its place. */
  read<T>(where: string, call: () => Promise<T>): Promise<T | null>;
  exists<T>(where: string, call: () => Promise<T>): Promise<{ value: T | null; exists: boolean | null }>;
}

/** Reads that may each fail: a failure is noted with its place, the rest goes on. */
export function readerWith(classify: Classifier): Reader {
  const failed: Failed[] = [];
  const note = (where: string, error: unknown): string => {
    const code = codeOf(toFailure(error, classify)) ?? 'UNEXPECTED';
    if (code !== 'NOT_FOUND') failed.push({ where, error: code });
    return code;
  };
  return {
    failed,
    async read(where, call) {
      try {
        return await call();
      } catch (error) {
        note(where, error);
        return null;
      }
    },
    async exists(where, call) {
      try {
        return { value: await call(), exists: true };
      } catch (error) {
        return { value: null, exists: note(where, error) === 'NOT_FOUND' ? false : null };
      }
    },
  };
}

/** Runs at most `width` at a time: the clouds throttle bursts. */
export async function each<T, R>(items: readonly T[], width: number, run: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array<R>(items.length);
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(width, items.length) }, async () => {
      while (next < items.length) {
        const at = next++;
        results[at] = await run(items[at]!, at);
      }
    }),
  );
  return results;
}

function uniqueFailed(failed: readonly Failed[]): Failed[] {
  return [...new Map(failed.map((one) => [`${one.where}|${one.error}`, one])).values()];
}

/** SDK answers as plain JSON: dates become ISO text, undefined members and `$metadata` go. */
export function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null, (key, member: unknown) => (key === '$metadata' ? undefined : member))) as Json;
}
