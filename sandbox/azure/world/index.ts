import type { Application, ServicePrincipal } from '@microsoft/microsoft-graph-types';
import { addUser } from '../graph/users';
import type { Sim } from '../state/sim';
import { idOf } from '../state/sim';
import { furnish } from './furnish';
import { addApplication, addCertificate, addSecret, grantPermissions } from './applications';
import { assign, makeEstate, type Estate } from './estate';
import { giveDirectoryRole, makeDirectory } from './directory';
import type { Identity } from '../protocol/tls';

export interface Person { id: string; upn: string; name: string; password: string }
export interface App { name: string; appId: string; applicationId: string; servicePrincipalId: string; secret: string; secretKeyId: string }

export interface WorldOptions {
  /** Application permissions of the responder; default: every one that a route of the sandbox knows. */
  graphPermissions?: readonly string[];
  /** ARM actions of the responder’s custom role on both subscriptions; default `*`. */
  armActions?: readonly string[];
  /** And its data actions; default `*`. */
  armDataActions?: readonly string[];
  /** The responder’s role at the tenant’s root too, as Entra’s diagnostic settings and assignments from an elevation need. */
  tenantRoot?: boolean;
  /** Directory roles of the responder’s service principal; default none: it may not disable administrators. */
  responderRoles?: readonly ('Privileged Authentication Administrator' | 'Global Administrator')[];
}

export interface AzureWorld {
  tenantId: string;
  domain: string;
  /** Ada (User Administrator), Dana (Global Administrator: the one that is stolen), Eve (no directory role; owns production), Sync (from on-premises AD), Guest (from elsewhere). */
  ada: Person;
  dana: Person;
  eve: Person;
  synced: Person;
  guest: Person;
  emergency: Person;
  /** Tourniquet’s own application: secret and certificate. */
  responder: App & { certificate: Identity };
  /** The emergency application: Global Administrator, owner of itself. */
  breakGlass: App;
  /** A workload’s application that must live on. */
  payroll: App;
  /** Deploys from a foreign issuer: has a federated credential. */
  ci: App;
  /** A role-assignable group whose members hold the role User Administrator; Nina is one. */
  adminGroup: { id: string; name: string };
  /** Conditional Access: MFA for all but the emergency account. */
  mfaPolicy: { id: string; name: string };
  office: { id: string; cidr: string };
  estate: Estate;
}

const day = 86_400_000;

/** The tenant as it was before anything happened. */
export function buildWorld(sim: Sim, permissions: readonly string[], certificate: Identity, options: WorldOptions): AzureWorld {
  const person = (name: string, more: Parameters<typeof addUser>[1] | object = {}): Person => {
    const upn = `${name.toLowerCase()}@${sim.domain}`;
    const password = `${name}-${idOf(`password of ${name}`).slice(0, 12)}!`;
    const user = addUser(sim, { id: idOf(`user ${name}`), displayName: name, givenName: name, mail: upn, createdDateTime: sim.iso(sim.now() - 400 * day), lastPasswordChangeDateTime: sim.iso(sim.now() - 40 * day), signInSessionsValidFromDateTime: sim.iso(sim.now() - 40 * day), ...more, userPrincipalName: upn, ...('userPrincipalName' in more ? { userPrincipalName: more.userPrincipalName } : {}) }, password);
    return { id: user.id!, upn: user.userPrincipalName!, name, password };
  };
  makeDirectory(sim, permissions);
  const people = {
    ada: person('Ada'), dana: person('Dana'), eve: person('Eve'), emergency: person('Emergency'),
    synced: person('Sam', { onPremisesSyncEnabled: true, onPremisesImmutableId: 'c2FtLW9uLXByZW0=', onPremisesDomainName: 'corp.northwind.example', onPremisesSamAccountName: 'sam', onPremisesLastSyncDateTime: sim.iso(sim.now() - 900_000) }),
    guest: person('Greta', { userType: 'Guest', userPrincipalName: `greta_partner.example#EXT#@${sim.domain}`, mail: 'greta@partner.example', externalUserState: 'Accepted' }),
  };
  for (const name of ['Mo', 'Nina', 'Omar', 'Pat']) person(name);
  giveDirectoryRole(sim, people.dana.id, 'Global Administrator');
  giveDirectoryRole(sim, people.emergency.id, 'Global Administrator');
  giveDirectoryRole(sim, people.ada.id, 'User Administrator');
  const responder = { ...app(sim, 'Tourniquet'), certificate };
  addCertificate(sim, responder.applicationId, certificate.certificate, 'CN=tourniquet');
  grantPermissions(sim, responder.servicePrincipalId, options.graphPermissions ?? permissions);
  for (const role of options.responderRoles ?? []) giveDirectoryRole(sim, responder.servicePrincipalId, role);
  const payroll = app(sim, 'payroll-app');
  const ci = app(sim, 'ci-deploy');
  grantPermissions(sim, payroll.servicePrincipalId, ['User.Read.All']);
  grantPermissions(sim, ci.servicePrincipalId, ['User.Read.All', 'Application.ReadWrite.OwnedBy', 'AppRoleAssignment.ReadWrite.All']);
  const breakGlass = app(sim, 'emergency-access');
  grantPermissions(sim, breakGlass.servicePrincipalId, ['User.Read.All', 'Application.ReadWrite.OwnedBy']);
  giveDirectoryRole(sim, breakGlass.servicePrincipalId, 'Global Administrator');
  const before = furnish(sim, people, { payroll, ci, breakGlass });
  const estate = makeEstate(sim, { responder: responder.servicePrincipalId, actions: options.armActions ?? ['*'], dataActions: options.armDataActions ?? ['*'], owners: [people.dana.id, people.eve.id], ci: ci.servicePrincipalId, payroll: payroll.servicePrincipalId });
  if (options.tenantRoot) assign(sim, responder.servicePrincipalId, 'ServicePrincipal', idOf('role Tourniquet responder'), '/');
  return { tenantId: sim.tenantId, domain: sim.domain, ...people, responder, breakGlass, payroll, ci, ...before, estate };
}

function app(sim: Sim, name: string): App {
  const { application, principal } = addApplication(sim, name) as { application: Application; principal: ServicePrincipal };
  const { secret, keyId } = addSecret(sim, 'applications', application.id!, 'first');
  return { name, appId: application.appId!, applicationId: application.id!, servicePrincipalId: principal.id!, secret, secretKeyId: keyId };
}
