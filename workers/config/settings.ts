import type { Federation } from '../../playbook/federation';
import type { IncidentSettings } from '../../playbook/model/settings';
import type { AwsConfig } from '../../activities/aws/config';
import { defaultNames } from '../../activities/aws/config';
import { secondFactorRequired } from './passkeys';
import type { Config } from './schema';

/** Every account and tenant that may name an emergency credential. */
export const emergencyHolders = ({ aws, azure }: Config): { id: string; emergencyCredential: string | null }[] => [...(aws?.accounts ?? []), ...(azure?.tenants ?? [])];

/** What an incident is told when it opens. */
export function incidentSettings(config: Config): IncidentSettings {
  const tierOf = (name: keyof Config['approvals']) => {
    const { quorum, deadline, remindEvery, backupAfter } = config.approvals[name];
    return { quorum, deadlineMs: deadline, remindEveryMs: remindEvery, backupAfterMs: backupAfter };
  };
  return {
    blastRadius: config.containment.blastRadius,
    watch: { durationMs: config.watch.duration, everyMs: config.watch.every },
    reverifyAfterMs: config.containment.lookAgainAfter,
    approvals: { approve: tierOf('approve'), dual: tierOf('dual'), 'break-glass': { ...tierOf('break-glass'), secondFactor: secondFactorRequired(config) } },
    emergencyCredentials: Object.fromEntries(emergencyHolders(config).flatMap((account) => (account.emergencyCredential ? [[account.id, account.emergencyCredential]] : []))),
    leaseMs: config.vault?.lease ?? 1_800_000,
    humanTask: { everyMs: config.humanTasks.checkEvery, escalateAfterMs: config.humanTasks.escalateAfter },
    consoleUrl: config.console?.url ?? null,
    campaign: { accounts: config.campaign.accounts, windowMs: config.campaign.window },
  };
}

/** Where people live: a person with an Entra object id and an Identity Center user name is one person in both. */
export function federationOf(config: Config): Federation {
  return { tenant: config.azure?.tenants[0]?.id ?? null, identityCenterAccount: config.aws?.accounts.find((account) => account.management)?.id ?? null };
}

/** What the AWS side needs; null when it is not configured. */
export function awsConfig(config: Config): AwsConfig | null {
  const { aws } = config;
  if (!aws) return null;
  return {
    accounts: aws.accounts.map(({ id, name, roleArn, externalId, regions, management }) => ({ id, name, roleArn, externalId, regions, management })),
    endpoint: aws.endpoint, globalRegion: aws.globalRegion,
    protected: [...aws.protected, ...aws.accounts.flatMap((account) => [account.roleArn, ...(account.emergencyIdentity ? [account.emergencyIdentity] : [])])],
    knownAddresses: config.registers.knownUses.flatMap((use) => use.from),
    names: defaultNames, billing: { monthlyBudgetUsd: aws.budget.monthlyUsd, email: aws.budget.email }, trailBucket: aws.trailBucket,
  };
}
