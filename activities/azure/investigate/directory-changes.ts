import type { Json, JsonObject } from '../../../playbook/json';
import type { Artifact } from '../../../playbook/model/finding';
import { objectOf } from '../../../playbook/triage/reading';
import type { LogRecord, Named } from './record';

type Change = Pick<LogRecord, 'id' | 'event' | 'time' | 'tenant' | 'targets' | 'changes'>;
/** An artifact before it is known whose it is. */
export type Made = Pick<Artifact, 'kind' | 'id' | 'name' | 'how'> & { region?: string | null; details: JsonObject };

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const guidIn = (text: string): string => GUID.exec(text)?.[0]?.toLowerCase() ?? '';

/** `[KeyIdentifier=…,KeyType=Password,KeyUsage=Verify,DisplayName=…]` (Entra audit log: KeyDescription). */
const keyIds = (text: string): string[] => [...text.matchAll(/KeyIdentifier=([0-9a-f-]{36})/gi)].map((match) => match[1]!.toLowerCase());

/**
 * What a directory audit record made or changed. Kinds are those of AWS where they mean the same; `details` (beside `why`): `access-key`: `principal`, `holder`
 * (`application`, `serviceprincipal`), federated ones `federated`; `mfa-device`, `login-profile`: `user`; `policy-attachment`: `relation` (`directory-role`, `app-role`,
 * `oauth2-grant`, `owner`), `principal`, `principalKind`, `role`, `on`; `group` with `user`: a member; `policy`: `object` (`conditional-access`, `named-location`) and `previous`;
 * `trust`: `object` (`domain`, `cross-tenant`) and `outside`. Source: Microsoft Entra audit log activity reference. Pure.
 */
