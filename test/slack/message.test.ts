import fc from 'fast-check';
import type { KnownBlock } from '@slack/types';
import { approvalMessage, threadReply } from '../../activities/notify/approval-message';
import type { ShownApproval } from '../../activities/contract';
import { detailsBlocks, reasonView } from '../../approvals/slack/views';
import { openApproval, viewOf } from '../../approvals/policy';
import { cut, mrkdwn, plain } from '../../playbook/message/text';
import { refusedBlocks } from '../../sandbox/slack/limits';
import { request, T0, vote } from '../approvals/fixtures';
import { PEOPLE, TEAM } from './harness';

const shown = (over: Partial<ShownApproval> = {}, question = request()): ShownApproval => ({
  request: question, handle: null, state: 'open', votes: [], approvers: ['ada', 'ben'], deadline: new Date(T0 + 3_600_000).toISOString(), reminder: false, link: null, ...over,
});

/** Every text that Slack parses as mrkdwn. */
function parsedTexts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(parsedTexts);
  if (typeof value !== 'object' || value === null) return [];
  const one = value as { type?: string; text?: unknown };
  if (one.type === 'mrkdwn' && typeof one.text === 'string') return [one.text];
  return Object.values(value).flatMap(parsedTexts);
}

const HOSTILE = ['<!channel> look', '<https://evil.example|the console>', '<@U0ADA> said yes', '`code` *bold* _it_ ~no~', 'a & b < c > d', 'line\nbreak\r\n• forged bullet', '\u202Eevorppa\u202C', 'zero\u200bwidth', '*Approved by the CISO*'];

