import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { createApprovalPort } from '../approvals/temporal';
import type { ApprovalResult, Vote } from '../playbook/model/approval';
import { queues } from '../playbook/queues';
import type { approval } from '../workflows';
import { startProgram } from './child';
import type { BenchHouse } from './house';
import { VOTERS } from './house';
import { measure, type Part } from './result';
import { ratios, rotated, summarise } from './stats';
import { BARE_QUEUE } from './worker';

const QUORUM = 5;
const AT_ONCE = 64;
const PER_ROUND = 10;
const WARM_UP = 2;
const DIGEST = 'a'.repeat(64);
const ARMS = ['bare update', 'bare update again', 'approval'] as const;
type Arm = (typeof ARMS)[number];
interface Trip { recordedMs: number; decidedMs: number }

/** One decision’s round trip against an update of a workflow that does nothing; then `questions` open at once, 50 voters each clicking twice, in one shuffled crowd. */
export async function benchApprovals(house: BenchHouse, rounds: number, questions: number, say: (line: string) => void): Promise<Part> {
  const worker = startProgram(require.resolve('./worker'), [house.configFile], house.env);
  try {
    await worker.ask('ready');
    const trips = new Map<Arm, Trip[]>(ARMS.map((arm) => [arm, []]));
    for (let round = -WARM_UP; round < rounds; round += 1) {
      for (const arm of rotated(ARMS, round + WARM_UP)) {
        const seen: Trip[] = [];
        for (let at = 0; at < PER_ROUND; at += 1) seen.push(await trip(house.client, arm));
        if (round >= 0) trips.get(arm)!.push({ recordedMs: summarise(seen.map((one) => one.recordedMs)).median, decidedMs: summarise(seen.map((one) => one.decidedMs)).median });
      }
      say(`approvals: round ${round + 1} of ${rounds}`);
    }
    const crowd = await clicksOfACrowd(house.client, questions, say);
    const of = (arm: Arm, what: keyof Trip): number[] => trips.get(arm)!.map((one) => one[what]);
    return {
      title: `Approvals: one decision, and ${questions} questions open at once with ${VOTERS.length} voters clicking twice`,
      rows: [
        ...ARMS.flatMap((arm) => [measure(`${arm}: click until recorded`, 'ms', summarise(of(arm, 'recordedMs'))), measure(`${arm}: click until decided`, 'ms', summarise(of(arm, 'decidedMs')))]),
        measure('recorded, approval / bare', '×', ratios(of('approval', 'recordedMs'), of('bare update', 'recordedMs'))), measure('decided, approval / bare', '×', ratios(of('approval', 'decidedMs'), of('bare update', 'decidedMs'))),
        measure('recorded, A/A', '×', ratios(of('bare update again', 'recordedMs'), of('bare update', 'recordedMs'))), measure('decided, A/A', '×', ratios(of('bare update again', 'decidedMs'), of('bare update', 'decidedMs'))),
        measure('clicks answered', 'clicks/s', summarise([crowd.perSecond])), measure('decided exactly once', 'questions', summarise([crowd.decided])),
      ],
      notes: [`${crowd.clicks} clicks: ${crowd.counted} were answered as recorded, ${crowd.refused} as too late, ${crowd.again} had to be sent again (${Object.entries(crowd.unanswered).map(([why, count]) => `${count} × ${why}`).join(', ') || 'none'}); each question was decided once, by ${QUORUM} or more different people with one vote each (${crowd.votes} in all: while the directory is asked again, further votes count)`],
      details: { trips: Object.fromEntries(trips), crowd },
    };
  } finally {
    await worker.stop();
  }
}

const vote = (person: string): Vote => ({ person, decision: 'approve', digest: DIGEST, reason: 'bench', via: 'slack', voteId: `bench-${randomUUID()}` });

