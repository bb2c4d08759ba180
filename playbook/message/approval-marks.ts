/** What ties a Slack button to its approval. The message is a doorbell: it carries the approval's id and a mark of the plan it showed, nothing else. */

export const APPROVAL_ACTION = { approve: 'approval.approve', deny: 'approval.deny', details: 'approval.details' } as const;
export const REASON_VIEW = 'approval.reason';
export const REASON_BLOCK = 'reason';
export const UNTIL_BLOCK = 'until';
export const REASON_ACTION = 'text';

const MARK = 12;
const BLOCK = /^plan\.([0-9a-f]{12})$/;

/** First 12 hex digits of the plan's digest, as shown to people. */
export const markOf = (digest: string): string => digest.slice(0, MARK);

/** The block_id of the buttons: says which plan the message showed. */
export const planBlockId = (digest: string): string => `plan.${markOf(digest)}`;

/** The mark behind a block_id, or null when it is not ours. */
export const markIn = (blockId: string): string | null => BLOCK.exec(blockId)?.[1] ?? null;

/** `apr-` and 20 hex digits. */
export const isApprovalId = (value: unknown): value is string => typeof value === 'string' && /^apr-[0-9a-f]{20}$/.test(value);
