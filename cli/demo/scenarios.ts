import type { ScenarioName } from '../../sandbox/aws';

export type { ScenarioName } from '../../sandbox/aws';

export const scenarioNames = ['stolen-admin-key', 'root-login', 'cross-account-role', 'logging-stopped', 'false-positive', 'wrong-person'] as const satisfies readonly ScenarioName[];

/** What each scenario tells, in a line. */
export const stories: Record<ScenarioName, string> = {
  'stolen-admin-key': 'Dana’s admin key is stolen: users, roles, instances, buckets, functions are planted, logging is stopped',
  'root-login': 'somebody signs in as root without MFA and makes a root key',
  'cross-account-role': 'a role is made for a stranger’s account and entered at once',
  'logging-stopped': 'the audit trail is narrowed, then stopped',
  'false-positive': 'root is used as documented: from the office, with MFA, only to look',
  'wrong-person': 'Ada, an administrator, makes a user without a ticket; it was meant, so it is undone',
};
