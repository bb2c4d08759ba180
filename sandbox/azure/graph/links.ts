import { Fault, noContent, type Call, type Json } from '../protocol/types';
import { linkId, type Link } from '../state/membership';
import { audit } from './audit';
import { objectOf, objectTypes, typeName } from './objects';
import { listAnswer, notFound, type ListRules } from './odata';
import { graph, type Making } from './routes';

export interface Links {
  /** Path of the object that the links start from, e.g. `/groups/:id`. */
  owner: string;
  name: 'members' | 'owners' | 'registeredOwners' | 'registeredUsers';
  /** Shelf of the links; they start from what owns them. */
  shelf: string;
  read: readonly string[];
  write?: readonly string[];
  audits?: { add: string; remove: string; category: string };
  guard?(owner: Json, call: Call): void;
  /** The owner behind `:id`; by default an object with that id. */
  resolve?(key: string): Json | null;
}

export const linkRules: ListRules = { context: 'directoryObjects', directory: true, filterable: ['id', 'displayName'], defaults: undefined };

/** `GET …/members`, `GET …/members/microsoft.graph.user`, `POST …/members/$ref`, `DELETE …/members/{id}/$ref`. */
export function links(making: Making, one: Links): void {
  const { sim } = making;
  const shelf = sim.shelf<Link>(one.shelf);
  const ownerOf = (call: Call, truth: boolean): Json => {
    const owner = one.resolve?.(call.params['id']!) ?? objectOf(sim, call.params['id']!, truth);
    if (!owner) throw notFound(call.params['id']!);
    return owner;
  };
  const linked = (call: Call): Json[] => {
    const owner = ownerOf(call, false);
    return shelf.list().filter((link) => link.from === owner['id']).map((link) => objectOf(sim, link.to)).filter((one) => one !== null);
  };
  graph(making, 'GET', `${one.owner}/${one.name}`, one.read, (call) => listAnswer(call, linked(call), linkRules));
  for (const type of Object.values(objectTypes)) {
    graph(making, 'GET', `${one.owner}/${one.name}/${type.slice(1)}`, one.read, (call) => listAnswer(call, linked(call).filter((item) => item['@odata.type'] === type), linkRules));
  }
  const { write, audits } = one;
  if (!write || !audits) return;
  graph(making, 'POST', `${one.owner}/${one.name}/$ref`, write, (call) => {
    const owner = ownerOf(call, true);
    one.guard?.(owner, call);
    const to = String(call.body['@odata.id'] ?? '').split('/').pop() ?? '';
    const object = objectOf(sim, to, true);
    if (!object) throw notFound(to);
    const id = linkId(String(owner['id']), to);
    if (shelf.get(id)) throw new Fault(400, 'Request_BadRequest', 'One or more added object references already exist for the following modified properties: \'members\'.');
    shelf.put(id, { id, from: String(owner['id']), to });
    tell(call, audits.add, owner, object);
    return noContent;
  });
  graph(making, 'DELETE', `${one.owner}/${one.name}/:object/$ref`, write, (call) => {
    const owner = ownerOf(call, true);
    one.guard?.(owner, call);
    const id = linkId(String(owner['id']), call.params['object']!);
    if (!shelf.get(id)) throw notFound(call.params['object']!);
    shelf.remove(id);
    tell(call, audits.remove, owner, objectOf(sim, call.params['object']!, true));
    return noContent;
  });
  /** The member first, then what it was added to, as Entra writes it. */
  const tell = (call: Call, activity: string, owner: Json, object: Json | null): void =>
    audit(sim, call, activity, audits.category, [{ type: typeName(object), id: String(object?.['id'] ?? ''), displayName: (object?.['displayName'] as string) ?? null, userPrincipalName: (object?.['userPrincipalName'] as string) ?? null }, { type: typeName(owner), id: String(owner['id']), displayName: (owner['displayName'] as string) ?? null }], [
      { displayName: `${typeName(owner)}.ObjectID`, oldValue: null, newValue: JSON.stringify(owner['id']) }, { displayName: `${typeName(owner)}.DisplayName`, oldValue: null, newValue: JSON.stringify(owner['displayName']) },
    ]);
}
