import type { KnownBlock, RichTextBlock, RichTextElement, RichTextSection } from '@slack/types';
import { APPROVAL_ACTION, markOf, planBlockId } from '../../playbook/message/approval-marks';
import { clock, cut, firstLines, mrkdwn, plain } from '../../playbook/message/text';
import type { Person } from '../../playbook/model/people';
import type { ShownApproval } from '../contract';

/** Slack's limits: header 150, block_id 255, 50 blocks; about 13,000 characters in all (bolt-js issue 2509). */
const SHOWN_CHANGES = 6;
const SHOWN_REASONS = 3;
const SHOWN_VOTES = 8;

const HEADLINE: Record<ShownApproval['state'], string> = { open: '🔴 Approval needed', approved: '✅ Approved', denied: '⛔ Denied', expired: '⌛ Nobody answered', withdrawn: '↩️ Withdrawn' };

/** Where yes and no have words of their own, the answer is said in them. */
function headlineOf({ request: { words }, state }: ShownApproval): string {
  if (!words || state === 'expired' || state === 'withdrawn') return HEADLINE[state];
  return state === 'open' ? '🟠 A question to you' : plain(`✅ ${state === 'approved' ? words.approve : words.deny}`, 80);
}

export interface ApprovalMessage {
  text: string;
  blocks: KnownBlock[];
}

/**
 * The question as a tired person reads it in five seconds: what will change, why, what happens if nobody answers, until when.
 * Every text goes into fields that parse no markup; only our own words are mrkdwn. Buttons carry the approval's id.
 */
export function approvalMessage(shown: ShownApproval, people: readonly Person[], team: string): ApprovalMessage {
  const { request, state } = shown;
  const title = plain(request.title, 120);
  const open = state === 'open';
  const blocks: KnownBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: cut(`${headlineOf(shown)} · ${title}`, 150), emoji: false } },
    { type: 'section', fields: facts(shown, people).map((text) => ({ type: 'mrkdwn' as const, text })) },
    list('What exactly will change', firstLines(request.changes.map((line) => plain(line, 220)), SHOWN_CHANGES, (left) => `… and ${left} more: press Details`), 'Nothing was listed: press Details'),
    list('Why', firstLines(request.because.map((line) => plain(line, 180)), SHOWN_REASONS, (left) => `… and ${left} more`), 'No reason was given'),
  ];
  if (open) blocks.push(quote('If nobody answers', plain(request.ifNobodyAnswers, 300)));
  if (shown.votes.length > 0) blocks.push(list('Votes', shown.votes.slice(0, SHOWN_VOTES).map((vote) => voteLine(vote, people, request.words)), ''));
  if (open) {
    blocks.push(waiting(shown, people, team));
    blocks.push({
      type: 'actions', block_id: planBlockId(request.digest), elements: [
        { type: 'button', action_id: APPROVAL_ACTION.approve, value: request.id, style: 'primary', text: { type: 'plain_text', text: plain(request.words?.approve ?? 'Approve', 75) } },
        { type: 'button', action_id: APPROVAL_ACTION.deny, value: request.id, style: 'danger', text: { type: 'plain_text', text: plain(request.words?.deny ?? 'Deny', 75) } },
        { type: 'button', action_id: APPROVAL_ACTION.details, value: request.id, text: { type: 'plain_text', text: 'Details' } },
      ],
    });
  }
  const foot = [`plan ${markOf(request.digest)}`, request.id, ...(shown.link ? [`<${shown.link}|evidence and the whole plan>`] : [])];
  blocks.push({ type: 'context', elements: [{ type: 'mrkdwn', text: foot.join(' · ') }] });
  return { text: mrkdwn(`${headlineOf(shown)}: ${title}`, 200), blocks };
}

/** What is said in the message's thread: a reminder that mentions the approvers, or the end. Null when there is nothing to say. */
export function threadReply(shown: ShownApproval, people: readonly Person[], team: string): ApprovalMessage | null {
  const { request, state } = shown;
  if (state === 'open') {
    if (!shown.reminder) return null;
    const elements: RichTextElement[] = [{ type: 'text', text: `Still waiting, until ${clock(shown.deadline)}: ` }, ...mentions(shown.approvers, people, team)];
    return { text: 'Reminder: an approval is still waiting', blocks: [rich({ type: 'rich_text_section', elements })] };
  }
  const asker: RichTextElement[] = request.requester ? [...mentions([request.requester], people, team), { type: 'text', text: ' ' }] : [];
  const how = shown.votes.map((vote) => voteLine(vote, people, request.words)).join('; ') || (state === 'expired' ? plain(request.ifNobodyAnswers, 300) : 'no votes');
  return { text: headlineOf(shown), blocks: [rich({ type: 'rich_text_section', elements: [...asker, { type: 'text', text: cut(`${headlineOf(shown)} · ${how}`, 1_500) }] })] };
}

