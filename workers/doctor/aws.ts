import { SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { awsDeclaredPermissions } from '../../activities/aws';
import { createAwsAccess } from '../../activities/aws/clients';
import { awsConfig } from '../config/settings';
import { examine, type Examine } from './types';

/** SimulatePrincipalPolicy takes many actions at once; kept well under its request size. */
const BATCH = 80;

export const examineAws: Examine = async (config) => {
  const aws = awsConfig(config);
  const access = createAwsAccess(aws, undefined);
  const results = await Promise.all(
    aws.accounts.map(async (account) => {
      const clients = access.clients(account.id);
      const role = await examine(`AWS ${account.name} (${account.id})`, async () => {
        const { Account, Arn } = await clients.sts.send(new GetCallerIdentityCommand({}));
        if (Account !== account.id) throw new Error(`the responder role is in account ${Account}, not in ${account.id}`);
        return Arn ?? '';
      });
      if (!role.ok) return [role];
      const permissions = await examine(`AWS ${account.name}: permissions`, async () => {
        const names = awsDeclaredPermissions();
        const denied: string[] = [];
        for (let from = 0; from < names.length; from += BATCH) {
          const { EvaluationResults = [] } = await clients.iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: account.roleArn, ActionNames: names.slice(from, from + BATCH) }));
          denied.push(...EvaluationResults.filter((one) => one.EvalDecision !== 'allowed').map((one) => one.EvalActionName ?? ''));
        }
        if (denied.length > 0) throw new Error(`the responder role may not: ${denied.join(', ')} (attach what \`tourniquet permissions aws\` prints)`);
        return `${names.length} allowed`;
      });
      return [role, permissions];
    }),
  );
  return results.flat();
};
