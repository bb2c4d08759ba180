import type { types } from '@slack/bolt';
import { APPROVAL_ACTION, markOf, REASON_ACTION, REASON_BLOCK, REASON_VIEW, UNTIL_BLOCK } from '../../playbook/message/approval-marks';
import { clock, cut, firstLines, fittingLines, mrkdwn, plain } from '../../playbook/message/text';
import type { Vote } from '../../playbook/model/approval';
import type { ApprovalView } from '../policy';

/** What the modal carries from the click to its submission. Slack hands it back inside a signed payload. */
export interface Asked {
  id: string;
  digest: string;
  decision: Vote['decision'];
  channel: string;
}

const rich = (...elements: types.RichTextBlock['elements']): types.RichTextBlock => ({ type: 'rich_text', elements });
const bold = (text: string): types.RichTextSection => ({ type: 'rich_text_section', elements: [{ type: 'text', text: text || '—', style: { bold: true } }] });
const bullets = (lines: readonly string[]): types.RichTextBlock['elements'][number] => ({
  type: 'rich_text_list', style: 'bullet', elements: (lines.length > 0 ? lines : ['—']).map((text) => ({ type: 'rich_text_section', elements: [{ type: 'text', text: text || '—' }] })),
});

/** Asks for the reason, and shows once more what is decided: from the workflow, never from the message that was pressed. */
export function reasonView(state: ApprovalView, asked: Asked): types.ModalView {
  const approve = asked.decision === 'approve';
  return {
    type: 'modal', callback_id: REASON_VIEW, private_metadata: JSON.stringify(asked), title: { type: 'plain_text', text: state.words ? 'Your answer' : approve ? 'Approve this plan?' : 'Deny this plan?' },
    submit: { type: 'plain_text', text: plain(approve ? (state.words?.approve ?? 'Approve') : (state.words?.deny ?? 'Deny'), 24) }, close: { type: 'plain_text', text: 'Back' },
    blocks: [
      rich(bold(plain(state.title, 150)), bullets(firstLines(state.changes.map((line) => plain(line, 200)), 12, (left) => `… and ${left} more: see Details`))),
      { type: 'context', elements: [{ type: 'mrkdwn', text: `plan ${markOf(state.digest)} · until ${clock(state.deadline)} · ${state.approvals} of ${state.quorum} have approved` }] },
      ...(!approve && state.words?.date ? [dateInput(state.words.date)] : []),
      {
        type: 'input', block_id: REASON_BLOCK, label: { type: 'plain_text', text: 'Why' },
        hint: { type: 'plain_text', text: 'One line; it goes into the record of the incident.' },
        element: { type: 'plain_text_input', action_id: REASON_ACTION, min_length: 3, max_length: 500, focus_on_load: true },
      },
    ],
  };
}

/** Until when a no holds; left out, the usual time. */
const dateInput = (label: string): types.InputBlock => ({
  type: 'input', optional: true, block_id: UNTIL_BLOCK, label: { type: 'plain_text', text: plain(label, 100) }, hint: { type: 'plain_text', text: 'It is asked again after that day.' }, element: { type: 'datepicker', action_id: REASON_ACTION },
});

/** Replaces the modal when the vote did not count. */
export function refusedView(why: string): types.ModalView {
  return {
    type: 'modal', title: { type: 'plain_text', text: 'Not counted' }, close: { type: 'plain_text', text: 'Close' },
    blocks: [{ type: 'section', text: { type: 'plain_text', text: cut(why, 600) } }],
  };
}

/** Everything about the question, cut to what Slack takes (about 13,000 characters in all); the rest is behind the link. */
export function detailsBlocks(state: ApprovalView, link: string | null): types.KnownBlock[] {
  const changes = fittingLines(state.changes.map((line) => plain(line, 200)), 6_500, (left) => `… and ${left} more${link ? ': see the link' : ''}`);
  const because = fittingLines(state.because.map((line) => plain(line, 200)), 2_000, (left) => `… and ${left} more`);
  const cast = state.votes.map((vote) => plain(`${vote.person}: ${vote.decision} at ${clock(vote.at)} by ${vote.via}${vote.reason ? `, ${vote.reason}` : ''}`, 160));
  const votes = fittingLines(cast, 1_500, (left) => `… and ${left} more`);
  const foot = [`plan ${state.digest.slice(0, 32)}`, mrkdwn(state.waitingFor, 120), ...(link ? [`<${link}|open in the console>`] : [])];
  return [
    rich(bold(plain(state.title, 150))),
    rich(bold(`All ${state.changes.length} changes`), bullets(changes)),
    rich(bold('Why'), bullets(because)),
    rich(bold('If nobody answers'), { type: 'rich_text_quote', elements: [{ type: 'text', text: plain(state.ifNobodyAnswers, 300) || '—' }] }),
    ...(votes.length > 0 ? [rich(bold('Votes'), bullets(votes))] : []),
    { type: 'context', elements: [{ type: 'mrkdwn', text: foot.join(' · ') }] },
  ];
}

export const decisionOf = (actionId: string): Vote['decision'] => (actionId === APPROVAL_ACTION.deny ? 'deny' : 'approve');
