import type { Handlers } from './types';

/** moto has no LookupEvents. */
export const cloudtrail: Handlers = {
  LookupEvents: ({ call, caller, world }) => world.history.lookUp(caller.account, call.region, call.input),
};
