import { DeleteAccessKeyCommand, DeleteLoginProfileCommand, DeleteSigningCertificateCommand, GetLoginProfileCommand, paginateListAccessKeys, paginateListMFADevices, paginateListSigningCertificates, type IAMClient } from '@aws-sdk/client-iam';
import { AssumeRootCommand } from '@aws-sdk/client-sts';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { createDirectAccess } from '../clients';
import { managementAccount } from '../contain/identity-center';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { all, orNull, removed } from '../eradicate/support';
import { refuseProtected } from '../protect';

type RootCredentials = { accessKeys: string[]; certificates: string[]; password: boolean; mfa: string[] };
type Task = 'IAMAuditRootUserCredentials' | 'IAMDeleteRootUserCredentials';

/**
 * Row 2.2.2 for a member account. Target: an account of the organisation, not the management account. Root without credentials cannot be signed in to;
 * a short privileged session of the management account does it, so that no root password is stored anywhere
 * (IAM User Guide: “Perform a privileged task on an AWS Organizations member account”). MFA devices stay: they let nobody in alone.
 */
export const removeRootCredentials = defineAwsAction('aws.remove-root-credentials', {
  permissions: ['sts:AssumeRoot'],
  async plan(ctx, { target }) {
    refuse(ctx, target);
    const now = await readCredentials(await rootSession(ctx, target, 'IAMAuditRootUserCredentials'));
    return {
      needed: !isEmpty(now), before: now,
      change: [
        ...now.accessKeys.map((id) => `delete root access key ${id} of account ${target.account}`),
        ...now.certificates.map((id) => `delete root signing certificate ${id} of account ${target.account}`),
        ...(now.password ? [`delete the root password of account ${target.account}`] : []),
      ],
    };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    refuse(ctx, target);
    const root = await rootSession(ctx, target, 'IAMDeleteRootUserCredentials');
    const now = await readCredentials(root);
    for (const AccessKeyId of now.accessKeys) await removed(root.send(new DeleteAccessKeyCommand({ AccessKeyId })));
    for (const CertificateId of now.certificates) await removed(root.send(new DeleteSigningCertificateCommand({ CertificateId })));
    if (now.password) await removed(root.send(new DeleteLoginProfileCommand({})));
    return { deleted: now };
  },
  async verify(ctx, { target }) {
    const now = await readCredentials(await rootSession(ctx, target, 'IAMAuditRootUserCredentials'));
    return { holds: isEmpty(now), seen: now };
  },
  undo: async (_ctx, { target }) => ({
    seen: {},
    left: [`root of account ${target.account} has no credentials any more: the management account can allow a password reset (task IAMCreateRootUserPassword); deleted keys do not come back`],
  }),
});

const isEmpty = ({ accessKeys, certificates, password }: RootCredentials): boolean => accessKeys.length === 0 && certificates.length === 0 && !password;

function refuse(ctx: AwsContext, target: Target): void {
  refuseProtected(ctx, target, `arn:aws:iam::${target.account}:root`);
  if (managementAccount(ctx) === target.account) throw fail('NOT_SUPPORTED', `${target.account} is the management account: its root credentials are a person’s task`);
}

/** IAM of the member account under a root session of 15 minutes that can do this one task. Its credentials never leave the activity. */
async function rootSession(ctx: AwsContext, { account }: Target, task: Task): Promise<IAMClient> {
  const { sts } = ctx.access.clients(managementAccount(ctx));
  const { Credentials: made } = await sts.send(new AssumeRootCommand({ TargetPrincipal: account, TaskPolicyArn: { arn: `arn:aws:iam::aws:policy/root-task/${task}` }, DurationSeconds: 900 }));
  return createDirectAccess(ctx.access.config, { accessKeyId: made?.AccessKeyId ?? '', secretAccessKey: made?.SecretAccessKey ?? '', sessionToken: made?.SessionToken }).clients(account).iam;
}

/** Without a user name these calls mean root itself. */
async function readCredentials(root: IAMClient): Promise<RootCredentials> {
  const [keys, certificates, profile, mfa] = await Promise.all([
    all(paginateListAccessKeys({ client: root }, {}), (page) => page.AccessKeyMetadata),
    all(paginateListSigningCertificates({ client: root }, {}), (page) => page.Certificates),
    orNull(root.send(new GetLoginProfileCommand({}))),
    all(paginateListMFADevices({ client: root }, {}), (page) => page.MFADevices),
  ]);
  return {
    accessKeys: keys.map((key) => key.AccessKeyId ?? ''), certificates: certificates.map((one) => one.CertificateId ?? ''),
    password: profile !== null, mfa: mfa.map((device) => device.SerialNumber ?? ''),
  };
}
