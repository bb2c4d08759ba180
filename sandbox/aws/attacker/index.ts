import type { Aws } from '../start';
import type { AwsWorld } from '../world';
import { crossAccountRole, falsePositive, loggingStopped, rootLogin, wrongPerson } from './others';
import { stolenAdminKey } from './stolen-admin-key';
import type { Attack, ScenarioName } from './types';

export { fightBack, type Undoer, type Undone } from './undoer';
export { hostile, stateOf } from './tools';
export type { Attack, Live, Planted, ScenarioName } from './types';

/** Every scenario makes real calls through the gateway and returns what it left. */
export const scenarios: Record<ScenarioName, (aws: Aws, world: AwsWorld) => Promise<Attack>> = {
  'stolen-admin-key': stolenAdminKey,
  'root-login': rootLogin,
  'cross-account-role': crossAccountRole,
  'logging-stopped': loggingStopped,
  'false-positive': falsePositive,
  'wrong-person': wrongPerson,
};
