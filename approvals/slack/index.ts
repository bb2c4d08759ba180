export { createSlackApp, type SlackApp, type SlackAppOptions } from './app';
export { memoryNonces, type Nonces } from './gate';
export type { SlackLog } from './handlers';
export type { PeopleDirectory } from './who';
