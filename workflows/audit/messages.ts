import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { AuditProgress, ReviewView } from '../../playbook/permission-audit/model';
import type { Signature } from '../../playbook/signed-request';

export interface UndoReview {
  by: string;
  reason: string;
  signature: Signature;
}

/** By the owner or who stands in for them, while it is in quarantine or narrowed. Refused with APPROVAL_CLOSED or VOTER_NOT_ALLOWED before it enters history. */
export const undoReviewUpdate = defineUpdate<ReviewView, [UndoReview]>('undo');
export const reviewQuery = defineQuery<ReviewView>('review');
export const auditProgressQuery = defineQuery<AuditProgress>('progress');
