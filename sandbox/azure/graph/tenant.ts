import type { Domain } from '@microsoft/microsoft-graph-types';
import type { Json } from '../protocol/types';
import { collection } from './collection';
import { objectOf } from './objects';
import { itemAnswer, listAnswer, notFound } from './odata';
import { graph, type Making } from './routes';

/** The organisation, its domains and their federation, partner relationships, and any directory object by id. */
export function tenantRoutes(making: Making): void {
  const { sim } = making;
  const orgs = ['Organization.Read.All', 'Directory.Read.All'];
  graph(making, 'GET', '/organization', orgs, (call) => listAnswer(call, sim.shelf('organization').list(), { context: 'organization', filterable: ['id'] }));
  const domains = sim.shelf<Domain>('domains');
  const DOMAINS = ['Domain.Read.All', 'Directory.Read.All', 'Domain.ReadWrite.All'];
  graph(making, 'GET', '/domains', DOMAINS, (call) => listAnswer(call, domains.list(), { context: 'domains', filterable: ['id', 'authenticationType'] }));
  graph(making, 'GET', '/domains/:id', DOMAINS, (call) => itemAnswer(call, domains.seen(call.params['id']!), { context: 'domains', filterable: [] }, call.params['id']!));
  graph(making, 'GET', '/domains/:id/federationConfiguration', DOMAINS, (call) => {
    if (!domains.seen(call.params['id']!)) throw notFound(call.params['id']!);
    return listAnswer(call, sim.shelf<Json>('federationConfigurations').list().filter((one) => one['domain'] === call.params['id']), { context: 'domains/federationConfiguration', filterable: [], onSelect: ['domain'] });
  });
  collection(making, { path: '/tenantRelationships/delegatedAdminRelationships', shelf: 'delegatedAdminRelationships', read: ['DelegatedAdminRelationship.Read.All', 'DelegatedAdminRelationship.ReadWrite.All'], rules: { context: 'tenantRelationships/delegatedAdminRelationships', filterable: ['status'] } });
  graph(making, 'GET', '/directoryObjects/:id', ['Directory.Read.All', 'User.Read.All', 'Group.Read.All', 'Application.Read.All'], (call) => itemAnswer(call, objectOf(sim, call.params['id']!), { context: 'directoryObjects', filterable: [] }, call.params['id']!));
  making.router.add({
    surface: 'graph', method: 'POST', pattern: '/v1.0/directoryObjects/getByIds', needs: ['Directory.Read.All', 'User.Read.All', 'Group.Read.All', 'Application.Read.All'],
    handle: (call) => listAnswer(call, ((call.body['ids'] as string[]) ?? []).map((id) => objectOf(sim, id)).filter((one) => one !== null), { context: 'directoryObjects', filterable: [] }),
  });
}
