export { startAws, type Aws, type AwsOptions } from './start';
export type { ConsoleLogin, Control, Keys } from './control';
export type { Envelope } from './gateway/cloudtrail/stream';
export type { Recorded, TrailRecord } from './gateway/cloudtrail/record';
export type { Rate, Throttle } from './gateway/throttle';
