import type { Target } from '../../playbook/model/plan';
import { fail } from '../boundary';
import type { AzureConfig } from './config';
import type { AzureContext } from './context';

/** Object ids, UPNs, application ids, resource ids: compared whole and without regard to case; `*` stands for anything. */
function matches(entry: string, value: string): boolean {
  const [wanted, seen] = [entry.toLowerCase(), value.toLowerCase()];
  if (wanted === seen) return true;
  // A protected resource group or subscription covers what is in it.
  if (wanted.startsWith('/subscriptions/') && seen.startsWith(`${wanted.replace(/\/$/, '')}/`)) return true;
  return wanted.includes('*') && new RegExp(`^${wanted.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(seen);
}

/** The entry of the protected list that covers one of the ids or names, or null. The emergency accounts and Tourniquet's own applications are always on it. */
export function protectedBy(config: Pick<AzureConfig, 'protected' | 'tenants'>, ...values: readonly string[]): string | null {
  const own = config.tenants.flatMap((tenant) => [tenant.clientId, ...tenant.emergencyIdentities]);
  const entries = [...config.protected, ...own].filter((entry) => entry !== '');
  return entries.find((entry) => values.some((value) => value !== '' && matches(entry, value))) ?? null;
}

/** Throws PROTECTED_PRINCIPAL. Called where a step is planned and again where it would act: a plan is not proof. `more`: other names of the same thing (UPN, application id). */
export function refuseProtected(ctx: Pick<AzureContext, 'access'>, target: Pick<Target, 'id' | 'name'>, ...more: readonly string[]): void {
  const entry = protectedBy(ctx.access.config, target.id, target.name, ...more);
  if (entry) throw fail('PROTECTED_PRINCIPAL', `${target.name} is on the protected list (${entry}): nothing was done`);
}
