import type { AuthenticationMethod } from '@microsoft/microsoft-graph-types';
import { Fault, noContent, type Call, type Json } from '../protocol/types';
import { newId, type Sim } from '../state/sim';
import { audit } from './audit';
import { itemAnswer, listAnswer, notFound, type ListRules } from './odata';
import { graph, type Making } from './routes';
import { named, userOf } from './users';

export type Method = AuthenticationMethod & { '@odata.type': string; user: string } & Json;

/** Collections by the kind of method. Source: Graph v1.0 authenticationMethod and its derived types. */
export const methodTypes: Record<string, string> = {
  passwordMethods: 'passwordAuthenticationMethod', microsoftAuthenticatorMethods: 'microsoftAuthenticatorAuthenticationMethod', phoneMethods: 'phoneAuthenticationMethod', fido2Methods: 'fido2AuthenticationMethod', emailMethods: 'emailAuthenticationMethod',
  softwareOathMethods: 'softwareOathAuthenticationMethod', temporaryAccessPassMethods: 'temporaryAccessPassAuthenticationMethod', windowsHelloForBusinessMethods: 'windowsHelloForBusinessAuthenticationMethod', platformCredentialMethods: 'platformCredentialAuthenticationMethod',
};
const READ = ['UserAuthenticationMethod.Read.All', 'UserAuthenticationMethod.ReadWrite.All'];
const WRITE = ['UserAuthenticationMethod.ReadWrite.All'];
const rules: ListRules = { context: 'users/authentication/methods', filterable: [], onSelect: ['user'] };

export function methodRoutes(making: Making): void {
  const { sim } = making;
  const methods = sim.shelf<Method>('authenticationMethods');
  const person = (call: Call, truth = false) => {
    const user = userOf(sim, call.params['id']!, truth);
    if (!user) throw notFound(call.params['id']!);
    return user;
  };
  const without = ({ user: _user, ...method }: Method): Json => method;
  graph(making, 'GET', '/users/:id/authentication/methods', READ, (call) => listAnswer(call, methods.list().filter((one) => one.user === person(call).id).map(without), rules));
  for (const [collection, type] of Object.entries(methodTypes)) {
    const odataType = `#microsoft.graph.${type}`;
    graph(making, 'GET', `/users/:id/authentication/${collection}`, READ, (call) => listAnswer(call, methods.list().filter((one) => one.user === person(call).id && one['@odata.type'] === odataType).map(without), rules));
    graph(making, 'GET', `/users/:id/authentication/${collection}/:method`, READ, (call) => {
      const found = methods.seen(call.params['method']!);
      return itemAnswer(call, found && found.user === person(call).id ? without(found) : null, rules, call.params['method']!);
    });
    if (collection === 'passwordMethods') continue;
    graph(making, 'DELETE', `/users/:id/authentication/${collection}/:method`, WRITE, (call) => {
      const user = person(call, true);
      const found = methods.get(call.params['method']!);
      if (!found || found.user !== user.id || found['@odata.type'] !== odataType) throw notFound(call.params['method']!);
      const others = methods.truth().filter((one) => one.user === user.id && one.id !== found.id);
      // The default method goes last (Graph: delete phone and authenticator methods, error “deletion of default method”).
      if (found['isDefault'] === true && others.some((one) => one['@odata.type'] !== '#microsoft.graph.passwordAuthenticationMethod')) throw new Fault(400, 'badRequest', 'Cannot delete default method with other methods configured. Please change default method before deletion.');
      methods.remove(found.id!);
      audit(sim, call, 'Admin deleted security info', 'UserManagement', [named(user)]);
      return noContent;
    });
    if (!['phoneMethods', 'emailMethods', 'temporaryAccessPassMethods'].includes(collection)) continue;
    graph(making, 'POST', `/users/:id/authentication/${collection}`, WRITE, (call) => {
      const user = person(call, true);
      const made = addMethod(sim, user.id!, collection, call.body);
      audit(sim, call, call.caller.id === user.id ? 'User registered security info' : 'Admin registered security info', 'UserManagement', [named(user)]);
      return itemAnswer(call, { ...without(made), ...(collection === 'temporaryAccessPassMethods' && { temporaryAccessPass: newId().slice(0, 8) }) }, rules, made.id!, 201);
    });
  }
}

/** Gives a person another way to prove themselves; what people do at My Sign-Ins has no API for every kind. */
export function addMethod(sim: Sim, user: string, collection: string, more: Json = {}): Method {
  const id = newId();
  // Phone and e-mail have no date in v1.0 (Graph: phoneAuthenticationMethod, emailAuthenticationMethod).
  const dated = collection === 'phoneMethods' || collection === 'emailMethods' ? {} : { createdDateTime: sim.iso() };
  return sim.shelf<Method>('authenticationMethods').put(id, { '@odata.type': `#microsoft.graph.${methodTypes[collection]}`, id, user, ...dated, ...more } as Method);
}
