import type { Propose } from '../../provider';
import { directoryTarget, proposal } from '../contain/targets';
import type { AzureContext } from '../context';

/**
 * Section 4, rows 4.1 to 4.6, for the tenant and each of its subscriptions; lifting the deny comes last, and only for a person who was there before the attacker. What cannot be done
 * here (no emergency account, nowhere to keep the log) is refused when it is planned, and said there.
 */
export const proposeRecovery: Propose<AzureContext> = async (ctx, { principal, alerts }, findings) => {
  const tenant = ctx.access.config.tenants.find((one) => one.id === principal.account);
  if (!tenant) return { proposals: [], left: [`tenant ${principal.account} is not ours: carry section 4 out there by hand`] };
  const because = 'section 4 of the playbook, for the tenant and every subscription of it';
  const whole = directoryTarget('tenant', tenant.id, tenant.id, tenant.name);
  const each = tenant.subscriptions.map((one) => directoryTarget('subscription', tenant.id, one.id, one.name));
  const compromisedFrom = alerts.map((alert) => alert.time).sort()[0] ?? ctx.now().toISOString();
  const made = findings.flatMap((finding) => finding.artifacts).some((one) => /^(user|service-principal)$/.test(one.kind) && one.attribution === 'attacker' && one.how === 'created' && one.id.toLowerCase() === principal.id.toLowerCase());
  const kind = principal.kind === 'user' || principal.kind === 'guest' ? 'user' : principal.kind === 'service-principal' || principal.kind === 'managed-identity' ? principal.kind : null;
  const survivor = kind && !made ? directoryTarget(kind, tenant.id, principal.id, principal.name) : null;
  return {
    proposals: [
      proposal('azure.enforce-mfa', whole, because),
      ...(survivor ? [proposal('azure.apply-least-privilege', survivor, because, { compromisedFrom })] : []),
      ...each.flatMap((one) => [proposal('azure.enable-defender', one, because), proposal('azure.export-activity-log', one, because), proposal('azure.set-budget', one, because), proposal('azure.alert-cost-anomalies', one, because), proposal('azure.deny-owner-assignment', one, because)]),
      ...(survivor && kind === 'user' ? [proposal('azure.lift-deny', survivor, 'the person was there before the attacker and has to work again', { compromisedFrom })] : []),
    ],
    left: [
      'directory roles: give back only what is needed, as eligible roles with approval (PIM)',
      ...(survivor && kind !== 'user' ? [`${principal.name} stays disabled: enable it once its owner has a new credential and its permissions were reviewed`] : []),
    ],
  };
};