async function trip(client: Client, arm: Arm): Promise<Trip> {
  const handle = arm === 'approval' ? await ask(client, 1) : await client.workflow.start('bareUpdate', { taskQueue: BARE_QUEUE, workflowId: `bench-${randomUUID()}` });
  if (arm === 'approval') await directoryKnown(client, handle.workflowId);
  const click = vote(VOTERS[0]!);
  const from = performance.now();
  await handle.executeUpdate('decide', { args: [click], updateId: click.voteId });
  const recordedMs = performance.now() - from;
  await handle.result();
  return { recordedMs, decidedMs: performance.now() - from };
}

const ask = (client: Client, quorum: number) => {
  const id = `apr-${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  return client.workflow.start<typeof approval>('approval', {
    taskQueue: queues.workflows, workflowId: id,
    args: [{
      id, incident: null, tier: quorum > 1 ? 'dual' : 'approve', title: 'Bench', changes: ['nothing'], because: ['bench'], ifNobodyAnswers: 'Nothing.', onTimeout: 'stay-undone', digest: DIGEST, requester: null, recused: [],
      quorum, deadlineMs: 3_600_000, remindEveryMs: 3_000_000, backupAfterMs: 3_000_000, caseKey: 'bench', answerTo: null, escalateTo: [], consoleUrl: null,
    }],
  });
};

async function directoryKnown(client: Client, id: string): Promise<void> {
  const { stateOf } = createApprovalPort(client, 60_000);
  while (((await stateOf(id).catch(() => null))?.approvers.length ?? 0) === 0) await pause(50);
}

async function clicksOfACrowd(client: Client, questions: number, say: (line: string) => void) {
  const { decide } = createApprovalPort(client, 120_000);
  const open: string[] = [];
  await inTurns(Array.from({ length: questions }), async () => void open.push((await ask(client, QUORUM)).workflowId));
  await inTurns(open, (id) => directoryKnown(client, id));
  // A click and its double, side by side, as a nervous hand sends them; the crowd is shuffled the same way in every run.
  const clicks = shuffled(open.flatMap((id) => VOTERS.map((person) => ({ id, vote: vote(person) }))));
  let counted = 0;
  let refused = 0;
  let again = 0;
  const unanswered: Record<string, number> = {};
  // What the server is too busy to answer is not acknowledged: the person clicks again, and it is the same vote.
  const until = async <T>(work: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        again += 1;
        const why = reasonOf(error);
        unanswered[why] = (unanswered[why] ?? 0) + 1;
        await pause(100);
      }
    }
  };
  let done = 0;
  const from = performance.now();
  await inTurns(clicks, async ({ id, vote: click }) => {
    const answers = await Promise.all([until(() => decide(id, click)), until(() => decide(id, click))]);
    counted += answers.filter((one) => one.ok).length;
    refused += answers.filter((one) => !one.ok).length;
    done += 1;
    if (done % 2_500 === 0) say(`approvals: ${done * 2} of ${clicks.length * 2} clicks`);
  });
  const seconds = (performance.now() - from) / 1_000;
  let decided = 0;
  let votes = 0;
  await inTurns(open, async (id) => {
    const result = (await client.workflow.getHandle(id).result()) as ApprovalResult;
    if (result.outcome !== 'approved' || result.votes.length < QUORUM || new Set(result.votes.map((one) => one.person)).size !== result.votes.length) throw new Error(`${id} was not decided by ${QUORUM} different people: ${result.outcome}, ${result.votes.length} votes`);
    votes += result.votes.length;
    decided += 1;
  });
  if (decided !== questions) throw new Error(`${decided} of ${questions} questions were decided`);
  if (counted !== votes * 2) throw new Error(`${counted} clicks were told that they count, ${votes} votes do`);
  return { votes, again, unanswered, clicks: clicks.length * 2, counted, refused, decided, perSecond: (clicks.length * 2) / seconds };
}

/** What the innermost error says, short. */
function reasonOf(error: unknown): string {
  let at: unknown = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  return at instanceof Error ? at.message.slice(0, 80) : 'not an error';
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < items.length) await work(items[next++]!);
  }));
}

/** Fisher–Yates with a fixed seed (mulberry32). */
function shuffled<T>(items: readonly T[]): T[] {
  let seed = 7;
  const random = (): number => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const all = [...items];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all;
}