export function directoryChange(change: Change): Made[] {
  const event = change.event.toLowerCase().replace(/–/g, '-').trim();
  const of = (...types: string[]): Named[] => change.targets.filter((one) => types.includes(one.type));
  const value = (name: RegExp): { before: string; after: string } => change.changes.find((one) => name.test(one.name)) ?? { before: '', after: '' };
  const make = (kind: Artifact['kind'], one: Named, how: Artifact['how'], details: JsonObject = {}): Made => ({ kind, id: one.id, name: one.name || one.id, how, region: null, details: { at: change.time, ...details } });
  const principals = of('user', 'serviceprincipal', 'application');

  if (/^(add user|invite external user)$/.test(event)) return of('user').map((one) => make('user', one, 'created'));
  if (/^(add service principal|add application)$/.test(event)) return of('serviceprincipal', 'application').map((one) => make('service-principal', one, 'created', { object: one.type === 'application' ? 'application' : 'service-principal' }));
  if (event === 'add group') return of('group').map((one) => make('group', one, 'created'));
  if (/^(delete user|hard delete user)$/.test(event)) return of('user').map((one) => make('user', one, 'deleted', { restorable: event === 'delete user' }));
  if (/^(delete|remove) (service principal|application)$/.test(event)) return of('serviceprincipal', 'application').map((one) => make('service-principal', one, 'deleted', { object: one.type }));

  if (/^add owner to (application|service principal|group)$/.test(event)) {
    const on = guidIn(value(/ObjectID$/i).before) || of('application', 'group')[0]?.id || of('serviceprincipal')[0]?.id || '';
    const owner = of('user')[0] ?? principals.find((one) => one.id !== on);
    const what = event.slice('add owner to '.length);
    return owner ? [make('policy-attachment', { ...owner, id: `${on || 'unknown'}/${owner.id}` }, 'created', { relation: 'owner', principal: owner.id, principalName: owner.name, principalKind: owner.type, on: onOf(change, owner, on), onKind: what })] : [];
  }
  if (/^add member to group$/.test(event)) {
    const member = principals[0];
    const group = of('group')[0]?.id || guidIn(value(/Group\.ObjectID/i).after);
    return member && group ? [make('group', { id: group, name: of('group')[0]?.name || group, type: 'group' }, 'changed', { user: member.id, userName: member.name })] : [];
  }
  if (/member to role|role assignment to role definition/.test(event) && !/^remove/.test(event)) {
    const role = guidIn(value(/Role\.(TemplateId|ObjectID)|RoleDefinition/i).after) || of('role')[0]?.id || '';
    const roleName = value(/Role\.DisplayName/i).after.replace(/"/g, '') || of('role')[0]?.name || role;
    return of('user', 'serviceprincipal', 'group').slice(0, 1).map((one) => make('policy-attachment', { ...one, id: `${one.id}/${role}` }, 'created', {
      relation: 'directory-role', principal: one.id, principalName: one.name, principalKind: one.type, role: role || null, roleName, eligible: /eligible/.test(event),
    }));
  }
  if (/^add app role assignment (to service principal|grant to user)$/.test(event)) {
    const principal = guidIn(value(/(ServicePrincipal|User)\.ObjectID/i).after);
    const [resource] = of('serviceprincipal');
    const role = guidIn(value(/AppRole\.Id/i).after);
    const name = value(/AppRole\.Value/i).after.replace(/"/g, '');
    return principal ? [make('policy-attachment', { id: `${principal}/${role || name}`, name: name || role, type: '' }, 'created', { relation: 'app-role', principal, principalKind: /user/.test(event) ? 'user' : 'serviceprincipal', appRole: role || null, permission: name, on: resource?.id ?? null })] : [];
  }
  if (/^(add delegated permission grant|consent to application)$/.test(event)) {
    const client = guidIn(value(/ServicePrincipal\.ObjectID/i).after) || (event.startsWith('consent') ? (of('serviceprincipal')[0]?.id ?? '') : '');
    const scope = value(/DelegatedPermissionGrant\.Scope|ConsentAction\.Permissions/i).after.replace(/"/g, '').trim().slice(0, 500);
    return client ? [make('policy-attachment', { id: `${client}/oauth2`, name: scope || 'consent', type: '' }, 'created', { relation: 'oauth2-grant', principal: client, principalKind: 'serviceprincipal', scope, on: event.startsWith('consent') ? null : (of('serviceprincipal')[0]?.id ?? null) })] : [];
  }
  if (/federated identity credential/.test(event) || /FederatedIdentityCredentials/i.test(change.changes.map((one) => one.name).join())) {
    const [holder] = of('application', 'serviceprincipal');
    const { before, after } = value(/FederatedIdentityCredentials?/i);
    const added = namesIn(after).filter((name) => !namesIn(before).includes(name));
    return holder ? added.map((name) => make('access-key', { ...holder, id: name, name }, 'created', { principal: holder.id, principalName: holder.name, holder: holder.type, federated: true })) : [];
  }
  if (/credential|certificates and secrets management/.test(event) || /^update (application|service principal)$/.test(event)) {
    const { before, after } = value(/KeyDescription/i);
    const [holder] = of('application', 'serviceprincipal');
    const known = new Set(keyIds(before));
    return holder ? keyIds(after).filter((id) => !known.has(id)).map((id) => make('access-key', { ...holder, id, name: id }, 'created', { principal: holder.id, principalName: holder.name, holder: holder.type })) : [];
  }
  if (/registered.*security info|temporary access pass|passwordless/.test(event)) return of('user').map((one) => make('mfa-device', one, 'created', { user: one.id, userName: one.name }));
  if (/deleted security info|disable strong authentication/.test(event)) return of('user').map((one) => make('mfa-device', one, 'deleted', { user: one.id, userName: one.name }));
  if (/^(reset (user )?password|reset password \(by admin\)|change user password)/.test(event)) return of('user').map((one) => make('login-profile', one, 'changed', { user: one.id, userName: one.name }));
  if (/conditional access policy$|named location$/.test(event)) {
    const [policy] = change.targets;
    const how = /^(add|create)/.test(event) ? 'created' : /^(delete|remove)/.test(event) ? 'deleted' : 'changed';
    const { before } = value(/ConditionalAccessPolicy|NamedLocation|Policy/i);
    return policy ? [make('policy', policy, how, { object: /named location/.test(event) ? 'named-location' : 'conditional-access', previous: objectIn(before) })] : [];
  }
  if (/^(add|update) role definition$/.test(event)) return change.targets.slice(0, 1).map((one) => make('role', one, event.startsWith('add') ? 'created' : 'changed', { object: 'directory-role' }));
  if (/federation settings on domain|^set domain authentication$/.test(event)) {
    const issuer = value(/Issuer/i).after.replace(/"/g, '').slice(0, 500);
    return change.targets.slice(0, 1).map((one) => make('trust', { ...one, id: one.id || one.name }, 'changed', { object: 'domain', outside: issuer ? [issuer] : [one.name] }));
  }
  if (/cross-tenant access setting|cross-tenant synchronization|^add partner to company/.test(event)) {
    const outside = guidIn(change.changes.map((one) => one.after).join(' ')) || guidIn(change.targets.map((one) => `${one.id} ${one.name}`).join(' '));
    return change.targets.slice(0, 1).map((one) => make('trust', { ...one, id: outside || one.id || one.name, name: outside || one.name }, /^(add|create)/.test(event) ? 'created' : 'changed', { object: 'cross-tenant', outside: outside ? [outside] : [] }));
  }
  if (/^(register|add) device$|^add registered (owner|user) to device$/.test(event)) return of('device').map((one) => make('other', one, 'created', { object: 'device' }));
  return [];
}

/** Where the owner was put: the record’s other target, whatever its order. */
const onOf = (change: Change, owner: Named, on: string): string | null => change.targets.find((one) => one.id !== owner.id && one.id !== '')?.id ?? (on || null);

/** Names of federated credentials in the property’s JSON. */
function namesIn(text: string): string[] {
  const found: string[] = [];
  const walk = (value: Json, depth: number): void => {
    if (depth > 6 || value === null || typeof value !== 'object') return;
    if (Array.isArray(value)) return value.forEach((one) => walk(one, depth + 1));
    const name = value.name ?? value.Name;
    if (typeof name === 'string' && name !== '') found.push(name);
  };
  try {
    walk(JSON.parse(text) as Json, 0);
  } catch {
    // Not JSON: then the record does not name them.
  }
  return [...new Set(found)];
}

function objectIn(text: string): JsonObject | null {
  try {
    const value = JSON.parse(text) as Json;
    const one = Array.isArray(value) ? value[0] : value;
    return Object.keys(objectOf(one)).length > 0 ? objectOf(one) : null;
  } catch {
    return null;
  }
}