function facts(shown: ShownApproval, people: readonly Person[]): string[] {
  const { request } = shown;
  const until = Math.floor(Date.parse(shown.deadline) / 1000);
  const who = request.quorum === 1 ? 'one person' : `${request.quorum} different people`;
  return [
    `*${shown.state === 'open' ? 'Answer by' : 'Was due by'}*\n<!date^${until}^{date_short_pretty} {time}|${clock(shown.deadline, new Date(0).toISOString())}>`,
    `*Who ${request.words ? 'answers' : 'says yes'}*\n${who} (${request.deciders ? 'its owner' : request.tier})`,
    `*Incident*\n${request.incident ? mrkdwn(request.incident, 60) : 'none'}`,
    `*Asked by*\n${request.requester ? mrkdwn(nameOf(request.requester, people), 60) : 'Tourniquet, on an alert'}`,
  ];
}

function waiting(shown: ShownApproval, people: readonly Person[], team: string): KnownBlock {
  const voted = new Set(shown.votes.map((vote) => vote.person));
  const left = shown.approvers.filter((person) => !voted.has(person));
  const unconfirmed = shown.unconfirmed ?? [];
  if (unconfirmed.length > 0) return secondFactor(unconfirmed, shown.confirmLink ?? null, people, team);
  const missing = shown.request.quorum - shown.votes.filter((vote) => vote.decision === 'approve').length;
  if (left.length < missing) return rich({ type: 'rich_text_section', elements: [{ type: 'text', text: 'Not enough people can decide this: it has been escalated.', style: { bold: true } }] });
  return rich({ type: 'rich_text_section', elements: [{ type: 'text', text: `Waiting for ${missing > 1 ? `${missing} of ` : ''}` }, ...mentions(left, people, team)] });
}

/** A yes that does not count yet: who must confirm it, and where. */
function secondFactor(unconfirmed: readonly string[], link: string | null, people: readonly Person[], team: string): KnownBlock {
  const where: RichTextElement[] = link ? [{ type: 'text', text: ' ' }, { type: 'link', url: link, text: 'Confirm with your passkey', style: { bold: true } }] : [{ type: 'text', text: ' (no console address is configured: see the production guide)' }];
  return rich({ type: 'rich_text_section', elements: [{ type: 'text', text: '🔑 Not decided yet. Waiting for the second factor of ' }, ...mentions(unconfirmed, people, team), { type: 'text', text: '.' }, ...where] });
}

/** Members as mentions, others by name; at most ten. */
function mentions(ids: readonly string[], people: readonly Person[], team: string): RichTextElement[] {
  const shown: RichTextElement[] = ids.slice(0, 10).flatMap((id, index) => {
    const person = people.find((one) => one.id === id);
    const who: RichTextElement = person?.slack?.team === team ? { type: 'user', user_id: person.slack.user } : { type: 'text', text: nameOf(id, people) };
    return index === 0 ? [who] : [{ type: 'text', text: ', ' }, who];
  });
  return ids.length > 10 ? [...shown, { type: 'text', text: ` and ${ids.length - 10} more` }] : shown;
}

function voteLine(vote: ShownApproval['votes'][number], people: readonly Person[], words: ShownApproval['request']['words']): string {
  const reason = plain(vote.reason, 160);
  const said = words ? `: ${plain(vote.decision === 'approve' ? words.approve : words.deny, 75)}${vote.until ? ` until ${plain(vote.until, 10)}` : ''},` : vote.decision === 'approve' ? ' approved' : ' denied';
  return `${nameOf(vote.person, people)}${said} at ${clock(vote.at)} (${vote.via})${reason ? `: ${reason}` : ''}`;
}

const nameOf = (id: string, people: readonly Person[]): string => plain(people.find((one) => one.id === id)?.name ?? id, 60);
const section = (text: string): RichTextSection => ({ type: 'rich_text_section', elements: [{ type: 'text', text: text || '—' }] });
const rich = (...elements: RichTextBlock['elements']): RichTextBlock => ({ type: 'rich_text', elements });
const bold = (text: string): RichTextSection => ({ type: 'rich_text_section', elements: [{ type: 'text', text, style: { bold: true } }] });
const list = (head: string, lines: string[], none: string): RichTextBlock =>
  rich(bold(head), lines.length > 0 ? { type: 'rich_text_list', style: 'bullet', elements: lines.map(section) } : section(none));
const quote = (head: string, text: string): RichTextBlock => rich(bold(head), { type: 'rich_text_quote', elements: [{ type: 'text', text: text || '—' }] });
