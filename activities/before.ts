import { canonicalJson, type Json, type JsonObject } from '../playbook/json';
import type { Step } from '../playbook/model/plan';
import { fail } from './boundary';
import type { EvidenceSink } from './evidence/sink';

/** What keeping needs of a provider's context. */
export interface Keeper {
  caseKey: string;
  evidence: Pick<EvidenceSink, 'keep' | 'record'>;
  now(): Date;
}

/**
 * Keeps what is about to be destroyed and writes it into the case's chain, before the first destroying call.
 * Throws EVIDENCE_UNAVAILABLE through: then nothing is destroyed. The same bytes twice are one object and one entry.
 */
export async function keepFirst(ctx: Keeper, step: Step, kind: string, content: Uint8Array | Json, contentType?: string): Promise<JsonObject> {
  const ref = await ctx.evidence.keep(ctx.caseKey, kind, content, contentType);
  const { key, sha256, bytes } = ref;
  await ctx.evidence.record(ctx.caseKey, [
    {
      key: `${step.id}/kept/${kind}/${sha256}`, at: ctx.now().toISOString(), kind: 'action',
      text: `${step.row} Kept before the change: ${kind} of ${step.target.name}`, data: { step: step.id, kind, key, sha256, bytes },
    },
  ]);
  return { kind, key, sha256, bytes };
}

/** What is to run is what was approved: the members of `step.before` that name the thing must be as they were. Throws PLAN_CHANGED. */
export function assertSame(step: Step, seen: JsonObject, members: readonly string[]): void {
  const different = members.filter((member) => canonicalJson(step.before[member] ?? null) !== canonicalJson(seen[member] ?? null));
  if (different.length > 0) throw fail('PLAN_CHANGED', `${step.target.name} is not the one that was planned (${different.join(', ')} differs)`);
}
