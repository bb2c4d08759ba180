import { Fault } from '../protocol/faults';
import { isObject, listOf, type Json } from '../protocol/shapes';
import { asFault } from './as-fault';
import type { Afters, Extra, Handler, Handlers } from './types';

/** Changes go to the trail's home region (CloudTrail API reference, InvalidHomeRegionException). */
const atHome: Handler = ({ call }) => {
  const home = /^arn:aws:cloudtrail:([^:]+):/.exec(String(call.input.Name))?.[1];
  if (home && home !== call.region) throw new Fault('InvalidHomeRegionException', `The trail ${String(call.input.Name)} was created in ${home}: this call is possible there only.`);
  return null;
};

const modes = ({ world, caller }: Extra): Map<string, 'basic' | 'advanced'> => world.shelf('trail-selectors', caller.account, () => new Map<string, 'basic' | 'advanced'>());

/** moto has no event history, deletes by name only (and says nothing when there is no such trail), and keeps both kinds of selectors side by side. */
export const cloudtrail: Handlers = {
  LookupEvents: ({ call, caller, world }) => world.history.lookUp(caller.account, call.region, call.input),
  StartLogging: atHome,
  StopLogging: atHome,
  UpdateTrail: atHome,
  DeleteTrail: async (extra) => {
    await atHome(extra);
    const { Trail } = await asFault(extra.ask('GetTrail', { Name: extra.call.input.Name }));
    await asFault(extra.ask('DeleteTrail', { Name: (Trail as Json).Name }));
    return {};
  },
  GetEventSelectors: async (extra) => {
    const answer = await asFault(extra.ask('GetEventSelectors', extra.call.input));
    const mode = modes(extra).get(String(answer.TrailARN)) ?? 'basic';
    // Without selectors of its own a trail logs all management events, and says so.
    const basic = listOf(answer.EventSelectors).filter(isObject);
    const shown = basic.length ? basic : [{ ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] }];
    return mode === 'advanced' ? { ...answer, EventSelectors: undefined } : { TrailARN: answer.TrailARN, EventSelectors: shown };
  },
};

export const cloudtrailAfter: Afters = {
  PutEventSelectors: (extra, output) => void modes(extra).set(String(output.TrailARN), listOf(extra.call.input.AdvancedEventSelectors).length ? 'advanced' : 'basic'),
};
