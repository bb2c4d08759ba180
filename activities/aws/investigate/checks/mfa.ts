import { GetAccountSummaryCommand, ListMFADevicesCommand } from '@aws-sdk/client-iam';
import { createReader, defineCheck } from '../check';
import { text, type TrailRecord } from '../record';
import { trail } from '../trail';

/** 1.2.4: was MFA used (sign-ins say so; sessions carry it; long-term keys never have it), and does the identity have a device. */
export const mfa = defineCheck('1.2.4-mfa', ['cloudtrail:LookupEvents', 'iam:ListMFADevices', 'iam:GetAccountSummary'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const { principal, alerts } = aCase;
  const { iam } = ctx.access.clients(principal.account);
  const reader = createReader();
  const devices = principal.kind === 'user' ? await reader.exists('iam:ListMFADevices', () => iam.send(new ListMFADevicesCommand({ UserName: principal.name }))) : null;
  const summary = principal.kind === 'root' ? await reader.read('iam:GetAccountSummary', () => iam.send(new GetAccountSummaryCommand({}))) : null;
  const attackers = seen.events.filter((one) => one.attribution === 'attacker').map((one) => one.record);
  const counts = { yes: 0, no: 0, unknown: 0 };
  for (const record of attackers) counts[mfaOf(record)] += 1;
  if (attackers.length === 0) for (const alert of alerts) counts[alert.session?.mfa ?? 'unknown'] += 1;
  const enrolled = devices?.value ? (devices.value.MFADevices ?? []).map((one) => one.SerialNumber ?? '') : null;
  const rootHas = summary ? summary.SummaryMap?.AccountMFAEnabled === 1 : null;
  const has = enrolled ? (enrolled.length > 0 ? `has ${enrolled.length} MFA device(s)` : 'has no MFA device') : devices?.exists === false ? 'no longer exists' : rootHas === null ? null : rootHas ? 'root has MFA' : 'root has no MFA';
  const answered = counts.yes + counts.no > 0 || has !== null;
  return {
    found: answered,
    summary: answered ? [`MFA in ${counts.yes} of ${counts.yes + counts.no + counts.unknown} calls${counts.unknown > 0 ? ` (${counts.unknown} do not say)` : ''}`, ...(has ? [`${principal.name} ${has}`] : [])].join('; ') : 'no event says whether MFA was used',
    facts: { ...counts, devices: enrolled, rootMfa: rootHas }, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, records: attackers,
  };
});

/** A long-term key (`AKIA…`) signs without MFA, always. */
export function mfaOf(record: TrailRecord): 'yes' | 'no' | 'unknown' {
  const signIn = text(record.additional, 'MFAUsed');
  if (signIn) return signIn === 'Yes' ? 'yes' : 'no';
  if (record.identity.mfa !== null) return record.identity.mfa ? 'yes' : 'no';
  return record.identity.accessKeyId?.startsWith('AKIA') ? 'no' : 'unknown';
}
