import type { Json } from '../protocol/types';
import { Fault, ok } from '../protocol/types';
import { rolesOf } from '../state/membership';
import { audit } from './audit';
import { notFound } from './odata';
import { graph, type Making } from './routes';

/** Where a restored object goes back to, by what it is. */
const shelfOf = (item: Json): string => (item['userPrincipalName'] !== undefined ? 'users' : item['servicePrincipalType'] !== undefined ? 'servicePrincipals' : 'applications');

/** What was deleted within 30 days, and its return. Source: Graph v1.0, directory deletedItems: get, restore. */
export function deletedRoutes(making: Making): void {
  const { sim } = making;
  const items = sim.shelf('deletedItems');
  const read = ['User.Read.All', 'Application.Read.All', 'Directory.Read.All'];
  graph(making, 'GET', '/directory/deletedItems/:id', read, (call) => {
    const item = items.get(call.params['id']!);
    if (!item) throw notFound(call.params['id']!);
    return ok(item);
  });
  graph(making, 'POST', '/directory/deletedItems/:id/restore', ['User.DeleteRestore.All', 'User.ReadWrite.All', 'Application.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All'], (call) => {
    const found = items.get(call.params['id']!);
    if (!found) throw notFound(call.params['id']!);
    // Least privilege by type of object, as the page’s table has it.
    if (shelfOf(found) === 'users' && call.caller.kind === 'app' && rolesOf(sim, call.caller.id).length === 0 && !call.caller.roles.includes('User.DeleteRestore.All')) throw new Fault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
    const { deletedDateTime: _deleted, ...item } = found;
    items.remove(call.params['id']!);
    sim.shelf(shelfOf(item)).put(call.params['id']!, item);
    const type = { users: 'User', servicePrincipals: 'ServicePrincipal', applications: 'Application' }[shelfOf(item)] ?? 'Other';
    audit(sim, call, `Restore ${type === 'User' ? 'user' : type === 'Application' ? 'application' : 'service principal'}`, type === 'User' ? 'UserManagement' : 'ApplicationManagement', [{ type, id: call.params['id']!, displayName: String(item['displayName'] ?? '') }]);
    return ok(item);
  });
}
