import type { Alert } from '../playbook/model/alert';
import { incidentIdOf, type Principal, type ProviderId } from '../playbook/model/principal';

/** An identity that was taken over, as the arms are given it. */
export interface Victim {
  principal: Principal;
  incident: string;
  alert: Alert;
}

/** What containment is measured on: one kind of stolen identity in one cloud. */
export interface BenchCloud<V extends Victim = Victim> {
  id: ProviderId;
  title: string;
  /** What every arm must apply. */
  actions: readonly string[];
  /** A fresh identity that the attacker has used, and the alert that says so. */
  makeVictim(name: string): Promise<V>;
  /** When the cloud had carried out the action (`performance.now()`) from which on every call of the attacker is refused. */
  denied(victim: V): Promise<number>;
  /** Throws unless the stolen credential is refused: an arm that did not do the work has no time. */
  assertLockedOut(victim: V): Promise<void>;
  close(): void;
}

type Parsed = ({ alert: Alert } | object) | undefined;

/** The parsed finding as the alert that opens its principal's incident. */
export function victimOf(parsed: Parsed): Victim {
  if (!parsed || !('alert' in parsed) || !parsed.alert.principal) throw new Error('the finding was not understood');
  const { principal } = parsed.alert;
  return { principal, incident: incidentIdOf(principal), alert: { ...parsed.alert, receivedAt: new Date().toISOString() } };
}

const LATE_MS = 60_000;

/** When `listen` calls back the first time; rejects when it never does. */
export function momentOf(what: string, listen: (seen: () => void) => () => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      stop();
      reject(new Error(`nobody denied ${what} within ${LATE_MS / 1000} s`));
    }, LATE_MS);
    const stop = listen(() => {
      const at = performance.now();
      clearTimeout(late);
      stop();
      resolve(at);
    });
  });
}
