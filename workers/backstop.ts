import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import { lookAtWatchers, readWindow } from '../activities/aws/backstop';
import type { AwsAccess } from '../activities/aws/clients';
import type { BackstopActivities } from '../activities/contract';
import { cloudtrail } from '../intake/cloudtrail';
import { unattributed, withOrganizations, type Pipeline } from '../intake/pipeline';
import type { Json } from '../playbook/json';
import type { Alert } from '../playbook/model/alert';
import { incidentIdOf } from '../playbook/model/principal';
import { queues } from '../playbook/queues';
import { burstsOf } from '../playbook/triage/bursts';
import { classify } from '../playbook/triage/classify';
import type { backstop } from '../workflows';
import type { Place } from '../workflows/backstop';
import { heardSignal, placesSignal } from '../workflows/messages';
import type { Config } from './config/schema';

export const BACKSTOP = 'backstop';

type Ports = Pick<Pipeline, 'keep' | 'deliver' | 'origin' | 'own' | 'organizations'> & { access: AwsAccess };

/** The same road as a sender's alert, from CloudTrail's own history: the same ids, so that what a sender brought already changes nothing. */
export function createBackstopActivities(ports: Ports): Record<`backstop.${keyof BackstopActivities}`, unknown> {
  const deliver = (alert: Alert): Promise<void> => {
    const principal = alert.principal ? (ports.origin?.(alert.principal) ?? alert.principal) : unattributed(alert);
    return ports.deliver(incidentIdOf(principal), principal, alert);
  };
  const sweep: BackstopActivities['sweep'] = async ({ known, ...window }) => {
    const read = await readWindow(ports.access, window);
    const found = read.records.flatMap((record) => judged(record, ports.organizations));
    const seen = new Set(known);
    const reads = found.map(({ alert }) => alert);
    const worth = [...found, ...burstsOf(reads).map((alert) => ({ alert, record: found.find((one) => one.alert.event === alert.event && one.alert.time === alert.time)!.record }))].filter(({ alert }) => classify(alert).status === 'alert');
    for (const { alert, record } of worth) {
      if (seen.has(alert.id) || (await ports.own?.(alert))) continue;
      seen.add(alert.id);
      const raw = await ports.keep(new TextEncoder().encode(JSON.stringify(record)), 'alert', 'application/json');
      await deliver({ ...alert, raw, receivedAt: new Date().toISOString() });
    }
    return { read: read.records.length, alerts: [...new Set(worth.map(({ alert }) => alert.id))], unreadBefore: read.unreadBefore };
  };
  const watchers: BackstopActivities['watchers'] = (place) => lookAtWatchers(ports.access, place);
  const raise: BackstopActivities['raise'] = async (alerts) => {
    for (const alert of alerts) await deliver(alert);
  };
  return { 'backstop.sweep': sweep, 'backstop.watchers': watchers, 'backstop.raise': raise };
}

function judged(record: Json, organizations: Ports['organizations']): { alert: Alert; record: Json }[] {
  return cloudtrail.parse(record).flatMap((one) => ('alert' in one ? [{ alert: withOrganizations(one.alert, organizations), record }] : []));
}

/** One for the whole installation; one that runs already takes over the places of this configuration. */
export async function startBackstop(client: Client, { aws }: Config): Promise<void> {
  if (!aws?.backstop) return;
  const places = aws.accounts.flatMap(({ id, regions }) => [...new Set([aws.globalRegion, ...regions])].map((region) => ({ account: id, region })));
  await client.workflow.signalWithStart<typeof backstop, [{ places: Place[]; everyMs: number }]>('backstop', {
    taskQueue: queues.workflows, workflowId: BACKSTOP, workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE, workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    args: [{ places, everyMs: aws.backstop.every }], signal: placesSignal, signalArgs: [{ places, everyMs: aws.backstop.every }], staticSummary: 'Watches the watchers, and reads what they miss',
  });
}

/** Signs of life of the senders, at most one a minute for each source and account. Nobody waits for them, and one that is lost is followed by others. */
export function createHeard(client: Client, now: () => number = Date.now): (source: string, account: string) => void {
  const last = new Map<string, number>();
  return (source, account) => {
    const key = `${source}/${account}`;
    const at = now();
    if (at - (last.get(key) ?? 0) < 60_000) return;
    if (last.size > 5_000) last.clear();
    last.set(key, at);
    void client.workflow.getHandle(BACKSTOP).signal(heardSignal, { source, account, at: new Date(at).toISOString() }).catch(() => undefined);
  };
}
