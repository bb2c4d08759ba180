import { patched } from '@temporalio/workflow';
import { jitCase } from '../jit/options';
import { risk } from '../options';
import { failureCode, type Engine } from './engine';

/** The person behind the principal gets no just-in-time access while the incident is open, and loses what is out. Nothing waits for it. */
export function holdGrants(engine: Engine): void {
  const { state } = engine;
  if (state.linkedPeople.length === 0 || state.done.includes('hold-grants') || !patched('hold-grants')) return;
  state.done.push('hold-grants');
  const people = state.linkedPeople;
  void engine
    .during(() => jitCase('End the person’s just-in-time access', risk.record).blockGrants({ incident: state.incident, people }))
    .then(() => engine.record('action', 'hold-grants', `Just-in-time access is ended and held back while this is open: ${people.join(', ')}`, { people }))
    .catch((error: unknown) => engine.unfinished(`just-in-time access of ${people.join(', ')} could not be ended: ${failureCode(error)}`));
}
