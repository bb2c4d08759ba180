import { catalogue } from '../../playbook/catalogue';
import { checklist } from '../../playbook/checklist';
import type { JsonObject } from '../../playbook/json';
import { cloudName } from '../../playbook/model/principal';
import type { ChainedEntry } from '../../playbook/model/evidence';
import type { Finding } from '../../playbook/model/finding';
import type { Report, ReportAction, ReportApproval, ReportBreakGlass } from './model';
import { numberIn, objectIn, objectsIn, textIn, textsIn } from './read';

const ofKind = (chain: readonly ChainedEntry[], ...kinds: ChainedEntry['kind'][]) => chain.filter((entry) => kinds.includes(entry.kind));

/** Every step that was carried out, with its state before and what was read after; an undo stays with the action it undid. */
export function actionsOf(chain: readonly ChainedEntry[]): ReportAction[] {
  const byStep = new Map<string, ReportAction>();
  for (const entry of ofKind(chain, 'action', 'undo', 'error')) {
    const id = textIn(entry.data, 'step') ?? /^action\/(.+)\/failed$/.exec(entry.key)?.[1] ?? null;
    if (id === null) continue;
    const known = byStep.get(id);
    if (entry.kind === 'undo') {
      if (known) byStep.set(id, { ...known, undone: true, effect: 'undone', after: objectIn(entry.data, 'seen') });
      continue;
    }
    byStep.set(id, entry.kind === 'error' ? { ...blank(id, entry), ...known, effect: 'failed' } : done(id, entry));
  }
  return [...byStep.values()];
}

function blank(id: string, entry: ChainedEntry): ReportAction {
  const action = id.split('#')[0]!;
  const known = Object.hasOwn(catalogue, action) ? catalogue[action] : undefined;
  return {
    row: known?.row ?? '', title: known?.title ?? action, target: /^\S+ .*?: (.+?) — failed: /.exec(entry.text)?.[1] ?? entry.text, account: '', region: null, at: entry.at, undone: false, effect: 'not in effect', before: null, change: [], after: null, approval: null,
  };
}

function done(id: string, entry: ChainedEntry): ReportAction {
  const target = objectIn(entry.data, 'target') ?? {};
  return {
    ...blank(id, entry), target: textIn(target, 'name') ?? textIn(target, 'id') ?? '', account: textIn(target, 'account') ?? '', region: textIn(target, 'region'),
    effect: / — not in effect yet$/.test(entry.text) ? 'not in effect' : 'in effect', before: objectIn(entry.data, 'before'), change: textsIn(entry.data, 'change'),
    after: objectIn(entry.data, 'seen'), approval: textIn(entry.data, 'approval'),
  };
}

/** Every question that was asked, and how it ended: who, when, by which way. */
export function approvalsOf(chain: readonly ChainedEntry[], nameOf: (person: string) => string): ReportApproval[] {
  const found = new Map<string, ReportApproval>();
  for (const entry of chain) {
    const id = textIn(entry.data, 'approval');
    if (!id || (entry.kind !== 'approval' && entry.kind !== 'lease')) continue;
    const before = found.get(id) ?? { id, title: entry.kind === 'lease' ? 'Break-glass: use the emergency credential' : entry.text, tier: null, quorum: null, askedAt: null, outcome: null, decidedAt: null, votes: [] };
    if (entry.kind === 'lease') {
      // The sequence's end says how its question ended: it was used (or failed in use) only after a yes.
      const end = textIn(entry.data, 'outcome') ?? '';
      found.set(id, { ...before, tier: 'break-glass', outcome: before.outcome ?? { used: 'approved', failed: 'approved', denied: 'denied', expired: 'expired' }[end] ?? null });
      continue;
    }
    const asked = entry.key.endsWith('/asked');
    const outcome = textIn(entry.data, 'outcome');
    const votes = objectsIn(entry.data, 'votes').map((vote) => ({
      person: nameOf(textIn(vote, 'person') ?? '?'), decision: textIn(vote, 'decision') ?? '?', at: textIn(vote, 'at'), via: textIn(vote, 'via'), reason: textIn(vote, 'reason') ?? '',
    }));
    found.set(id, {
      ...before,
      title: asked ? entry.text.replace(/^Asked: /, '') : before.title,
      tier: textIn(entry.data, 'tier') ?? before.tier, quorum: numberIn(entry.data, 'quorum') ?? before.quorum, askedAt: asked ? entry.at : before.askedAt,
      outcome: outcome ?? before.outcome, decidedAt: outcome ? (textIn(entry.data, 'decidedAt') ?? entry.at) : before.decidedAt, votes: votes.length > 0 ? votes : before.votes,
    });
  }
  return [...found.values()];
}

