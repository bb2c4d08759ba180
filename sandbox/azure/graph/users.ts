import type { User } from '@microsoft/microsoft-graph-types';
import { Fault, noContent, ok, type Call } from '../protocol/types';
import { digest, newId, type Sim } from '../state/sim';
import { rolesOf, type Link } from '../state/membership';
import { mayTouch } from './admin-guard';
import { audit, changed } from './audit';
import { objectOf } from './objects';
import { itemAnswer, listAnswer, notFound, type ListRules } from './odata';
import { withActivity } from './sign-in-activity';
import { graph, type Making } from './routes';

export const userRules: ListRules = {
  context: 'users', directory: true,
  filterable: ['id', 'accountEnabled', 'createdDateTime', 'displayName', 'mail', 'userPrincipalName', 'userType', 'onPremisesSyncEnabled', 'onPremisesImmutableId', 'externalUserState', 'assignedLicenses', 'department', 'identities'],
  sortable: ['displayName', 'userPrincipalName', 'createdDateTime'],
  defaults: ['businessPhones', 'displayName', 'givenName', 'jobTitle', 'mail', 'mobilePhone', 'officeLocation', 'preferredLanguage', 'surname', 'userPrincipalName', 'id'],
};

const READ = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const WRITE = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];

/** By object id or user principal name. `truth` for writes, else as the replicas have it. */
export function userOf(sim: Sim, key: string, truth = false): User | null {
  const users = sim.shelf<User>('users');
  return (truth ? users.get(key) : users.seen(key)) ?? (truth ? users.truth() : users.list()).find((one) => one.userPrincipalName?.toLowerCase() === key.toLowerCase()) ?? null;
}

