import type { AuditSettings } from '../../playbook/permission-audit/model';
import type { OwnerRules } from '../../playbook/permission-audit/owner';
import type { AuditOrder } from '../../approvals/reviews';
import type { Config } from './schema';

export function auditSettings({ permissionAudit: audit, console }: Config): AuditSettings {
  return {
    windowMs: audit.unusedFor, quarantineMs: audit.quarantine, neededMs: audit.neededFor, neededAtMostMs: audit.neededAtMost, unusedShare: audit.unusedShare,
    approval: { quorum: 1, deadlineMs: audit.answerWithin, remindEveryMs: audit.remindEvery, backupAfterMs: audit.managerAfter }, consoleUrl: console?.url ?? null,
  };
}

export const ownerRules = ({ permissionAudit: { ownerTags, owners } }: Config): OwnerRules => ({ tags: [...new Set(ownerTags.map((tag) => tag.toLowerCase()))], register: owners });

/** Every account and tenant that can be audited. */
export const auditPlaces = ({ aws, azure }: Config): AuditOrder['places'] => [
  ...(aws?.accounts ?? []).map(({ id }) => ({ provider: 'aws' as const, account: id })), ...(azure?.tenants ?? []).map(({ id }) => ({ provider: 'azure' as const, account: id })),
];

/** What the schema alone cannot see: owners and managers that exist. */
export function* auditProblems(config: Config): Generator<{ path: (string | number)[]; message: string }> {
  const ids = new Set(config.people.map((one) => one.id));
  for (const [at, { owner }] of config.permissionAudit.owners.entries()) if (!ids.has(owner)) yield { path: ['permissionAudit', 'owners', at, 'owner'], message: `nobody is ${owner}` };
  for (const [at, { manager }] of config.people.entries()) if (manager !== null && !ids.has(manager)) yield { path: ['people', at, 'manager'], message: `nobody is ${manager}` };
  const { managerAfter, answerWithin } = config.permissionAudit;
  if (managerAfter >= answerWithin) yield { path: ['permissionAudit', 'managerAfter'], message: 'must be shorter than answerWithin' };
}
