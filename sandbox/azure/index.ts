export { startAzureSandbox, type Azure, type AzureOptions } from './start';
export type { App, AzureWorld, Person } from './world';
export type { Trouble } from './protocol/faults';
