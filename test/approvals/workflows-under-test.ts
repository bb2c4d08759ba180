import { condition, setHandler } from '@temporalio/workflow';
import type { ApprovalResult } from '../../playbook/model/approval';
import { approvalDecidedSignal } from '../../workflows/messages';

export { approval, approvalAftermath } from '../../workflows/approval';

/** Stands for whoever asked: ends with the answer. */
export async function asker(): Promise<ApprovalResult> {
  let answer: ApprovalResult | null = null;
  setHandler(approvalDecidedSignal, (result) => void (answer = result));
  await condition(() => answer !== null);
  return answer!;
}
