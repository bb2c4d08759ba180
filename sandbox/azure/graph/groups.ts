import type { Group } from '@microsoft/microsoft-graph-types';
import { Fault, type Call, type Json } from '../protocol/types';
import { groupsOf, rolesOf } from '../state/membership';
import type { Sim } from '../state/sim';
import { collection } from './collection';
import { linkRules, links } from './links';
import { listAnswer, notFound, type ListRules } from './odata';
import { roleTemplates } from './roles-data';
import { graph, type Making } from './routes';
import { userOf } from './users';

const rules: ListRules = { context: 'groups', directory: true, filterable: ['id', 'displayName', 'mailEnabled', 'securityEnabled', 'isAssignableToRole', 'groupTypes', 'createdDateTime', 'mailNickname'], sortable: ['displayName', 'createdDateTime'] };
const READ = ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'];
const WRITE = ['GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'];

/** Groups that hold roles are changed only by who may manage roles, besides who may change members. */
function roleGroup(sim: Sim, item: Json, { caller }: Call): void {
  if (item['isAssignableToRole'] !== true || caller.kind === 'user' || rolesOf(sim, caller.id).includes(roleTemplates['Global Administrator'])) return;
  if (!caller.roles.includes('RoleManagement.ReadWrite.Directory')) throw new Fault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

export function groupRoutes(making: Making): void {
  const { sim } = making;
  collection(making, {
    path: '/groups', shelf: 'groups', rules, read: READ, write: ['Group.ReadWrite.All', 'Directory.ReadWrite.All', 'RoleManagement.ReadWrite.Directory'],
    audits: { add: 'Add group', update: 'Update group', remove: 'Delete group', category: 'GroupManagement', type: 'Group' }, guard: (item, call) => roleGroup(sim, item, call),
    make: (body) => {
      if (!body['displayName'] || !body['mailNickname']) throw new Fault(400, 'Request_BadRequest', 'A value is required for property \'mailNickname\' of resource \'Group\'.');
      const { 'members@odata.bind': _members, 'owners@odata.bind': _owners, ...rest } = body;
      return { description: null, groupTypes: [], isAssignableToRole: null, mailEnabled: false, securityEnabled: true, onPremisesSyncEnabled: null, createdDateTime: sim.iso(), ...rest };
    },
  });
  links(making, { owner: '/groups/:id', name: 'members', shelf: 'members', read: READ, write: WRITE, guard: (item, call) => roleGroup(sim, item, call), audits: { add: 'Add member to group', remove: 'Remove member from group', category: 'GroupManagement' } });
  links(making, { owner: '/groups/:id', name: 'owners', shelf: 'owners', read: READ, write: WRITE, guard: (item, call) => roleGroup(sim, item, call), audits: { add: 'Add owner to group', remove: 'Remove owner from group', category: 'GroupManagement' } });
  const memberOf = (call: Call): Json[] => {
    const id = userOf(sim, call.params['id']!)?.id ?? sim.shelf('servicePrincipals').seen(call.params['id']!)?.['id'];
    if (!id) throw notFound(call.params['id']!);
    const direct = /transitive/i.test(call.url.pathname) ? new Set(groupsOf(sim, String(id))) : new Set(sim.shelf<{ id: string; from: string; to: string }>('members').list().filter((link) => link.to === id).map((link) => link.from));
    return sim.shelf<Group>('groups').list().filter((group) => direct.has(group.id!)).map((group) => ({ '@odata.type': '#microsoft.graph.group', ...group }));
  };
  for (const owner of ['/users/:id', '/servicePrincipals/:id']) {
    const needs = [...READ, owner.startsWith('/users') ? 'User.Read.All' : 'Application.Read.All'];
    for (const name of ['memberOf', 'transitiveMemberOf', 'memberOf/microsoft.graph.group', 'transitiveMemberOf/microsoft.graph.group']) graph(making, 'GET', `${owner}/${name}`, needs, (call) => listAnswer(call, memberOf(call), linkRules));
  }
}
