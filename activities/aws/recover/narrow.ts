import type { JsonObject } from '../../../playbook/json';
import { hasDataEvents } from '../../../playbook/permission-audit/narrow';
import { statementsOf } from '../iam-read';
import type { UsedService } from './last-used';

/** Services whose use hands out power: not granted again on the strength of use since the compromise, which may have been the attacker's. */
const powerful: ReadonlySet<string> = new Set(['iam', 'organizations', 'sts', 'account', 'sso', 'sso-directory', 'identitystore', 'cloudtrail', 'guardduty', 'kms']);

/** A managed policy holds 6,144 characters without whitespace (IAM and AWS STS quotas). */
export const policyLimit = 6_144;

/** Does a policy allow everything, or everything of IAM, on everything. */
export function isBroad(document: JsonObject | null): boolean {
  return statementsOf(document).some((statement) => {
    if (statement.Effect !== 'Allow' || ![statement.Resource].flat().includes('*')) return false;
    return statement.NotAction !== undefined || [statement.Action].flat().some((action) => /^(\*|\*:\*|iam:\*)$/i.test(String(action)));
  });
}

export interface Narrowed {
  /** Null when nothing was used: then nothing is granted. */
  document: JsonObject | null;
  /** What was used and is not granted again, with the reason. */
  withheld: string[];
  /** Services granted whole, because their use is not tracked by action (or only that of management events, as for `s3:GetObject`). */
  whole: string[];
}

/**
 * The policy that grants what was used, and no more. `compromisedFrom` (ISO): powerful services used since may have been used by the attacker.
 * Too long for one policy: services are granted whole, the longest first, until it fits.
 */
export function narrow(used: readonly UsedService[], compromisedFrom: string | null): Narrowed {
  const suspect = (service: string, at: string) => compromisedFrom !== null && powerful.has(service) && at >= compromisedFrom;
  const withheld: string[] = [];
  const grants = new Map<string, string[]>();
  for (const { service, actions, at } of used) {
    if (actions === null || (hasDataEvents(service) && !powerful.has(service))) {
      if (suspect(service, at)) withheld.push(`${service}:* (last used ${at}, since the compromise)`);
      else grants.set(service, [`${service}:*`]);
      continue;
    }
    const kept = actions.filter((action) => !suspect(service, action.at));
    withheld.push(...actions.filter((action) => !kept.includes(action)).map((action) => `${service}:${action.name} (last used ${action.at}, since the compromise)`));
    if (kept.length > 0) grants.set(service, kept.map((action) => `${service}:${action.name}`));
  }
  const build = (): JsonObject => ({ Version: '2012-10-17', Statement: [{ Sid: 'UsedIn90Days', Effect: 'Allow', Action: [...grants.values()].flat(), Resource: '*' }] });
  while (JSON.stringify(build()).length > policyLimit) {
    const longest = [...grants].filter(([service, actions]) => actions[0] !== `${service}:*`).sort((a, b) => b[1].join().length - a[1].join().length)[0];
    if (!longest) break;
    grants.set(longest[0], [`${longest[0]}:*`]);
  }
  const whole = [...grants].filter(([service, actions]) => actions[0] === `${service}:*`).map(([service]) => service);
  return { document: grants.size > 0 ? build() : null, withheld, whole };
}
