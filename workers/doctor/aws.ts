import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { awsDeclaredPermissions, awsPermissions } from '../../activities/aws';
import { createAwsAccess, type AwsAccess } from '../../activities/aws/clients';
import { deniedPermissions } from '../../activities/aws/self-check';
import { awsConfig } from '../config/settings';
import { examine, type Diagnosis, type Examine } from './types';

export const examineAws: Examine = async (config) => {
  const aws = awsConfig(config);
  if (!aws) return [{ what: 'AWS', ok: true, text: 'not configured' }];
  return (await examineAccounts(createAwsAccess(aws, undefined))).flat();
};

/** Can each account's responder role be assumed, and may it do all that the actions need. */
export function examineAccounts(access: AwsAccess): Promise<Diagnosis[][]> {
  return Promise.all(
    access.config.accounts.map(async (account) => {
      const role = await examine(`AWS ${account.name} (${account.id})`, async () => {
        const { Account, Arn } = await access.clients(account.id).sts.send(new GetCallerIdentityCommand({}));
        if (Account !== account.id) throw new Error(`the responder role is in account ${Account}, not in ${account.id}`);
        return Arn ?? '';
      });
      if (!role.ok) return [role];
      const permissions = await examine(`AWS ${account.name}: permissions`, async () => {
        const denied = await deniedPermissions(access, account.id, awsPermissions({ account: account.id, partition: account.roleArn.split(':')[1], ipSet: access.config.names.ipSet }));
        if (denied.length > 0) throw new Error(`the responder role may not: ${denied.join(', ')} (attach what \`tourniquet permissions aws\` prints)`);
        return `${awsDeclaredPermissions().length} allowed`;
      });
      return [role, permissions];
    }),
  );
}
