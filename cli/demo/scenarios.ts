import type { ScenarioName as AwsScenarioName } from '../../sandbox/aws';
import { azureScenarioNames, type AzureScenarioName } from '../../sandbox/azure';
import { peopleScenarios } from './people-scenarios';

/** Scenarios with an attacker. */
export type AttackName = AwsScenarioName | AzureScenarioName;
export type ScenarioName = AttackName | keyof typeof peopleScenarios;

const people = Object.keys(peopleScenarios) as (keyof typeof peopleScenarios)[];
export const scenarioNames: readonly ScenarioName[] = ['stolen-admin-key', 'root-login', 'cross-account-role', 'logging-stopped', 'false-positive', 'wrong-person', 'global-admin-login', 'rogue-service-principal', 'logging-dark', 'federated', ...people];

export const isAzure = (name: ScenarioName): name is AzureScenarioName => (azureScenarioNames as readonly ScenarioName[]).includes(name);

export const needsAzure = (name: ScenarioName): boolean => name === 'federated' || isAzure(name);

/** What each scenario tells, in a line. */
export const stories: Record<AttackName, string> = {
  'stolen-admin-key': 'Dana’s admin key is stolen: users, roles, instances, buckets, functions are planted, logging is stopped',
  'root-login': 'somebody signs in as root without MFA and makes a root key',
  'cross-account-role': 'a role is made for a stranger’s account and entered at once',
  'logging-stopped': 'the audit trail is narrowed, then stopped',
  'false-positive': 'root is used as documented: from the office, with MFA, only to look',
  'global-admin-login': 'a Global Administrator’s sign-in is phished: users, applications and secrets are planted, a policy is weakened, logging is switched off',
  'rogue-service-principal': 'a deployment application’s leaked secret gives itself more secrets, a foreign issuer and permissions',
  'logging-dark': 'the owner of a subscription loses a session: diagnostic settings go first, the rest happens in the dark',
  federated: 'Eve’s sign-in at Entra is stolen: it opens her subscription, and through IAM Identity Center an AWS account too',
  'wrong-person': 'Ada, an administrator, makes a user without a ticket; it was meant, so it is undone',
};
