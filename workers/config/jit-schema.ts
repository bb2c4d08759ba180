import { z } from 'zod';
import { MAX_GRANT_MS } from '../../playbook/jit/rules';
import { duration } from './duration';

const arns = z.array(z.string().regex(/^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/.+/, 'a managed policy’s ARN')).min(1);

const place = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('aws-identity-center'), account: z.string().min(1).describe('name or id of an account of aws.accounts'), permissionSet: z.string().regex(/^arn:aws[a-z-]*:sso:::[\w/-]+\/ps-\w+$/, 'the permission set’s ARN') }),
  z.strictObject({ kind: z.literal('aws-role'), account: z.string().min(1).describe('name or id of an account of aws.accounts'), policies: arns.describe('managed policies that the person’s role gets'), requireMfa: z.boolean().default(true) }),
]);

/** `jit:` of tourniquet.yaml: who may ask for what, for how long, and who says yes. */
export const jitSchema = z.strictObject({
  roles: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits, dash'),
        who: z.array(z.string().min(1)).min(1).describe('who may ask: person ids, or `role:<role>`'),
        tier: z.enum(['approve', 'dual', 'break-glass']).default('approve').describe('which approvers say yes'),
        max: duration.refine((ms) => ms <= MAX_GRANT_MS, 'two hours at most').prefault('2h'),
        in: z.array(place).min(1),
      }),
    )
    .default([]),
});