export function userRoutes(making: Making): void {
  const { sim } = making;
  const users = sim.shelf<User>('users');
  const target = (call: Call): User => {
    const user = userOf(sim, call.params['id']!, true);
    if (!user) throw notFound(call.params['id']!);
    return user;
  };
  graph(making, 'GET', '/users', READ, (call) => listAnswer(call, users.list().map((one) => withActivity(sim, call, one)!), userRules));
  graph(making, 'GET', '/users/:id', READ, (call) => itemAnswer(call, withActivity(sim, call, userOf(sim, call.params['id']!)), userRules, call.params['id']!));
  graph(making, 'GET', '/users/:id/manager', READ, (call) => {
    const manager = sim.shelf<Link>('managers').list().find((one) => one.from === userOf(sim, call.params['id']!)?.id);
    return itemAnswer(call, manager ? objectOf(sim, manager.to) : null, { context: 'directoryObjects', filterable: [] }, 'manager');
  });

  graph(making, 'POST', '/users', WRITE, (call) => {
    const { passwordProfile, ...body } = call.body as Partial<User>;
    if (!body.displayName || !body.userPrincipalName || !passwordProfile?.password) throw new Fault(400, 'Request_BadRequest', 'A password must be specified to create a new user.');
    if (userOf(sim, body.userPrincipalName, true)) throw new Fault(400, 'Request_BadRequest', 'Another object with the same value for property userPrincipalName already exists.');
    const user = addUser(sim, { ...body, userPrincipalName: body.userPrincipalName }, passwordProfile.password);
    audit(sim, call, 'Add user', 'UserManagement', [{ type: 'User', id: user.id!, displayName: user.displayName!, userPrincipalName: user.userPrincipalName! }], changed({}, { AccountEnabled: user.accountEnabled }));
    return itemAnswer(call, user, userRules, user.id!, 201);
  });

  graph(making, 'PATCH', '/users/:id', [...WRITE, 'User.EnableDisableAccount.All', 'User-PasswordProfile.ReadWrite.All'], (call) => {
    const user = target(call);
    const { passwordProfile, ...rest } = call.body as Partial<User>;
    const names = Object.keys(call.body);
    if (names.some((name) => ['accountEnabled', 'passwordProfile', 'userPrincipalName', 'mobilePhone', 'businessPhones'].includes(name))) mayTouch(sim, call.caller, user.id!);
    narrow(sim, call, names);
    if (user.onPremisesSyncEnabled && names.some((name) => ['displayName', 'givenName', 'surname', 'userPrincipalName', 'department'].includes(name))) throw new Fault(400, 'Request_BadRequest', 'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.');
    if (passwordProfile?.password) {
      sim.passwords.set(user.id!, digest(passwordProfile.password));
      rest.lastPasswordChangeDateTime = sim.iso();
      audit(sim, call, 'Reset user password', 'UserManagement', [named(user)]);
    }
    const after = users.put(user.id!, { ...user, ...rest });
    if (rest.accountEnabled === false && user.accountEnabled !== false) sim.disabledAt.set(user.id!, sim.now());
    if (Object.keys(rest).some((name) => name !== 'lastPasswordChangeDateTime')) audit(sim, call, rest.accountEnabled === undefined ? 'Update user' : rest.accountEnabled ? 'Enable account' : 'Disable account', 'UserManagement', [named(user)], changed(user, after, Object.keys(rest)));
    return noContent;
  });

  graph(making, 'DELETE', '/users/:id', WRITE, (call) => {
    const user = target(call);
    mayTouch(sim, call.caller, user.id!);
    users.remove(user.id!);
    sim.shelf<User>('deletedItems').put(user.id!, { ...user, deletedDateTime: sim.iso() });
    audit(sim, call, 'Delete user', 'UserManagement', [named(user)]);
    return noContent;
  });

  graph(making, 'POST', '/users/:id/revokeSignInSessions', ['User.RevokeSessions.All', ...WRITE], (call) => {
    const user = target(call);
    // A guest’s sessions belong to the home tenant: the call answers as ever and nothing moves there.
    if (user.userType !== 'Guest') users.put(user.id!, { ...user, signInSessionsValidFromDateTime: sim.iso() });
    audit(sim, call, 'Update StsRefreshTokenValidFrom Timestamp', 'UserManagement', [named(user)]);
    return ok({ '@odata.context': `${call.url.origin}/v1.0/$metadata#Edm.Boolean`, value: true });
  });
}

/** The narrow permissions may change one property only. */
function narrow(sim: Sim, call: Call, names: readonly string[]): void {
  if (call.caller.kind !== 'app' || rolesOf(sim, call.caller.id).length > 0 || WRITE.some((one) => call.caller.roles.includes(one))) return;
  const allowed: Record<string, string> = { accountEnabled: 'User.EnableDisableAccount.All', passwordProfile: 'User-PasswordProfile.ReadWrite.All' };
  for (const name of names) if (!call.caller.roles.includes(allowed[name] ?? 'User.ReadWrite.All')) throw new Fault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

export const named = (user: User) => ({ type: 'User', id: user.id!, displayName: user.displayName ?? null, userPrincipalName: user.userPrincipalName ?? null });

/** Puts a person into the directory; with a password they can sign in. */
export function addUser(sim: Sim, given: Partial<User> & { userPrincipalName: string }, password?: string): User {
  const id = given.id ?? newId();
  if (password) sim.passwords.set(id, digest(password));
  return sim.shelf<User>('users').put(id, {
    businessPhones: [], displayName: given.userPrincipalName, givenName: null, jobTitle: null, mail: null, mobilePhone: null, officeLocation: null, preferredLanguage: null, surname: null, accountEnabled: true, userType: 'Member',
    createdDateTime: sim.iso(), lastPasswordChangeDateTime: sim.iso(), signInSessionsValidFromDateTime: sim.iso(), onPremisesSyncEnabled: null, externalUserState: null, identities: [{ signInType: 'userPrincipalName', issuer: sim.domain, issuerAssignedId: given.userPrincipalName }], ...given, id,
  });
}
