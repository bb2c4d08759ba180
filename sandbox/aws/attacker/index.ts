import type { Aws } from '../start';
import type { AwsWorld } from '../world';
import { crossAccountRole, falsePositive, loggingStopped, rootLogin, wrongPerson } from './others';
import { stolenAdminKey } from './stolen-admin-key';
import type { Attack, ScenarioName } from './types';

export { fightBack, type Undoer, type Undone } from './undoer';
export { enterFederated, federate, isAssigned, type Federated } from './federated';
export { hostile, stateOf } from './tools';
export type { Attack, Live, Planted, ScenarioName } from './types';

/** Every scenario of AWS alone makes real calls through the gateway and returns what it left. */
export const scenarios: Record<Exclude<ScenarioName, 'federated'>, (aws: Aws, world: AwsWorld) => Promise<Attack>> = {
  'stolen-admin-key': stolenAdminKey,
  'root-login': rootLogin,
  'cross-account-role': crossAccountRole,
  'logging-stopped': loggingStopped,
  'false-positive': falsePositive,
  'wrong-person': wrongPerson,
};