describe('words of an attacker', () => {
  test.each(HOSTILE)('%j stays words wherever it goes', (text) => {
    const question = request({ title: text, changes: [text], because: [text], ifNobodyAnswers: text, incident: text, requester: text });
    const message = approvalMessage(shown({ votes: [{ ...vote('ada', 'approve', { reason: text }), at: new Date(T0).toISOString() }] }, question), PEOPLE, TEAM);
    const view = viewOf(openApproval(question, T0));
    const everywhere = [message.text, ...parsedTexts(message.blocks), ...parsedTexts(detailsBlocks(view, null)), ...parsedTexts(reasonView(view, { id: question.id, digest: question.digest, decision: 'approve', channel: 'C' }).blocks)];
    for (const parsed of everywhere) {
      const ours = parsed.replace(/<!date\^\d+\^[^>]*>/g, '');
      expect(ours).not.toMatch(/<[!@#h]/);
      expect(ours).not.toMatch(/`|~|\*(bold|Approved)|_it_/);
      expect(ours).not.toMatch(/[\u200b\u202a-\u202e]/);
    }
    expect(JSON.stringify(message.blocks)).not.toMatch(/"broadcast"|"link"/);
    expect(JSON.stringify(message.blocks)).not.toMatch(/\\u202|\\u200b|\u202e|\u200b/i);
  });
  test('escaping is Slack’s: three characters as entities', () => expect(mrkdwn('a & b < c > d <!here>')).toBe('a &amp; b &lt; c &gt; d &lt;!here&gt;'));
  test('names with underscores stay readable', () => expect(mrkdwn('svc_backup_user')).toBe('svc_backup_user'));
  test('a line break cannot make a second line', () => expect(plain('one\n\n two\u2028three')).toBe('one two three'));
  test('a pair of surrogates is never cut in half', () => expect(cut('ab😀cd', 4)).toBe('ab…'));
});

describe('what a tired person reads', () => {
  const message = approvalMessage(shown({ link: 'https://tourniquet.example/approvals/x' }), PEOPLE, TEAM);
  const json = JSON.stringify(message.blocks);
  test.each(['Delete user eve', 'CreateUser by the stolen key', 'Nothing is deleted; the deny stays.', '2 different people', 'Rita', 'inc-1', 'https://tourniquet.example/approvals/x'])('%s', (text) => expect(json).toContain(text));
  test('the deadline in the reader’s own time, with UTC for clients without it', () => expect(json).toMatch(/<!date\^\d{10}\^\{date_short_pretty\} \{time\}\|2026-03-01 15:00 UTC>/));
  test('the approvers are mentioned, the one who voted is not asked again', () => {
    expect(json).toContain('"user_id":"U0ADA"');
    const voted = JSON.stringify(approvalMessage(shown({ votes: [{ ...vote('ada'), at: new Date(T0).toISOString() }] }), PEOPLE, TEAM).blocks);
    expect(voted).not.toContain('"user_id":"U0ADA"');
    expect(voted).toContain('Ada approved at 14:00 UTC (slack)');
  });
  test('buttons carry the approval’s id and nothing else', () => {
    const actions = message.blocks.find((block): block is Extract<KnownBlock, { type: 'actions' }> => block.type === 'actions')!;
    expect(actions.elements.map((element) => (element.type === 'button' ? element.value : null))).toEqual([request().id, request().id, request().id]);
  });
  test.each(['approved', 'denied', 'expired', 'withdrawn'] as const)('%s: no buttons any more, and the thread says so', (state) => {
    expect(approvalMessage(shown({ state }), PEOPLE, TEAM).blocks.some((block) => block.type === 'actions')).toBe(false);
    expect(JSON.stringify(threadReply(shown({ state }), PEOPLE, TEAM))).toContain('U0RITA');
  });
  test('a person of another workspace is named, not mentioned', () => {
    const elsewhere = PEOPLE.map((one) => (one.id === 'ada' ? { ...one, slack: { team: 'T9', user: 'U0ADA' } } : one));
    expect(JSON.stringify(approvalMessage(shown(), elsewhere, TEAM).blocks)).not.toContain('"user_id":"U0ADA"');
  });
  test('nobody left to decide is said', () => expect(JSON.stringify(approvalMessage(shown({ approvers: [] }), PEOPLE, TEAM).blocks)).toContain('escalated'));
});

describe('whatever the plan, Slack takes it', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 4_000 }), fc.constantFrom(...HOSTILE, '', ' ', '\n'));
  const lines = fc.oneof(fc.array(text, { maxLength: 8 }), fc.integer({ min: 0, max: 3_000 }).map((n) => Array.from({ length: n }, (_, index) => `Delete object number ${index} ${'é"\\'.repeat(60)}`)));
  test('message, thread, modal and details stay within Block Kit’s limits', () =>
    fc.assert(fc.property(text, lines, lines, text, fc.nat(60), (title, changes, because, nobody, voters) => {
      const question = request({ title, changes, because, ifNobodyAnswers: nobody });
      const votes = Array.from({ length: voters }, (_, index) => ({ ...vote(`p${index}`, 'approve', { reason: title }), at: new Date(T0).toISOString() }));
      const state = { ...openApproval(question, T0), votes, approvers: votes.map((one) => one.person) };
      const asked = { id: question.id, digest: question.digest, decision: 'approve' as const, channel: 'C' };
      expect(refusedBlocks(approvalMessage(shown({ votes, approvers: votes.map((one) => one.person) }, question), PEOPLE, TEAM).blocks)).toBeNull();
      expect(refusedBlocks(threadReply(shown({ votes, state: 'approved' }, question), PEOPLE, TEAM)!.blocks)).toBeNull();
      expect(refusedBlocks(detailsBlocks(viewOf(state), 'https://tourniquet.example/x'))).toBeNull();
      expect(refusedBlocks(reasonView(viewOf(state), asked).blocks as KnownBlock[], true)).toBeNull();
    }), { numRuns: 150 }));
  test('what was left out is counted', () => {
    const changes = Array.from({ length: 40 }, (_, index) => `Delete thing ${index}`);
    expect(JSON.stringify(approvalMessage(shown({}, request({ changes })), PEOPLE, TEAM).blocks)).toContain('and 35 more: press Details');
  });
});
