import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { armPages } from '../arm-rest';
import type { AzureContext } from '../context';
import { defineAzureAction, type Verified } from '../define';
import { propertiesOf, writeById } from './by-id';

const VERSION = '2024-01-01';
/** The plans that see what this playbook is about; each costs. Source: Microsoft Defender for Cloud, pricings. */
const WANTED = ['VirtualMachines', 'AppServices', 'StorageAccounts', 'KeyVaults', 'Arm'];

/** Row 4.3. Target: a subscription. */
export const enableDefender = defineAzureAction('azure.enable-defender', {
  permissions: ['Microsoft.Security/pricings/read', 'Microsoft.Security/pricings/write'],
  async plan(ctx, { target }) {
    const tiers = await tiersOf(ctx, target);
    const off = WANTED.filter((name) => tiers[name] === 'Free');
    return { needed: off.length > 0, before: { tiers }, change: off.map((name) => `switch Defender plan ${name} on in subscription ${target.name} (it costs by use)`) };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    const tiers = await tiersOf(ctx, target);
    const off = WANTED.filter((name) => tiers[name] === 'Free');
    for (const name of off) await set(ctx, target, name, 'Standard');
    return { enabled: off };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const tiers = await tiersOf(ctx, target);
    return { holds: WANTED.every((name) => tiers[name] !== 'Free'), seen: { tiers } };
  },
  async undo(ctx, { target, before }) {
    const were = before.tiers as Record<string, string>;
    const back = WANTED.filter((name) => were[name] === 'Free');
    for (const name of back) await set(ctx, target, name, 'Free');
    return { seen: { tiers: await tiersOf(ctx, target) }, left: [] };
  },
});

const set = (ctx: AzureContext, target: Target, name: string, pricingTier: string): Promise<void> => writeById(ctx, target.account, target.id, `/subscriptions/${target.id}/providers/Microsoft.Security/pricings/${name}`, VERSION, { properties: { pricingTier } });

/** Tier by plan, of the wanted plans that the cloud has. */
async function tiersOf(ctx: AzureContext, target: Target): Promise<Record<string, string>> {
  const all = await armPages(ctx, target.account, target.id, `/subscriptions/${encodeURIComponent(target.id)}/providers/Microsoft.Security/pricings`, VERSION);
  return Object.fromEntries(all.filter((one) => WANTED.includes(String(one.name))).map((one) => [String(one.name), String(propertiesOf(one).pricingTier)]));
}
