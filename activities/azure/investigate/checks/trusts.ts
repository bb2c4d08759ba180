import type { CrossTenantAccessPolicyConfigurationPartner, Domain, FederatedIdentityCredential, InternalDomainFederation, Application, ServicePrincipal } from '@microsoft/microsoft-graph-types';
import type { Artifact } from '../../../../playbook/model/finding';
import { objectOf, textOf } from '../../../../playbook/triage/reading';
import { armPages } from '../../arm-rest';
import { at } from '../../graph';
import { createReader, defineCheck, each, LAG, plain, trailPermissions } from '../check';
import { trail } from '../trail';

interface Way { kind: 'cross-tenant' | 'domain' | 'foreign-application' | 'federated-credential' | 'lighthouse'; id: string; name: string; outside: string; madeAt: string | null }

/** Microsoft’s own tenants: its services are in every directory (Entra: “Verify first-party Microsoft applications”). */
const MICROSOFT: ReadonlySet<string> = new Set(['f8cdef31-a31e-4b4a-93e4-5f571e91255a', '72f988bf-86f1-41af-91ab-2d7cd011db47']);
const MAX_APPLICATIONS = 500;

/** 2.2.4: who outside is let in: partner organisations (service providers and GDAP among them), federated domains, applications of other tenants, credentials issued elsewhere, Lighthouse. */
export const trusts = defineCheck('2.2.4-trusts', [...trailPermissions, 'Policy.Read.All', 'Domain.Read.All', 'Application.Read.All', 'Microsoft.ManagedServices/registrationAssignments/read'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const reader = createReader();
  const graph = ctx.access.graph(seen.tenant);
  const ours = new Set(ctx.access.config.tenants.map((one) => one.id));
  const [partners, domains, principals, applications] = await Promise.all([
    reader.read('cross-tenant access', () => graph.list<CrossTenantAccessPolicyConfigurationPartner>('/policies/crossTenantAccessPolicy/partners')),
    reader.read('domains', () => graph.list<Domain>('/domains')),
    reader.read('service principals', () => graph.list<ServicePrincipal>('/servicePrincipals', { select: 'id,displayName,appOwnerOrganizationId' })),
    reader.read('applications', () => graph.list<Application>('/applications', { select: 'id,displayName' })),
  ]);
  const federated = await each((domains ?? []).filter((one) => one.authenticationType === 'Federated'), 3, async (domain) => {
    const found = await reader.read(`federation of ${domain.id}`.slice(0, 200), () => graph.list<InternalDomainFederation>(at`/domains/${domain.id ?? ''}/federationConfiguration`));
    return (found ?? []).map((one): Way => ({ kind: 'domain', id: domain.id ?? '', name: domain.id ?? '', outside: one.issuerUri ?? 'unknown issuer', madeAt: null }));
  });
  const issued = await each((applications ?? []).slice(0, MAX_APPLICATIONS), 5, async (application) => {
    const found = await reader.read(`federated credentials of ${application.displayName}`.slice(0, 200), () => graph.list<FederatedIdentityCredential>(at`/applications/${application.id ?? ''}/federatedIdentityCredentials`));
    return (found ?? []).map((one): Way => ({ kind: 'federated-credential', id: `${application.id}/${one.id}`, name: `${application.displayName}/${one.name}`, outside: `${one.issuer} ${one.subject}`, madeAt: null }));
  });
  if ((applications?.length ?? 0) > MAX_APPLICATIONS) reader.failed.push({ where: `federated credentials of applications after the first ${MAX_APPLICATIONS}`, error: 'LIMIT_EXCEEDED' });
  const delegated = await each(ctx.access.subscriptions(seen.tenant), 3, async (subscription) => {
    const found = await reader.read(`subscription ${subscription} Lighthouse`, () => armPages(ctx, seen.tenant, subscription, `/subscriptions/${subscription}/providers/Microsoft.ManagedServices/registrationAssignments?$expandRegistrationDefinition=true`, '2022-10-01'));
    return (found ?? []).map((one): Way => ({ kind: 'lighthouse', id: textOf(one.id), name: textOf(one.name), outside: textOf(objectOf(objectOf(objectOf(one.properties).registrationDefinition).properties).managedByTenantId), madeAt: textOf(objectOf(one.systemData).createdAt) || null }));
  });
  const ways: Way[] = [
    ...(partners ?? []).filter((one) => !ours.has((one.tenantId ?? '').toLowerCase())).map((one): Way => ({ kind: 'cross-tenant', id: one.tenantId ?? '', name: `${one.tenantId}${one.isServiceProvider ? ' (service provider)' : ''}`, outside: one.tenantId ?? '', madeAt: null })),
    ...federated.flat(),
    ...(principals ?? []).filter((one) => one.appOwnerOrganizationId && !ours.has(one.appOwnerOrganizationId.toLowerCase()) && !MICROSOFT.has(one.appOwnerOrganizationId.toLowerCase())).map((one): Way => ({ kind: 'foreign-application', id: one.id ?? '', name: one.displayName ?? '', outside: one.appOwnerOrganizationId ?? '', madeAt: null })),
    ...issued.flat(), ...delegated.flat().filter((one) => !ours.has(one.outside.toLowerCase())),
  ];
  const attackers = new Set(seen.artifacts.filter((one) => one.attribution === 'attacker').map((one) => one.id.toLowerCase()));
  const isNew = (one: Way): boolean => one.madeAt !== null && one.madeAt >= seen.windowStart;
  // What the attacker wrote is described in 1.3.6; here a person gets what is new and cannot be attributed.
  const artifacts = ways.filter((one) => isNew(one) && !attackers.has(one.id.toLowerCase())).map((one): Artifact => ({
    provider: 'azure', account: seen.tenant, region: null, kind: 'trust', id: one.id, name: one.name, attribution: 'unattributed', how: 'created', events: [], details: { why: `made ${one.madeAt}, within the incident, lets in ${one.outside}, and not by a recorded act of the attacker`, outside: [one.outside], object: one.kind, exists: true },
  }));
  const byAttacker = ways.filter((one) => attackers.has(one.id.toLowerCase()) || [...attackers].some((id) => one.id.toLowerCase().startsWith(`${id}/`)));
  return {
    found: ways.length > 0,
    summary: ways.length > 0 ? `${ways.length} ways in from outside (${artifacts.length} made within the incident, ${byAttacker.length} by the attacker): ${ways.slice(0, 6).map((one) => `${one.kind} ${one.name} ← ${one.outside}`).join('; ')}` : 'nobody from outside is let in',
    artifacts, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, facts: { trusts: ways.slice(0, 100).map((one) => ({ ...one, outside: [one.outside], isNew: isNew(one), attackers: byAttacker.includes(one) })), knownAccounts: [...ours] }, raw: plain(ways),
    notes: ['most trusts carry no date: what changed them is in the directory audit (1.3.6)', 'what a partner may do through delegated administration is shown in the partner’s own tenant', LAG],
  };
});
