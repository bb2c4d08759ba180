import { reasonView } from '../../approvals/slack/views';
import type { ApprovalRequest } from '../../playbook/model/approval';
import { house, type House } from './harness';

const words = { approve: 'No longer needed', deny: 'Still needed', date: 'Needed until' };

let here: House;
let question: ApprovalRequest;
beforeEach(async () => {
  here = await house({ budgetMs: 2_000 });
  question = here.desk.ask({ words });
  await here.show(question);
});
afterEach(() => here.stop());

const pickers = async (decision: 'approve' | 'deny', over: object = {}): Promise<object[]> =>
  reasonView({ ...(await here.desk.stateOf(question.id))!, ...over }, { id: question.id, digest: question.digest, decision, channel: 'C' }).blocks.filter((block) => block.type === 'input' && JSON.stringify(block).includes('"datepicker"'));

test('“still needed” is asked with a date picker, which may stay empty; “no longer needed”, and other questions, are not', async () => {
  expect(await pickers('deny')).toEqual([expect.objectContaining({ optional: true, label: { type: 'plain_text', text: 'Needed until' } })]);
  expect([await pickers('approve'), await pickers('deny', { words: undefined })]).toEqual([[], []]);
});

test('the day that was picked is in the vote', async () => {
  const { accepted } = await here.slack.click({ approvalId: question.id, as: 'ben', decision: 'deny', reason: 'the yearly closing', until: '2099-01-31' });
  expect(accepted).toBe(true);
  expect(here.desk.votes).toMatchObject([{ person: 'ben', decision: 'deny', until: '2099-01-31', reason: 'the yearly closing' }]);
});

test('no day was picked: no date', async () => {
  await here.slack.click({ approvalId: question.id, as: 'ben', decision: 'deny', reason: 'the yearly closing' });
  expect([here.desk.votes.length, here.desk.votes[0]!.until]).toEqual([1, undefined]);
});
