import { createHash } from 'node:crypto';
import { canonicalJson } from '../../playbook/json';
import { codeOf } from '../boundary';
import type { CaseActivities } from '../contract';
import { assertCaseKey } from '../evidence';
import type { CaseDeps } from './index';

/**
 * Opens the task once and remembers its reference. Neither a ticket system nor an evidence store that is away loses it or holds anything up:
 * it then has a reference of its own, the same on every attempt, and the record says loudly that there is no ticket.
 */
export async function openHumanTask(deps: CaseDeps, { caseKey, key, title, instructions }: Parameters<CaseActivities['openHumanTask']>[0]): Promise<{ reference: string }> {
  const { objects } = deps.store;
  const id = createHash('sha256').update(key).digest('hex').slice(0, 12);
  const name = `cases/${assertCaseKey(caseKey)}/tasks/${id}.json`;
  const known = await unlessAway(objects.get(name).then(referenceIn));
  if (known) return { reference: known };
  const { reference, problem } = await open(deps, `${caseKey}/${key}`, `task:${id}`, title, instructions);
  const at = deps.now().toISOString();
  if (problem) {
    await unlessAway(deps.store.record(caseKey, [{ key: `no-ticket/${id}`, at, kind: 'error', text: `No ticket could be opened for “${title}”: ${problem}. It is tracked as ${reference}.`, data: { reference } }]));
  }
  const stored = await unlessAway(objects.putIfAbsent(name, Buffer.from(canonicalJson({ reference, key, title, instructions, at })), 'application/json'));
  return { reference: (stored === false ? await unlessAway(objects.get(name).then(referenceIn)) : null) ?? reference };
}

async function open(deps: CaseDeps, key: string, own: string, title: string, instructions: string[]): Promise<{ reference: string; problem: string | null }> {
  if (!deps.tickets) return { reference: own, problem: null };
  try {
    return { ...(await deps.tickets.openTask({ key, title, instructions })), problem: null };
  } catch (error) {
    return { reference: own, problem: error instanceof Error && codeOf(error) ? error.message : 'not foreseen' };
  }
}

function referenceIn(content: Uint8Array | null): string | null {
  return content === null ? null : (JSON.parse(Buffer.from(content).toString('utf8')) as { reference: string }).reference;
}

/** Null when the evidence store is away; other errors pass. */
async function unlessAway<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'EVIDENCE_UNAVAILABLE') return null;
    throw error;
  }
}
