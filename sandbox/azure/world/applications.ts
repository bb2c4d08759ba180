import type { Application, AppRoleAssignment, PasswordCredential, ServicePrincipal } from '@microsoft/microsoft-graph-types';
import { randomBytes, X509Certificate, createHash } from 'node:crypto';
import { GRAPH_APP_ID } from '../login/granted';
import { digest, idOf, newId, type Sim } from '../state/sim';

export type HolderKind = 'applications' | 'servicePrincipals';
export type HolderOfSecrets = Application | ServicePrincipal;
const year = 365 * 86_400_000;

/** An application and its service principal in this tenant. */
export function addApplication(sim: Sim, name: string, more: Partial<Application> = {}): { application: Application; principal: ServicePrincipal } {
  const appId = more.appId ?? idOf(`appId ${name}`);
  const application = sim.shelf<Application>('applications').put(idOf(`application ${name}`), {
    id: idOf(`application ${name}`), appId, displayName: name, createdDateTime: sim.iso(), signInAudience: 'AzureADMyOrg', publisherDomain: sim.domain, identifierUris: [], tags: [], passwordCredentials: [], keyCredentials: [], requiredResourceAccess: [], appRoles: [], web: { redirectUris: [] }, ...more,
  });
  const principal = sim.shelf<ServicePrincipal>('servicePrincipals').put(idOf(`servicePrincipal ${name}`), servicePrincipalFor(sim, application, idOf(`servicePrincipal ${name}`)));
  sim.appNames.set(appId, name);
  return { application, principal };
}

export const servicePrincipalFor = (sim: Sim, { appId, displayName }: Application, id = newId()): ServicePrincipal => ({
  id, appId, displayName, appDisplayName: displayName, accountEnabled: true, appOwnerOrganizationId: sim.tenantId, servicePrincipalType: 'Application', servicePrincipalNames: [appId!], signInAudience: 'AzureADMyOrg', alternativeNames: [], tags: [], passwordCredentials: [], keyCredentials: [], appRoles: [], oauth2PermissionScopes: [], appRoleAssignmentRequired: false,
});

/** Adds a client secret; Graph shows it this once. */
export function addSecret(sim: Sim, kind: HolderKind, id: string, displayName: string | null, endDateTime?: string): { secret: string; keyId: string; credential: PasswordCredential } {
  const shelf = sim.shelf<HolderOfSecrets>(kind);
  const holder = shelf.get(id)!;
  const secret = `${randomBytes(3).toString('hex').slice(0, 3)}8Q~${randomBytes(24).toString('base64url')}`;
  const credential: PasswordCredential = { customKeyIdentifier: null, displayName, endDateTime: endDateTime ?? sim.iso(sim.now() + year), hint: secret.slice(0, 3), keyId: newId(), secretText: null, startDateTime: sim.iso() };
  sim.secrets.set(credential.keyId!, digest(secret));
  shelf.put(id, { ...holder, passwordCredentials: [...(holder.passwordCredentials ?? []), credential] });
  return { secret, keyId: credential.keyId!, credential };
}

/** Registers a certificate (PEM) for log-in. */
export function addCertificate(sim: Sim, applicationId: string, pem: string, displayName: string): void {
  const certificate = new X509Certificate(pem);
  const shelf = sim.shelf<Application>('applications');
  const application = shelf.get(applicationId)!;
  shelf.put(applicationId, { ...application, keyCredentials: [...(application.keyCredentials ?? []), { customKeyIdentifier: createHash('sha1').update(certificate.raw).digest('base64') as never, displayName, endDateTime: new Date(certificate.validTo).toISOString(), key: certificate.raw.toString('base64') as never, keyId: newId(), startDateTime: new Date(certificate.validFrom).toISOString(), type: 'AsymmetricX509Cert', usage: 'Verify' }] });
}

/** Grants application permissions of Microsoft Graph. Throws for one that Graph does not have here. */
export function grantPermissions(sim: Sim, principalId: string, names: readonly string[]): void {
  const graph = sim.shelf<ServicePrincipal>('servicePrincipals').truth().find((one) => one.appId === GRAPH_APP_ID)!;
  const principal = sim.shelf<ServicePrincipal>('servicePrincipals').get(principalId)!;
  for (const name of names) {
    const role = graph.appRoles?.find((one) => one.value === name);
    if (!role) throw new Error(`the sandbox’s Graph has no application permission ${name}: no route needs it`);
    const id = newId();
    sim.shelf<AppRoleAssignment>('appRoleAssignments').put(id, { id, appRoleId: role.id, createdDateTime: sim.iso(), deletedDateTime: null, principalDisplayName: principal.displayName, principalId, principalType: 'ServicePrincipal', resourceDisplayName: graph.displayName, resourceId: graph.id });
  }
}
