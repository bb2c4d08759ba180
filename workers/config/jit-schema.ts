import { z } from 'zod';
import { MAX_GRANT_MS } from '../../playbook/jit/rules';
import { guid } from './azure-schema';
import { duration } from './duration';

const arns = z.array(z.string().regex(/^arn:aws[a-z-]*:iam::(aws|\d{12}):policy\/.+/, 'a managed policy’s ARN')).min(1);

const place = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('aws-identity-center'), account: z.string().min(1).describe('name or id of an account of aws.accounts'), permissionSet: z.string().regex(/^arn:aws[a-z-]*:sso:::[\w/-]+\/ps-\w+$/, 'the permission set’s ARN') }),
  z.strictObject({ kind: z.literal('aws-role'), account: z.string().min(1).describe('name or id of an account of aws.accounts'), policies: arns.describe('managed policies that the person’s role gets'), requireMfa: z.boolean().default(true) }),
  z.strictObject({
    kind: z.literal('entra-role'), account: z.string().min(1).describe('name or id of a tenant of azure.tenants'), role: z.string().min(1).describe('the role’s display name, as the approver reads it'), roleDefinitionId: guid('a role definition’s id'),
    scope: z.string().regex(/^\/(administrativeUnits\/[0-9a-f-]{36})?$/i, '`/`, or /administrativeUnits/<id>').default('/'),
  }),
  z.strictObject({
    kind: z.literal('azure-role'), account: z.string().min(1).describe('name or id of a subscription of azure.tenants'), role: z.string().min(1).describe('the role’s name, as the approver reads it'), roleDefinitionId: guid('a role definition’s id'),
    resourceGroup: z.string().regex(/^[\w().-]{0,89}[\w()-]$/, 'a resource group’s name').nullable().default(null).describe('null = the whole subscription'),
  }),
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
