import {
  CreateAccountAssignmentCommand, DeleteAccountAssignmentCommand, DescribeAccountAssignmentCreationStatusCommand, DescribeAccountAssignmentDeletionStatusCommand,
  paginateListAccountAssignments,
} from '@aws-sdk/client-sso-admin';
import type { JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { all, orNull, text } from '../eradicate/support';
import { refuseProtected } from '../protect';
import { followed, ssoClient } from './identity-center';

/**
 * Row 2.1.2. Target: kind `account-assignment`, account = where the assignment lets in, region = Identity Center's;
 * params `instanceArn`, `permissionSetArn`, `userId`. Only the person's own assignment: a group's is other people's too, and is left to the deny.
 */
export const removeAccountAssignment = defineAwsAction('aws.remove-account-assignment', {
  permissions: [
    'sso:ListAccountAssignments', 'sso:DeleteAccountAssignment', 'sso:DescribeAccountAssignmentDeletionStatus', 'sso:CreateAccountAssignment', 'sso:DescribeAccountAssignmentCreationStatus',
  ],
  async plan(ctx, { target, params }) {
    refuseProtected(ctx, target, text(params, 'userId'));
    const assigned = await isAssigned(ctx, target, params);
    return { needed: assigned, before: { assigned }, change: assigned ? [`remove the assignment ${target.name} in account ${target.account}`] : [] };
  },
  async apply(ctx, step): Promise<JsonObject> {
    refuseProtected(ctx, step.target, text(step.params, 'userId'));
    if (!(await isAssigned(ctx, step.target, step.params))) return { already: true };
    const sso = ssoClient(ctx, step.target.region);
    const InstanceArn = text(step.params, 'instanceArn');
    await followed(
      `removal of the assignment ${step.target.name}`,
      async () => (await orNull(sso.send(new DeleteAccountAssignmentCommand(assignment(step)))))?.AccountAssignmentDeletionStatus ?? { Status: 'SUCCEEDED' },
      async (id) => (await sso.send(new DescribeAccountAssignmentDeletionStatusCommand({ InstanceArn, AccountAssignmentDeletionRequestId: id }))).AccountAssignmentDeletionStatus,
    );
    return { removed: true };
  },
  async verify(ctx, { target, params }) {
    const assigned = await isAssigned(ctx, target, params);
    return { holds: !assigned, seen: { assigned } };
  },
  async undo(ctx, step) {
    refuseProtected(ctx, step.target, text(step.params, 'userId'));
    const sso = ssoClient(ctx, step.target.region);
    const InstanceArn = text(step.params, 'instanceArn');
    if (step.before.assigned === true && !(await isAssigned(ctx, step.target, step.params))) {
      await followed(
        `assignment ${step.target.name}`,
        async () => (await sso.send(new CreateAccountAssignmentCommand(assignment(step)))).AccountAssignmentCreationStatus,
        async (id) => (await sso.send(new DescribeAccountAssignmentCreationStatusCommand({ InstanceArn, AccountAssignmentCreationRequestId: id }))).AccountAssignmentCreationStatus,
      );
    }
    return { seen: { assigned: await isAssigned(ctx, step.target, step.params) }, left: [] };
  },
});

function assignment({ target, params }: Step) {
  return {
    InstanceArn: text(params, 'instanceArn'), PermissionSetArn: text(params, 'permissionSetArn'), PrincipalId: text(params, 'userId'),
    PrincipalType: 'USER', TargetId: target.account, TargetType: 'AWS_ACCOUNT',
  } as const;
}

async function isAssigned(ctx: AwsContext, target: Target, params: JsonObject): Promise<boolean> {
  const pages = paginateListAccountAssignments(
    { client: ssoClient(ctx, target.region) },
    { InstanceArn: text(params, 'instanceArn'), PermissionSetArn: text(params, 'permissionSetArn'), AccountId: target.account },
  );
  const assignments = await all(pages, (page) => page.AccountAssignments);
  return assignments.some((one) => one.PrincipalType === 'USER' && one.PrincipalId === params.userId);
}
