import type { Making } from '../graph/routes';
import { Fault, noContent, ok, type Answer, type Call, type Json } from '../protocol/types';
import { start } from './operations';
import { arm, armList, resourceNotFound, resources, type Resource } from './routes';
import type { ResourceType } from './types';

const canonical = (path: string): string => decodeURIComponent(path).replace(/\/+$/, '').replace(/\/resourcegroups\//i, '/resourceGroups/');

/** A lock on the resource or above it. Source: Azure Resource Manager, “Lock your resources”. */
function refuseLocked(store: ReturnType<typeof resources>, { id, type }: Resource): void {
  if (/\/locks$/i.test(type)) return;
  const scopeOf = (lock: Resource): string => lock.id.slice(0, lock.id.toLowerCase().lastIndexOf('/providers/microsoft.authorization/locks/'));
  const lock = store.truth().find((one) => /^Microsoft\.Authorization\/locks$/i.test(one.type) && `${id.toLowerCase()}/`.startsWith(`${scopeOf(one).toLowerCase()}/`));
  if (lock) throw new Fault(409, 'ScopeLocked', `The scope '${id}' cannot perform delete operation because following scope(s) are locked: '${scopeOf(lock)}'. Please remove the lock and try again.`);
}

/** The usual routes of a type: get, list (in its parent, its group, its subscription), put, patch, delete. */
export function resourceType(making: Making, type: ResourceType): void {
  const { sim } = making;
  const store = resources(sim);
  const [provider = '', first = '', ...children] = type.type.split('/');
  const methods = new Set(type.methods ?? ['get', 'list', 'put', 'delete']);
  const slow = new Set(type.slow ?? []);
  const parents = [first, ...children].slice(0, -1).map((name, index) => `${name}/:p${index}`);
  const last = [first, ...children].at(-1)!;
  const scopes = type.extension ? ['/:scope*'] : type.subscription ? ['/subscriptions/:subscription'] : ['/subscriptions/:subscription/resourceGroups/:group'];
  const action = (what: 'read' | 'write' | 'delete'): string => type.actions?.[what] ?? `${type.type}/${what}`;
  const show = (resource: Resource, call: Call): Resource => type.show?.(sim, resource, call) ?? resource;
  const listed = (call: Call, prefix: string): Answer =>
    armList(call, store.list().filter((one) => one.type.toLowerCase() === type.type.toLowerCase() && one.id.toLowerCase().startsWith(`${prefix.toLowerCase()}/`)).map((one) => show(one, call)));

  for (const scope of scopes) {
    const collection = [scope, 'providers', provider, ...parents, last].join('/');
    const item = `${collection}/:name`;
    if (methods.has('list')) arm(making, 'GET', collection, { action: action('read'), handle: (call) => listed(call, canonical(call.url.pathname)) });
    if (methods.has('list') && parents.length === 0 && !type.extension && !type.subscription) arm(making, 'GET', `/subscriptions/:subscription/providers/${provider}/${last}`, { action: action('read'), handle: (call) => listed(call, `/subscriptions/${call.params['subscription']}`) });
    if (methods.has('get')) arm(making, 'GET', item, { action: action('read'), handle: (call) => ok(show(found(call, false), call)) });
    if (methods.has('put')) arm(making, 'PUT', item, { action: action('write'), handle: (call) => write(call, call.body, slow.has('put')) });
    if (methods.has('patch')) arm(making, 'PATCH', item, { action: action('write'), handle: (call) => {
      const before = found(call, true);
      return write(call, { ...before, ...call.body, properties: { ...before.properties, ...((call.body['properties'] as Json) ?? {}) }, tags: (call.body['tags'] as Resource['tags']) ?? before.tags }, slow.has('patch'));
    } });
    if (methods.has('delete')) arm(making, 'DELETE', item, { action: action('delete'), handle: (call) => {
      const resource = store.get(canonical(call.url.pathname));
      if (!resource) return noContent;
      refuseLocked(store, resource);
      const gone = (): void => {
        type.removed?.(sim, resource);
        const prefix = `${resource.id.toLowerCase()}/`;
        for (const one of store.truth()) if (one.id.toLowerCase() === resource.id.toLowerCase() || one.id.toLowerCase().startsWith(prefix)) store.remove(one.id);
      };
      if (slow.has('delete')) return start(sim, call, { answer: 'accept', effect: gone });
      gone();
      return ok(undefined);
    } });
  }

  const found = (call: Call, truth: boolean): Resource => {
    const id = canonical(call.url.pathname);
    const resource = truth ? store.get(id) : store.seen(id);
    if (!resource) throw resourceNotFound(id);
    return resource;
  };
  const write = (call: Call, body: Json, takesTime: boolean): Answer => {
    const id = canonical(call.url.pathname);
    const before = store.get(id);
    const parent = parents.length > 0 ? store.get(id.split('/').slice(0, -2).join('/')) : null;
    // What Azure makes by itself with the parent (`blobServices/default`) needs none to be there.
    if (parents.length > 0 && !parent && !/\/default\//i.test(id)) throw new Fault(404, 'ParentResourceNotFound', `Failed to perform 'write' on resource(s) of type '${type.type}', because the parent resource '${id.split('/').slice(0, -2).join('/')}' could not be found.`);
    const group = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)?.[0];
    if (group && !store.get(group)) throw new Fault(404, 'ResourceGroupNotFound', `Resource group '${group.split('/').pop()}' could not be found.`);
    if (parents.length === 0 && !type.extension && !type.subscription && !type.child && !body['location']) throw new Fault(400, 'LocationRequired', 'The location property is required for this definition.');
    const { properties: given, ...rest } = body;
    const properties = type.make?.(sim, (given ?? {}) as Json, id, before, call) ?? { ...((given ?? {}) as Json) };
    const resource: Resource = { ...rest, id: before?.id ?? id, name: before?.name ?? id.split('/').pop()!, type: type.type, properties: { ...properties, provisioningState: 'Succeeded' } };
    if (!takesTime) return ok(show(store.put(id, resource), call), before ? 200 : 201);
    store.put(id, { ...(before ?? resource), properties: { ...(before ?? resource).properties, provisioningState: before ? 'Updating' : 'Creating' } });
    return start(sim, call, { answer: 'put', resource: id, effect: () => void store.put(id, resource) });
  };
}
