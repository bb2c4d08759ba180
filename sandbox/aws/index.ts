export { startAws, type Aws, type AwsOptions } from './start';
export type { ConsoleLogin, Control, Keys } from './control';
export type { Envelope } from './gateway/cloudtrail/stream';
export type { Recorded, TrailRecord } from './gateway/cloudtrail/record';
export type { Rate, Throttle } from './gateway/throttle';
export { clientsFor, type As, type Clients } from './clients';
export { buildWorld, type Actor, type AwsWorld, type WorldOptions } from './world';
export { compare, snapshot, type Difference, type State } from './snapshot';
export { enterFederated, federate, fightBack, isAssigned, scenarios, stateOf, type Attack, type Federated, type Live, type Planted, type ScenarioName, type Undoer } from './attacker';
