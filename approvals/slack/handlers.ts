import type { App, BlockAction, ViewSubmitAction, webApi } from '@slack/bolt';
import type { Logger } from 'pino';
import { APPROVAL_ACTION, isApprovalId, markIn, markOf, REASON_ACTION, REASON_BLOCK, REASON_VIEW, UNTIL_BLOCK } from '../../playbook/message/approval-marks';
import type { Vote } from '../../playbook/model/approval';
import type { ApprovalView } from '../policy';
import type { ApprovalPort } from '../ports';
import { decisionOf, detailsBlocks, reasonView, refusedView, type Asked } from './views';
import type { Identified, Presser } from './who';

export type SlackLog = Pick<Logger, 'info' | 'warn' | 'error'>;

export interface HandlerDeps extends ApprovalPort {
  client: webApi.WebClient;
  identify: (presser: Presser) => Promise<Identified>;
  log: SlackLog;
  /** Milliseconds until a click that Temporal has not taken is given up, unacknowledged; Slack allows 3000. */
  budgetMs: number;
  linkTo: (approval: string) => string | null;
}

/** Temporal or Slack did not answer in time: the click is not acknowledged, and Slack tells the person so. */
export class NotRecorded extends Error {
  readonly code = 'tourniquet_not_recorded';
}

/** Buttons and the reason modal. Nothing is acknowledged before it is done: a click that could not be recorded looks like one. */
export function register(app: App, deps: HandlerDeps): void {
  app.action<BlockAction>(/^approval\.(approve|deny|details)$/, async ({ body, ack }) => {
    await withinBudget(deps, 'click', () => onClick(body, deps), (error) => sayNotRecorded(body, deps, error));
    await ack();
  });
  app.view<ViewSubmitAction>(REASON_VIEW, async ({ body, ack }) => {
    const refused = await withinBudget(deps, 'vote', () => onReason(body, deps));
    if (!refused) return ack();
    await ack({ response_action: 'update', view: refusedView(refused.why) });
    await ephemeral(deps, refused.channel, body.user.id, `Not counted: ${refused.why}`).catch(() => undefined);
  });
}

async function onClick(body: BlockAction, deps: HandlerDeps): Promise<void> {
  const [action] = body.actions;
  const channel = body.channel?.id;
  const id = action?.type === 'button' ? action.value : undefined;
  if (!action || !channel || !isApprovalId(id)) throw new NotRecorded('a button without an approval or a channel');
  const refuse = (why: string): Promise<void> => ephemeral(deps, channel, body.user.id, why);

  const [who, state] = await Promise.all([deps.identify(presser(body)), deps.stateOf(id)]);
  if ('refused' in who) return refuse(who.refused);
  if (!state) return refuse('There is no such question any more.');
  if (action.action_id === APPROVAL_ACTION.details) {
    await deps.client.chat.postEphemeral({ channel, user: body.user.id, text: 'Details of the approval', blocks: detailsBlocks(state, deps.linkTo(state.id)) });
    return;
  }
  const why = mayAsk(state, who.person.id, action.block_id);
  if (why) return refuse(why);
  const asked: Asked = { id, digest: state.digest, decision: decisionOf(action.action_id), channel };
  await deps.client.views.open({ trigger_id: body.trigger_id, view: reasonView(state, asked) });
}

/** Early words for what the workflow would refuse anyway; the workflow alone decides. */
function mayAsk(state: ApprovalView, person: string, blockId: string): string | null {
  if (state.status !== 'open') return `This question is already ${state.status}.`;
  if (markIn(blockId) !== markOf(state.digest)) return 'The plan changed, use the new message.';
  if (state.requester === person) return 'You asked for this yourself: another person must decide.';
  if (!state.approvers.includes(person)) return 'You are not among the people who may decide this.';
  const vote = state.votes.find((one) => one.person === person);
  return vote ? `You have already voted (${vote.decision}): each person has one vote.` : null;
}

async function onReason(body: ViewSubmitAction, deps: HandlerDeps): Promise<{ why: string; channel: string } | null> {
  const asked = askedIn(body.view.private_metadata);
  if (!asked) throw new NotRecorded('a modal without its question');
  const who = await deps.identify(presser(body));
  if ('refused' in who) return { why: who.refused, channel: asked.channel };
  const until = asked.decision === 'deny' ? body.view.state.values[UNTIL_BLOCK]?.[REASON_ACTION]?.selected_date : null;
  const vote: Vote = {
    person: who.person.id, decision: asked.decision, digest: asked.digest, via: 'slack', ...(until && { until }),
    reason: (body.view.state.values[REASON_BLOCK]?.[REASON_ACTION]?.value ?? '').slice(0, 500),
    // The modal's own id: pressing submit twice, or a request sent again, is the same vote.
    voteId: `slack/${body.user.id}/${body.view.id}`,
  };
  const decided = await deps.decide(asked.id, vote);
  deps.log.info({ approval: asked.id, person: vote.person, decision: vote.decision, outcome: decided.ok ? decided.state.status : decided.code }, 'vote from Slack');
  return decided.ok ? null : { why: decided.message, channel: asked.channel };
}

/** Rejects when the work takes longer than the budget; the work itself may still land, which is why votes carry an id. */
export async function withinBudget<T>(deps: Pick<HandlerDeps, 'budgetMs' | 'log'>, what: string, work: () => Promise<T>, late?: (error: unknown) => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([work(), new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new NotRecorded(`${what}: no answer within ${deps.budgetMs} ms`)), deps.budgetMs);
    })]);
  } catch (error) {
    deps.log.warn({ what, error: error instanceof Error ? error.name : 'not an error' }, 'a click was not recorded, and not acknowledged');
    late?.(error);
    throw error instanceof NotRecorded ? error : new NotRecorded(`${what}: ${error instanceof Error ? error.name : 'failed'}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Words beside Slack's warning sign, if Slack can be reached at all; nobody waits for them. */
function sayNotRecorded(body: BlockAction, deps: HandlerDeps, _error: unknown): void {
  const channel = body.channel?.id;
  if (!channel) return;
  const text = 'Your click could not be recorded just now. Press again in a moment; it counts once however often you press. The command line and the console reach the same question.';
  void ephemeral(deps, channel, body.user.id, text).catch(() => undefined);
}

async function ephemeral(deps: HandlerDeps, channel: string, user: string, text: string): Promise<void> {
  await deps.client.chat.postEphemeral({ channel, user, text, blocks: [{ type: 'section', text: { type: 'plain_text', text, emoji: false } }] });
}

function presser(body: BlockAction | ViewSubmitAction): Presser {
  return { user: body.user.id, homeTeam: body.user.team_id ?? null, team: body.team?.id ?? null };
}

function askedIn(metadata: string): Asked | null {
  try {
    const { id, digest, decision, channel } = JSON.parse(metadata) as Partial<Asked>;
    if (!isApprovalId(id) || typeof digest !== 'string' || typeof channel !== 'string' || (decision !== 'approve' && decision !== 'deny')) return null;
    return { id, digest, decision, channel };
  } catch {
    return null;
  }
}
