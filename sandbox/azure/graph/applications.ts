import type { Application, AppRoleAssignment, FederatedIdentityCredential, OAuth2PermissionGrant, ServicePrincipal } from '@microsoft/microsoft-graph-types';
import { Fault, noContent, type Call, type Json } from '../protocol/types';
import type { Link } from '../state/membership';
import { newId } from '../state/sim';
import { servicePrincipalFor, type HolderKind, type HolderOfSecrets } from '../world/applications';
import { audit, changed } from './audit';
import { holderOf, owned, patchedKeys } from './credentials';
import { links } from './links';
import { itemAnswer, listAnswer, notFound, type ListRules } from './odata';
import { graph, type Making } from './routes';

const READ = ['Application.Read.All', 'Application.ReadWrite.OwnedBy', 'Application.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const WRITE = ['Application.ReadWrite.OwnedBy', 'Application.ReadWrite.All', 'Directory.ReadWrite.All'];
const kinds: Record<HolderKind, { rules: ListRules; type: string; add: string; update: string; remove: string }> = {
  applications: { rules: { context: 'applications', directory: true, filterable: ['id', 'appId', 'displayName', 'createdDateTime', 'identifierUris', 'signInAudience', 'publisherDomain'], sortable: ['displayName', 'createdDateTime'] }, type: 'Application', add: 'Add application', update: 'Update application', remove: 'Delete application' },
  servicePrincipals: { rules: { context: 'servicePrincipals', directory: true, filterable: ['id', 'appId', 'displayName', 'accountEnabled', 'servicePrincipalType', 'appOwnerOrganizationId', 'servicePrincipalNames', 'tags', 'createdDateTime'], sortable: ['displayName'] }, type: 'ServicePrincipal', add: 'Add service principal', update: 'Update service principal', remove: 'Remove service principal' },
};

export function applicationRoutes(making: Making): void {
  const { sim } = making;
  for (const kind of ['applications', 'servicePrincipals'] as const) {
    const { rules, type, ...audits } = kinds[kind];
    const shelf = sim.shelf<HolderOfSecrets>(kind);
    const tell = (call: Call, activity: string, item: HolderOfSecrets, changes = changed({}, {})): void => audit(sim, call, activity, 'ApplicationManagement', [{ type, id: item.id!, displayName: item.displayName ?? null }], changes);
    const target = (call: Call): HolderOfSecrets => {
      const found = holderOf(making, kind, call.params['id']!, true);
      if (!found) throw notFound(call.params['id']!);
      owned(making, call, found);
      return found;
    };
    const find = (call: Call): HolderOfSecrets | null => holderOf(making, kind, call.params['id']!, false);
    graph(making, 'GET', `/${kind}`, READ, (call) => listAnswer(call, shelf.list().map((one) => withoutKeys(one)), rules));
    for (const path of [`/${kind}/:id`]) graph(making, 'GET', path, READ, (call) => itemAnswer(call, find(call) && withoutKeys(find(call)!, call), rules, call.params['id']!));
    graph(making, 'POST', `/${kind}`, WRITE, (call) => {
      const made = kind === 'applications' ? newApplication(call) : newPrincipal(call);
      shelf.put(made.id!, made);
      tell(call, audits.add, made);
      return itemAnswer(call, withoutKeys(made), rules, made.id!, 201);
    });
    graph(making, 'PATCH', `/${kind}/:id`, WRITE, (call) => {
      const before = target(call);
      const { keyCredentials, ...rest } = call.body as Partial<Application>;
      if ('passwordCredentials' in rest) throw new Fault(400, 'Request_BadRequest', 'Updates to passwordCredentials are made with addPassword and removePassword.');
      const after = shelf.put(before.id!, { ...before, ...rest, ...(keyCredentials && { keyCredentials: patchedKeys(before as Application, keyCredentials) }) } as HolderOfSecrets);
      if (keyCredentials) tell(call, kind === 'applications' ? 'Update application – Certificates and secrets management' : 'Add service principal credentials', after, changed({ KeyDescription: keyIds(before) }, { KeyDescription: keyIds(after) }));
      const disabled = 'accountEnabled' in rest ? ((rest as ServicePrincipal).accountEnabled ? 'Enable account' : 'Disable account') : null;
      if (Object.keys(rest).length > 0) tell(call, disabled ?? audits.update, after, changed(before, after, Object.keys(rest)));
      return noContent;
    });
    graph(making, 'DELETE', `/${kind}/:id`, WRITE, (call) => {
      const item = target(call);
      shelf.remove(item.id!);
      sim.shelf('deletedItems').put(item.id!, { ...item, deletedDateTime: sim.iso() });
      const principals = kind === 'servicePrincipals' ? [item] : sim.shelf<ServicePrincipal>('servicePrincipals').truth().filter((one) => one.appId === item.appId && one.appOwnerOrganizationId === sim.tenantId);
      for (const principal of principals) {
        sim.shelf<ServicePrincipal>('servicePrincipals').remove(principal.id!);
        for (const one of sim.shelf<AppRoleAssignment>('appRoleAssignments').truth()) if (one.principalId === principal.id) sim.shelf('appRoleAssignments').remove(one.id!);
        for (const one of sim.shelf<OAuth2PermissionGrant>('oauth2PermissionGrants').truth()) if (one.clientId === principal.id) sim.shelf('oauth2PermissionGrants').remove(one.id!);
      }
      tell(call, audits.remove, item);
      return noContent;
    });
    links(making, { owner: `/${kind}/:id`, name: 'owners', shelf: 'owners', read: READ, write: WRITE, resolve: (key) => holderOf(making, kind, key, true) as Json | null, guard: (owner, call) => owned(making, call, owner as HolderOfSecrets), audits: { add: `Add owner to ${kind === 'applications' ? 'application' : 'service principal'}`, remove: `Remove owner from ${kind === 'applications' ? 'application' : 'service principal'}`, category: 'ApplicationManagement' } });
  }
  federatedRoutes(making);

  const own = (id: string, call: Call): void => {
    const link: Link = { id: `${id}|${call.caller.id}`, from: id, to: call.caller.id };
    sim.shelf<Link>('owners').put(link.id, link);
  };
  const newApplication = (call: Call): Application => {
    const id = newId();
    const displayName = String(call.body['displayName'] ?? '');
    if (!displayName) throw new Fault(400, 'Request_BadRequest', 'A value is required for property \'displayName\' of resource \'Application\'.');
    own(id, call);
    return { appId: newId(), createdDateTime: sim.iso(), signInAudience: 'AzureADMyOrg', publisherDomain: sim.domain, identifierUris: [], tags: [], keyCredentials: [], requiredResourceAccess: [], appRoles: [], web: { redirectUris: [] }, ...call.body, id, displayName, passwordCredentials: [] };
  };
  const newPrincipal = (call: Call): ServicePrincipal => {
    const application = sim.shelf<Application>('applications').truth().find((one) => one.appId === call.body['appId']);
    if (!application) throw new Fault(400, 'Request_BadRequest', `The appId '${String(call.body['appId'])}' of the service principal does not reference a valid application object.`);
    if (sim.shelf<ServicePrincipal>('servicePrincipals').truth().some((one) => one.appId === application.appId)) throw new Fault(409, 'Request_MultipleObjectsWithSameKeyValue', 'The service principal cannot be created because one already exists for this application.');
    sim.appNames.set(application.appId!, application.displayName ?? '');
    const made = servicePrincipalFor(sim, application);
    own(made.id!, call);
    return made;
  };
}

const keyIds = (holder: HolderOfSecrets): string[] => (holder.keyCredentials ?? []).map((one) => `[KeyIdentifier=${one.keyId},KeyType=AsymmetricX509Cert,KeyUsage=Verify,DisplayName=${one.displayName ?? ''}]`);

/** The key itself comes only when one object is read with `$select=keyCredentials`. */
function withoutKeys(holder: HolderOfSecrets, call?: Call): HolderOfSecrets {
  if (call?.query.get('$select')?.includes('keyCredentials')) return holder;
  return { ...holder, keyCredentials: (holder.keyCredentials ?? []).map((one) => ({ ...one, key: null })) } as HolderOfSecrets;
}

/** Federated credentials of applications: who else’s tokens log it in. */
function federatedRoutes(making: Making): void {
  const { sim } = making;
  type Federated = FederatedIdentityCredential & { applicationId: string };
  const shelf = sim.shelf<Federated>('federatedIdentityCredentials');
  const rules: ListRules = { context: 'applications/federatedIdentityCredentials', filterable: ['name', 'subject', 'issuer'], onSelect: ['applicationId'] };
  const path = '/applications/:id/federatedIdentityCredentials';
  const application = (call: Call, truth: boolean): HolderOfSecrets => {
    const found = holderOf(making, 'applications', call.params['id']!, truth);
    if (!found) throw notFound(call.params['id']!);
    return found;
  };
  const tell = (call: Call, { id, displayName }: HolderOfSecrets): void => {
    const all = shelf.truth().filter((one) => one.applicationId === id).map(({ name, issuer, subject, audiences }) => ({ Name: name, Issuer: issuer, Subject: subject, Audiences: audiences }));
    audit(sim, call, 'Update application', 'ApplicationManagement', [{ type: 'Application', id: id!, displayName: displayName ?? null }], [{ displayName: 'FederatedIdentityCredentials', oldValue: null, newValue: JSON.stringify(all) }]);
  };
  const without = ({ applicationId: _application, ...rest }: Federated) => rest;
  graph(making, 'GET', path, READ, (call) => listAnswer(call, shelf.list().filter((one) => one.applicationId === application(call, false).id).map(without), rules));
  graph(making, 'POST', path, WRITE, (call) => {
    const of = application(call, true);
    owned(making, call, of);
    const { name, issuer, subject, audiences } = call.body as FederatedIdentityCredential;
    if (!name || !issuer || !subject || !audiences?.length) throw new Fault(400, 'Request_BadRequest', 'name, issuer, subject and audiences are required.');
    const id = newId();
    const made = shelf.put(id, { id, name, issuer, subject, audiences, description: (call.body['description'] as string) ?? null, applicationId: of.id! });
    tell(call, of);
    return itemAnswer(call, without(made), rules, id, 201);
  });
  graph(making, 'DELETE', `${path}/:credential`, WRITE, (call) => {
    const of = application(call, true);
    owned(making, call, of);
    const key = call.params['credential']!;
    const found = shelf.get(key) ?? shelf.truth().find((one) => one.name === key && one.applicationId === of.id);
    if (!found || found.applicationId !== of.id) throw notFound(key);
    shelf.remove(found.id!);
    tell(call, of);
    return noContent;
  });
}
