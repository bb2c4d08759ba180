import type { AwsAction } from '../define';
import { applyLeastPrivilege } from './apply-least-privilege';
import { enableGuardduty } from './enable-guardduty';
import { enforceMfa } from './enforce-mfa';
import { liftDeny } from './lift-deny';
import { protectTrail } from './protect-trail';
import { scpDenyRoot } from './scp-deny-root';
import { setBillingAlarms } from './set-billing-alarms';

/** Section 4, rows 4.1 to 4.6; 4.7 is `watch`. */
export const recoverActions: AwsAction[] = [enforceMfa, applyLeastPrivilege, enableGuardduty, protectTrail, setBillingAlarms, scpDenyRoot, liftDeny];
