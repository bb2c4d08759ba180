import type { AuthenticationMethod } from '@microsoft/microsoft-graph-types';
import { at } from '../../graph';
import { directoryKind } from '../../look-up';
import { createReader, defineCheck, LAG, trailPermissions } from '../check';
import { trail } from '../trail';

/** 1.2.4: was MFA used (by sign-in detail, Conditional Access and token claims), and what methods does the person have. */
export const mfa = defineCheck('1.2.4-mfa', [...trailPermissions, 'UserAuthenticationMethod.Read.All'], async (ctx, aCase) => {
  const { principal, alerts } = aCase;
  const reader = createReader();
  const isPerson = directoryKind(principal) === 'user';
  const [seen, methods] = await Promise.all([
    trail(ctx, aCase), isPerson ? reader.exists(`authentication methods of ${principal.id}`.slice(0, 200), () => ctx.access.graph(principal.account).list<AuthenticationMethod & { '@odata.type'?: string }>(at`/users/${principal.id}/authentication/methods`)) : null,
  ]);
  const own = seen.events.filter((one) => one.attribution === 'attacker' && one.record.actor.kind === 'user').map((one) => one.record);
  const counts = { yes: 0, no: 0, unknown: 0 };
  for (const record of own) if (record.log === 'sign-in' || record.mfa !== 'unknown') counts[record.mfa] += 1;
  if (counts.yes + counts.no === 0) for (const alert of alerts) counts[alert.session?.mfa ?? 'unknown'] += 1;
  const second = (methods?.value ?? []).map((one) => (one['@odata.type'] ?? '').replace(/^#microsoft\.graph\./, '').replace(/AuthenticationMethod$/, '')).filter((name) => name !== 'password' && name !== '');
  const has = !isPerson ? 'applications have no second factor' : methods?.exists === false ? 'no longer exists' : methods?.value ? (second.length > 0 ? `has ${second.join(', ')}` : 'has no second factor') : null;
  const answered = counts.yes + counts.no > 0 || has !== null;
  return {
    found: answered,
    summary: answered ? [`MFA in ${counts.yes} of ${counts.yes + counts.no + counts.unknown} sign-ins and tokens${counts.unknown > 0 ? ` (${counts.unknown} do not say)` : ''}`, ...(has ? [`${principal.name} ${has}`] : [])].join('; ') : 'no record says whether MFA was used',
    facts: { ...counts, methods: methods?.value ? second : null }, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, records: own,
    notes: ['a stolen session carries the MFA of its owner', 'the v1.0 sign-in log lists interactive sign-ins only', LAG],
  };
});
