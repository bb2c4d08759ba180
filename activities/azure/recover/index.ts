import type { AzureAction } from '../define';
import { alertCostAnomalies } from './alert-cost-anomalies';
import { applyLeastPrivilege } from './apply-least-privilege';
import { denyOwnerAssignment } from './deny-owner-assignment';
import { enableDefender } from './enable-defender';
import { enforceMfa } from './enforce-mfa';
import { exportActivityLog } from './export-activity-log';
import { liftDeny } from './lift-deny';
import { setBudget } from './set-budget';

/** Section 4; row 4.7 is the watch. */
export const recoverActions: readonly AzureAction[] = [enforceMfa, applyLeastPrivilege, enableDefender, exportActivityLog, setBudget, alertCostAnomalies, denyOwnerAssignment, liftDeny];
