import type { Artifact } from '../../../../playbook/model/finding';
import { counted, named, withDetails } from '../../../artifacts';
import { parseResourceId } from '../../contain/targets';
import { createReader, defineCheck, each, LAG, plain, trailPermissions } from '../check';
import { trail, type Trail } from '../trail';

const NEAR_MS = 5 * 60_000;

interface Open { id: string; account: string; container: string; access: string }

/** 1.3.2: containers and accounts opened, keys read or changed, and every container that is public now. What was downloaded only the accounts' own logs tell. */
export const storage = defineCheck('1.3.2-storage', [...trailPermissions, 'Microsoft.Storage/storageAccounts/read', 'Microsoft.Storage/storageAccounts/blobServices/containers/read', 'Microsoft.Insights/diagnosticSettings/read'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const reader = createReader();
  const touched = seen.artifacts.filter((one) => one.kind === 'bucket');
  const open: Open[] = [];
  const unlogged: string[] = [];
  /** Every account that is there, and when it was made. */
  const known = new Map<string, number>();
  await each(ctx.access.subscriptions(seen.tenant), 3, async (subscription) => {
    const { storage: client, resources } = ctx.access.arm(seen.tenant, subscription);
    await reader.read(`subscription ${subscription} storage accounts`, async () => {
      for await (const account of client.storageAccounts.list()) {
        const id = account.id ?? '';
        known.set(id.toLowerCase(), account.creationTime?.getTime() ?? Number.NaN);
        const at = parseResourceId(id);
        if (touched.some((one) => one.id.toLowerCase().startsWith(id.toLowerCase()))) {
          const settings = await reader.read(`logging of ${at.name}`, () => resources.resources.getById(`${id}/blobServices/default/providers/Microsoft.Insights/diagnosticSettings`, '2021-05-01-preview') as Promise<{ value?: unknown[] }>);
          if (settings && !(settings.value ?? []).length) unlogged.push(at.name);
        }
        if (account.allowBlobPublicAccess === false) continue;
        await reader.read(`containers of ${at.name}`, async () => {
          for await (const container of client.blobContainers.list(at.group, at.name)) if (container.publicAccess && container.publicAccess !== 'None') open.push({ id: container.id ?? '', account: at.name, container: container.name ?? '', access: container.publicAccess });
        });
      }
    });
  });
  const openIds = new Set(open.map((one) => one.id.toLowerCase()));
  const artifacts = touched.map((one): Artifact => {
    const id = one.id.toLowerCase();
    const isAccount = !id.includes('/containers/');
    const publicNow = isAccount ? [...openIds].some((other) => other.startsWith(`${id}/`)) : openIds.has(id);
    // A log that was not read whole may lack the write of whoever made it.
    const whole = seen.truncated.length + seen.failed.length === 0;
    const made = isAccount && one.how === 'changed' && whole && madeBy(seen, id, known.get(id));
    return withDetails(made ? { ...one, how: 'created', attribution: 'attacker' } : one, { publicNow, exists: isAccount ? (reader.failed.length > 0 && !known.has(id) ? null : known.has(id)) : (one.details.exists ?? null) });
  });
  const keys = artifacts.filter((one) => one.details.keys === true);
  const others = open.filter((one) => !artifacts.some((artifact) => artifact.id.toLowerCase() === one.id.toLowerCase()));
  return {
    found: artifacts.length > 0 || open.length > 0,
    summary: artifacts.length + open.length > 0
      ? [artifacts.length > 0 ? `${artifacts.length} accounts or containers touched (${counted(artifacts)}): ${named(artifacts)}` : 'no account was touched', ...(keys.length > 0 ? [`the keys of ${keys.length} may be the attacker’s`] : []),
          ...(open.length > 0 ? [`${open.length} containers are public now: ${open.slice(0, 6).map((one) => `${one.account}/${one.container} (${one.access})`).join(', ')}`] : []), ...(unlogged.length > 0 ? [`downloads cannot be told: ${unlogged.join(', ')} keep no blob log`] : [])].join('; ')
      : 'no storage was opened, and none is public',
    artifacts, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, facts: { publicNow: open.slice(0, 100).map((one) => ({ ...one })), publicBefore: others.length, keysTouched: keys.map((one) => one.id), withoutBlobLog: unlogged },
    records: seen.events.map((one) => one.record).filter((record) => /^microsoft\.storage\//i.test(record.event)), raw: plain(open), notes: [LAG],
  };
});

/**
 * The Activity Log has one operation for making an account and for changing it, and Azure answers both with 202: made is one whose first write is the attacker's and falls on the moment
 * that the account itself says.
 */
function madeBy({ firstWrites, events }: Trail, id: string, madeAt: number | undefined): boolean {
  const first = firstWrites.get(id);
  return first !== undefined && madeAt !== undefined && Math.abs(madeAt - Date.parse(first.time)) < NEAR_MS && events.some((one) => one.record.id === first.id && one.attribution === 'attacker');
}
