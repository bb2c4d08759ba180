import { createHash } from 'node:crypto';
import { createReceiver, type ReceiverOptions } from '../../../intake/receiver';
import { SOURCES } from '../../../intake/sources';
import type { Alert } from '../../../playbook/model/alert';
import { example, OPTIONS, TENANT } from '../examples';

export { example, TENANT };

/**
 * Intake before a Temporal that remembers what it has, by incident and alert, as `signalWithStart` and the incident’s own `seen` do. `break` says what goes wrong with the next deliveries:
 * `lost`: Temporal never got it; `unanswered`: it has it, and the answer is lost (the crash between accept and acknowledge).
 */
export function intake(more: Partial<ReceiverOptions> = {}) {
  const incidents = new Map<string, Map<string, Alert>>();
  const kept = new Map<string, Uint8Array>();
  const notices: { key: string; title: string; lines: string[] }[] = [];
  const logged: string[] = [];
  const broken: ('lost' | 'unanswered')[] = [];
  const log = (details: object, message: string): void => void logged.push(`${message} ${JSON.stringify(details)}`);
  const made = createReceiver({
    sources: SOURCES,
    senders: [{ id: 'all', key: 'k-all', sources: ['*'] }],
    keep: (content) => {
      const sha256 = createHash('sha256').update(content).digest('hex');
      kept.set(sha256, content);
      return Promise.resolve({ key: `raw/${sha256}`, sha256, bytes: content.length });
    },
    deliver: (incident, _principal, alert) => {
      const wrong = broken.shift();
      if (wrong === 'lost') return Promise.reject(new Error('no Temporal'));
      const alerts = incidents.get(incident) ?? new Map<string, Alert>();
      alerts.set(alert.id, alert);
      incidents.set(incident, alerts);
      return wrong === 'unanswered' ? Promise.reject(new Error('the answer was lost')) : Promise.resolve();
    },
    notice: (notice) => Promise.resolve(void notices.push(notice)),
    log: { info: log, warn: log, error: log },
    now: () => '2026-03-02T09:30:00.000Z',
    tenant: TENANT, personOf: OPTIONS.personOf,
    ...more,
  });
  const alerts = (): Alert[] => [...incidents.values()].flatMap((one) => [...one.values()]);
  return { ...made, incidents, alerts, kept, notices, logged, broken };
}

export const bytesOf = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

/** A CloudTrail record that opens an incident of its own. */
export function loud(number: number): Record<string, unknown> {
  const { detail } = example('cloudtrail-eventbridge') as { detail: Record<string, unknown> };
  return { ...detail, eventID: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` };
}

/** Waits for a condition, never for time. */
export async function until(condition: () => boolean | Promise<boolean>, ms = 20_000): Promise<void> {
  for (const end = Date.now() + ms; !(await condition()); ) {
    if (Date.now() > end) throw new Error('it did not come to pass');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
