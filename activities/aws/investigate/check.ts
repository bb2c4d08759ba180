import type { Json, JsonObject } from '../../../playbook/json';
import type { EvidenceRef } from '../../../playbook/model/alert';
import type { Artifact, CheckId, Finding } from '../../../playbook/model/finding';
import { codeOf, toFailure } from '../../boundary';
import type { AwsCase, AwsContext } from '../context';
import { classifyAws } from '../errors';
import type { Failed } from './looker';
import type { TrailRecord } from './record';

/** One row of the investigation. */
export interface Check {
  id: CheckId;
  /** Every cloud permission that it uses, by the service authorization reference. */
  permissions: readonly string[];
  /** Never throws: what it could not look at is in the finding. */
  run(ctx: AwsContext, aCase: AwsCase): Promise<Finding>;
}

/** What a check saw. */
export interface Look {
  /** Is there an answer (1.2) or something suspicious (1.3, 2.2). */
  found: boolean;
  summary: string;
  artifacts?: Artifact[];
  facts?: JsonObject;
  /** The CloudTrail records relied on, and other raw answers: kept as evidence. */
  records?: TrailRecord[];
  raw?: Json;
  /** Places that could not be looked at: with nothing found the check has not looked. */
  failed?: readonly Failed[];
  truncated?: readonly string[];
  /** Limits of the method that the reader must know. */
  notes?: string[];
}

const KEPT_RECORDS = 2_000;
/** A finding crosses Temporal: more than this goes to evidence only. */
const MAX_ARTIFACTS = 300;

export function defineCheck(id: CheckId, permissions: readonly string[], look: (ctx: AwsContext, aCase: AwsCase) => Promise<Look>): Check {
  return {
    id,
    permissions,
    async run(ctx, aCase) {
      try {
        return await finding(ctx, id, await look(ctx, aCase));
      } catch (error) {
        const failure = toFailure(error, classifyAws);
        return { check: id, state: 'could-not-look', summary: `could not look: ${failure.message}`.slice(0, 500), error: codeOf(failure) ?? 'UNEXPECTED', artifacts: [], facts: {}, evidence: [] };
      }
    },
  };
}

async function finding(ctx: AwsContext, check: CheckId, look: Look): Promise<Finding> {
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

async function keep(ctx: AwsContext, check: CheckId, look: Look): Promise<{ evidence: EvidenceRef[]; problem: string | null }> {
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

/** Reads that may each fail: a failure is noted with its place, the rest goes on. */
export function createReader(): { failed: Failed[]; read<T>(where: string, call: () => Promise<T>): Promise<T | null>; exists<T>(where: string, call: () => Promise<T>): Promise<{ value: T | null; exists: boolean | null }> } {
  const failed: Failed[] = [];
  const note = (where: string, error: unknown): string => {
    const code = codeOf(toFailure(error, classifyAws)) ?? 'UNEXPECTED';
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

/** Runs at most `width` at a time: IAM and S3 throttle bursts. */
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

/** All pages of a listing; `next` gives the token of the page after, if there is one. */
export async function* pages<P>(ask: (token: string | undefined) => Promise<P>, next: (page: P) => string | undefined): AsyncGenerator<P> {
  let token: string | undefined;
  do {
    const page = await ask(token);
    yield page;
    token = next(page);
  } while (token);
}

function uniqueFailed(failed: readonly Failed[]): Failed[] {
  return [...new Map(failed.map((one) => [`${one.where}|${one.error}`, one])).values()];
}

/** SDK answers as plain JSON: dates become ISO text, undefined members and `$metadata` go. */
export function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null, (key, member: unknown) => (key === '$metadata' ? undefined : member))) as Json;
}
