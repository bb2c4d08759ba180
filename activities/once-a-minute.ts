import { digestOf } from '../playbook/digest';
import type { Alert } from '../playbook/model/alert';

interface Asked {
  incident: string;
  alerts: readonly Alert[];
}

/** Shares one reading among the checks of one minute: for each holder (a worker's access), incident and set of alerts `read` is called once. A failure is not kept. */
export function onceAMinute<T>(): (holder: object, aCase: Asked, now: Date, read: () => Promise<T>) => Promise<T> {
  const kept = new WeakMap<object, Map<string, Promise<T>>>();
  return (holder, { incident, alerts }, now, read) => {
    const readings = kept.get(holder) ?? new Map<string, Promise<T>>();
    kept.set(holder, readings);
    const minute = Math.floor(now.getTime() / 60_000);
    const id = `${incident}/${minute}/${digestOf(alerts.map((alert) => alert.id).sort()).slice(0, 16)}`;
    const known = readings.get(id);
    if (known) return known;
    // A check that starts late may still want the minute before; older ones go.
    for (const other of readings.keys()) if (Number(other.split('/')[1]) < minute - 1) readings.delete(other);
    const made = read();
    readings.set(id, made);
    made.catch(() => readings.delete(id));
    return made;
  };
}
