import { continueAsNew, proxyActivities, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { BackstopActivities } from '../activities/contract';
import { blindedBetween, blindnessAlert, remembered, type Blinded, type Watchers } from '../playbook/blindness';
import { queues } from '../playbook/queues';
import { hear, silence, type Rhythm } from '../playbook/rhythm';
import { backstopQuery, heardSignal, placesSignal } from './messages';

export interface Place {
  account: string;
  region: string;
}

export interface BackstopInput {
  places: Place[];
  everyMs: number;
  /** Carried through continue-as-new. */
  state?: BackstopState;
}

export interface BackstopState {
  /** `account/region` to where its event history was read up to (ISO). */
  cursors: Record<string, string>;
  watchers: Record<string, Watchers>;
  /** Turns in a row in which a place could not be read. */
  failures: Record<string, number>;
  /** By source. */
  rhythms: Record<string, Rhythm>;
  /** Alerts delivered within the overlap, so that they are not sent again; by place. */
  delivered: Record<string, string[]>;
}

/** CloudTrail shows an event within 15 minutes (CloudTrail user guide): each turn looks that far back behind its cursor. */
const LAG_MS = 15 * 60_000;
const TURNS = 100;
/** One failed turn is the weather. */
const FAILURES = 3;

/** The trail, the detectors and the senders themselves are watched: what a stopped trail or another region hides is read from CloudTrail's history, and falling silent is an incident. */
export async function backstop(input: BackstopInput): Promise<void> {
  const { state = { cursors: {}, watchers: {}, failures: {}, rhythms: {}, delivered: {} } } = input;
  let { places, everyMs } = input;
  setHandler(placesSignal, (now) => void ({ places, everyMs } = now));
  setHandler(heardSignal, ({ source, account, at }) => {
    const key = `${source}/${account}`;
    state.rhythms[key] = hear(state.rhythms[key], at);
  });
  setHandler(backstopQuery, () => state);
  for (let turn = 0; turn < TURNS && !workflowInfo().continueAsNewSuggested; turn += 1) {
    const now = new Date().toISOString();
    const blinded = [...(await Promise.all(places.map((place) => look(state, place, now)))).flat(), ...silentSources(state, now)];
    if (blinded.length > 0) await activities('Raise what went blind', {}).raise(blinded.map((one) => blindnessAlert(one, now)));
    await sleep(everyMs, { summary: 'until the next look' });
  }
  await continueAsNew<typeof backstop>({ places, everyMs, state });
}

/** What reads is given up after a while, for the next turn; what raises an incident is not. */
const activities = (summary: string, more: { maximumAttempts?: number } = { maximumAttempts: 5 }): BackstopActivities => {
  const named = proxyActivities({ taskQueue: queues.cloud('aws'), summary, startToCloseTimeout: '10m', retry: { initialInterval: '2s', maximumInterval: '1m', ...more } }) as unknown as Record<string, never>;
  return { sweep: named['backstop.sweep']!, watchers: named['backstop.watchers']!, raise: named['backstop.raise']! };
};

async function look(state: BackstopState, place: Place, now: string): Promise<Blinded[]> {
  const key = `${place.account}/${place.region}`;
  try {
    const watchers = await activities(`Trail and detectors of ${key}`).watchers(place);
    const blinded = blindedBetween(state.watchers[key] ?? null, watchers, place);
    state.watchers[key] = remembered(state.watchers[key] ?? null, watchers);
    await sweep(state, place, key, now);
    state.failures[key] = 0;
    return blinded;
  } catch {
    const failures = (state.failures[key] = (state.failures[key] ?? 0) + 1);
    return failures === FAILURES ? [{ kind: 'backstop-failing', ...place, id: key, text: `the event history of ${key} could not be read ${FAILURES} times in a row: nobody watches for what its trail does not send` }] : [];
  }
}

/** From behind the cursor to now, newest first, until all is read; then, and only then, the cursor moves. */
async function sweep(state: BackstopState, place: Place, key: string, now: string): Promise<void> {
  const from = new Date(Date.parse(state.cursors[key] ?? now) - LAG_MS).toISOString();
  const delivered: string[] = [];
  for (let to: string | null = now; to !== null; ) {
    const swept = await activities(`CloudTrail history of ${key}`).sweep({ ...place, from, to, known: state.delivered[key] ?? [] });
    delivered.push(...swept.alerts);
    // Events of the very second at which one call ended are read by the next again.
    to = swept.unreadBefore !== null && swept.unreadBefore < to && swept.unreadBefore > from ? swept.unreadBefore : null;
  }
  state.cursors[key] = now;
  state.delivered[key] = delivered.slice(-2_000);
}

function silentSources(state: BackstopState, now: string): Blinded[] {
  return Object.entries(state.rhythms).flatMap(([key, rhythm]): Blinded[] => {
    const silent = silence(rhythm, now);
    if (!silent) return [];
    rhythm.told = true;
    const [source = '', account = ''] = key.split('/');
    const hours = (ms: number): string => (ms / 3_600_000).toFixed(1);
    return [{ kind: 'source-silent', account, region: null, id: source, text: `${source} of ${account} has been silent for ${hours(silent.silentMs)} h, since ${rhythm.last}; usual is less than ${hours(silent.patienceMs)} h` }];
  });
}
