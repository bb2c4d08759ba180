import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Alert } from '../playbook/model/alert';
import type { Principal } from '../playbook/model/principal';
import { addPieces, burstAlert, noBurst, type Burst, type BurstKind, type BurstState } from '../playbook/triage/bursts';
import { piecesSignal } from './messages';
import { caseActivities, risk } from './options';

export interface BurstInput {
  kind: BurstKind;
  /** Carried through continue-as-new. */
  state?: BurstState;
}

/** Log files come up to a quarter of an hour late, and in any order; after this much silence there is nothing to add to. */
const IDLE_MS = 45 * 60_000;
const SIGNALS = 2_000;

/** Counts, for one identity, what is everyday once and an attack many times over; tells each burst once, whatever delivery its parts came with. */
export async function burst({ kind, state: carried }: BurstInput): Promise<void> {
  let state = carried ?? noBurst;
  let signals = 0;
  const found: { principal: Principal; burst: Burst; part: Alert }[] = [];
  setHandler(piecesSignal, ({ principal, pieces, part }) => {
    signals += 1;
    const seen = addPieces(kind, state, pieces);
    state = seen.state;
    if (seen.burst) found.push({ principal, burst: seen.burst, part });
  });
  for (;;) {
    const before = signals;
    const more = await condition(() => found.length > 0 || signals > before, IDLE_MS);
    for (let next = found.shift(); next; next = found.shift()) {
      // Never given up: told is what the state says, and so it must be.
      await caseActivities('Raise a burst', { ...risk.record, scheduleToCloseTimeout: undefined }).raiseAlert({ principal: next.principal, alert: burstAlert(kind, next.burst, next.part) });
    }
    if (!more && signals === before) return;
    if (signals > SIGNALS || workflowInfo().continueAsNewSuggested) await continueAsNew<typeof burst>({ kind, state });
  }
}