/** The emergency credential: checked out, used, returned, rotated, and the proof. Null when it was not needed. */
export function breakGlassOf(chain: readonly ChainedEntry[]): ReportBreakGlass | null {
  const entries = ofKind(chain, 'lease');
  if (entries.length === 0) return null;
  const end = [...entries].reverse().find((entry) => entry.key.startsWith('break-glass/'));
  const proofs = entries.flatMap((entry) => [entry.data, objectIn(entry.data, 'proof')]).filter((data) => data !== null && textIn(data, 'provenLoginAt') !== null);
  const proof = proofs[proofs.length - 1] ?? null;
  return {
    outcome: end ? textIn(end.data, 'outcome') : null, approval: end ? textIn(end.data, 'approval') : null, error: end ? textIn(end.data, 'error') : null,
    proof: proof && {
      credential: textIn(proof, 'credential') ?? '', newVersion: numberIn(proof, 'newVersion') ?? 0, oldFingerprint: textIn(proof, 'oldFingerprint') ?? '',
      newFingerprint: textIn(proof, 'newFingerprint') ?? '', provenLoginAt: textIn(proof, 'provenLoginAt') ?? '', oldRefused: proof['oldRefused'] === true,
    },
    entries: entries.map(({ at, text }) => ({ at, text })),
  };
}

/** Every row of the checklist: one that was not looked at is said to be so. The audits of 2.2 only when they were made. */
export function findingRows(findings: readonly Finding[]): Report['findings'] {
  return checklist.flatMap(({ id, section, title, how }): Report['findings'] => {
    const answers = findings.filter((one) => one.check === id);
    if (answers.length === 0) return section === '2.2' ? [] : [{ id, check: title, how, state: 'not-looked', summary: '', error: null }];
    return answers.map(({ provider, state, summary, error }) => ({ id, check: title, how, state, summary: provider ? `${cloudName(provider)}: ${summary}` : summary, error }));
  });
}

/** The findings as the record has them, the latest of each check; for a report before the case is closed. */
export function recordedFindings(chain: readonly ChainedEntry[]): Finding[] {
  const found = new Map<string, Finding>();
  for (const { kind, data, text } of chain) {
    const row = checklist.find((one) => one.id === textIn(data, 'check'));
    const state = textIn(data, 'state');
    if (kind !== 'finding' || !row || (state !== 'found' && state !== 'nothing' && state !== 'could-not-look')) continue;
    const provider = textIn(data, 'provider');
    const side = provider === 'aws' || provider === 'azure' ? { provider } as const : {};
    const prefix = `${side.provider ? `${cloudName(side.provider)}: ` : ''}${row.id}: ${state}: `;
    found.set(`${provider ?? ''}/${row.id}`, {
      check: row.id, ...side, state, summary: text.startsWith(prefix) ? text.slice(prefix.length) : text, error: textIn(data, 'error'), facts: objectIn(data, 'facts') ?? {},
      artifacts: objectsIn(data, 'artifacts') as unknown as Finding['artifacts'], evidence: objectsIn(data, 'evidence') as unknown as Finding['evidence'],
    });
  }
  return [...found.values()];
}

/** Work for people: the tasks with their references, and what no machine can judge. */
export function leftForPeople(chain: readonly ChainedEntry[]): { tasks: Report['tasks']; left: string[] } {
  const tasks = new Map<string, Report['tasks'][number]>();
  const left = new Set<string>();
  for (const entry of chain) {
    const task = /^task\/(.+?)(\/done)?$/.exec(entry.key);
    if (task && entry.kind === 'action') {
      const known = tasks.get(task[1]!);
      if (task[2]) tasks.set(task[1]!, { ...(known ?? { title: entry.text, reference: '' }), done: true });
      else tasks.set(task[1]!, { title: entry.text.replace(/ \([^()]*\)$/, ''), reference: textIn(entry.data, 'reference') ?? '', done: false });
    }
    if (/^(left|undo\/left)\//.test(entry.key)) left.add(entry.text.replace(/^(For a person to judge|Left for a person): /, ''));
    if (entry.kind === 'plan') for (const refusal of objectsIn(entry.data, 'refused')) left.add(refused(refusal));
  }
  return { tasks: [...tasks.values()], left: [...left] };
}

function refused(refusal: JsonObject): string {
  const target = objectIn(refusal, 'target') ?? {};
  return `${textIn(refusal, 'action') ?? 'An action'} on ${textIn(target, 'name') ?? textIn(target, 'id') ?? '?'} was not carried out: ${textIn(refusal, 'code') ?? ''} ${textIn(refusal, 'message') ?? ''}`.trim();
}
