import type { Finding } from '../../../playbook/model/finding';
import { brief } from '../../../playbook/triage/reading';
import { proposeContainment, type Proposed } from '../contain/propose';
import { resolveUser } from '../contain/resolve';
import { directoryTarget, proposal } from '../contain/targets';
import type { AzureCase, AzureContext } from '../context';

/** Directory actions that Graph refuses to an application without a higher role: what the emergency credential is for. Resources and addresses stay with the responder. */
const wanted: ReadonlySet<string> = new Set([
  'azure.disable-user', 'azure.reset-password', 'azure.remove-auth-methods', 'azure.disable-service-principal', 'azure.remove-directory-roles', 'azure.remove-app-access', 'azure.revoke-sessions', 'azure.remove-app-credentials',
]);

/** The break-glass sequence: “disable compromised IAM, revoke all sessions”, again and by a caller whom Graph does not refuse. The emergency identities themselves are refused by every action. */
export async function proposeBreakGlass(ctx: AzureContext, input: AzureCase, findings: readonly Finding[]): Promise<Proposed> {
  const { proposals, left } = await proposeContainment(ctx, input, findings);
  return { proposals: proposals.filter((one) => wanted.has(one.action)), left };
}

/** Section 2.2 but for its audits: a hardware key and a new password as people’s tasks, and the report to Microsoft. Only for a tenant of ours. */
export async function proposeRoot(ctx: AzureContext, aCase: AzureCase, findings: readonly Finding[]): Promise<Proposed> {
  const { principal, alerts } = aCase;
  const tenant = ctx.access.config.tenants.find((one) => one.id === principal.account);
  if (!tenant) return { proposals: [], left: [`tenant ${principal.account} is not ours to secure: report it to Microsoft (https://msrc.microsoft.com/report)`] };
  const because = 'a Global Administrator is compromised';
  const firstAlert = alerts.map((alert) => alert.time).sort()[0] ?? null;
  const report = proposal('azure.contact-support', directoryTarget('tenant', tenant.id, tenant.id, tenant.name), because, { body: reportOf(aCase, findings) });
  if (principal.kind !== 'user' && principal.kind !== 'guest') return { proposals: [report], left: [] };
  const person = await resolveUser(ctx, tenant.id, principal.id, principal.name).catch(() => directoryTarget('user', tenant.id, principal.id, principal.name));
  return { proposals: [proposal('azure.require-admin-mfa', person, because, { firstAlert }), proposal('azure.rotate-admin-password', person, because), report], left: [] };
}

/** What Microsoft needs to know, in words; the alerts' own text is hostile and kept to one bounded line each. */
function reportOf({ principal, alerts, incident }: AzureCase, findings: readonly Finding[]): string {
  const events = [...alerts].sort((a, b) => (a.time < b.time ? -1 : 1)).slice(0, 20).map((alert) => `- ${alert.time} ${brief(alert.event)} from ${brief(alert.sourceIp ?? 'unknown')} (${alert.outcome})`);
  const seen = findings.filter((finding) => finding.state === 'found').slice(0, 15).map((finding) => `- ${finding.check}: ${brief(finding.summary, 200)}`);
  return [
    `We believe that a Global Administrator of tenant ${principal.account} was used by somebody else. Our incident: ${incident}.`,
    'Please check the tenant for unauthorized use, tell us of changes to its partners, domains and billing, and advise on charges.', '', 'Events:', ...events, ...(seen.length > 0 ? ['', 'What we found:', ...seen] : []),
  ].join('\n');
}
