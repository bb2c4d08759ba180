export { startAzureSandbox, type Azure, type AzureOptions } from './start';
export type { App, AzureWorld, Person } from './world';
export type { Trouble } from './protocol/faults';
export { attack, azureScenarioNames, stateOf, Agent, fightBack, synchronise, type Undoer, type AzureAttack, type AzureLive, type AzureScenarioName } from './attacker';
export { compare, type Difference, type State } from './snapshot';
