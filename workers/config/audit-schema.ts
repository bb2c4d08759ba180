import { z } from 'zod';
import { duration } from './duration';

/** `permissionAudit:` of tourniquet.yaml. */
export const auditSchema = z.strictObject({
  unusedFor: duration.prefault('90d').describe('and as old at least; younger roles, users and keys are never proposed'),
  quarantine: duration.prefault('14d').describe('everything denied, nothing removed; `undo` restores it'),
  neededFor: duration.prefault('90d').describe('“still needed” without a date is asked again after this long'),
  neededAtMost: duration.prefault('365d').describe('and with a date, no later than this'),
  unusedShare: z.number().min(0.05).max(1).default(0.5).describe('share of the granted services that must be unused before a narrower policy is proposed'),
  answerWithin: duration.prefault('7d'),
  remindEvery: duration.prefault('1d'),
  managerAfter: duration.prefault('3d').describe('the owner’s manager is asked too'),
  ownerTags: z.array(z.string().min(1)).default(['owner', 'Owner', 'owned-by', 'contact']).describe('tags that name an owner: a person’s id, address or identity; without regard to case'),
  owners: z.array(z.strictObject({ subject: z.string().min(1).describe('ARN, id or name; `*` allowed'), owner: z.string().min(1).describe('person id') })).default([]).describe('the register of owners, asked after the tags'),
  every: duration.prefault('7d').describe('for `tourniquet audit-permissions --schedule`'),
});
