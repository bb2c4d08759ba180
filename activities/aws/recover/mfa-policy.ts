import type { JsonObject } from '../../../playbook/json';

/** What a person without MFA needs to enrol it (IAM User Guide: “AWS: Allows MFA-authenticated IAM users to manage their own credentials”). */
const selfService = ['iam:GetUser', 'iam:ListMFADevices', 'iam:CreateVirtualMFADevice', 'iam:EnableMFADevice', 'iam:ResyncMFADevice', 'iam:ChangePassword'];

/** Denies everything but that unless MFA was used. `BoolIfExists`: a request with a long-term access key says nothing of MFA and is denied too. */
export const requireMfaDocument = (partition: string): JsonObject => ({
  Version: '2012-10-17',
  Statement: [
    { Sid: 'ListToEnrol', Effect: 'Allow', Action: ['iam:ListVirtualMFADevices', 'iam:GetAccountPasswordPolicy', 'iam:GetAccountSummary'], Resource: '*' },
    { Sid: 'EnrolOwnMfa', Effect: 'Allow', Action: selfService, Resource: [`arn:${partition}:iam::*:user/\${aws:username}`, `arn:${partition}:iam::*:mfa/*`] },
    {
      Sid: 'NothingElseWithoutMfa', Effect: 'Deny', NotAction: [...selfService, 'iam:ListVirtualMFADevices', 'iam:GetAccountPasswordPolicy', 'iam:GetAccountSummary', 'sts:GetSessionToken'],
      Resource: '*', Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
    },
  ],
});
