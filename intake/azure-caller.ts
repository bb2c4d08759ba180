import type { PrincipalKind } from '../playbook/model/principal';
import { membersOf, text, type Members } from './fields';

const SCHEMA = 'http://schemas.microsoft.com/identity/claims/';
const SOAP = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';

export interface Caller {
  kind: PrincipalKind;
  /** Object id; empty when the record has none. */
  id: string;
  name: string;
  tenant: string;
  mfa: boolean;
}

/**
 * Who called: the claims of the token (`identity.claims` of an export, `claims` of the REST API), Key Vault’s `identity.claim`, or storage’s `identity.requester`.
 * Source: Azure Monitor, Activity log schema; Key Vault logging; Storage monitoring data reference.
 */
export function callerOf(record: Members): Caller {
  const identity = membersOf(record['identity']);
  const claims = membersOf(identity['claims'] ?? identity['claim'] ?? record['claims']);
  const requester = membersOf(identity['requester']);
  const caller = text(record['caller']);
  const upn = text(claims[`${SOAP}upn`]) || text(claims['upn']) || text(requester['upn']);
  const id = text(claims[`${SCHEMA}objectidentifier`]) || text(claims['oid']) || text(requester['objectId']);
  const name = upn || (caller.includes('@') ? caller : '') || text(claims['name']) || text(claims[`${SOAP}name`]) || caller;
  const application = text(claims['appid']) || text(requester['appId']);
  // A person’s token has a scope or a name; an application’s has neither.
  const byPerson = upn !== '' || name.includes('@') || text(claims[`${SCHEMA}scope`]) !== '' || text(claims['scp']) !== '' || text(claims['name']) !== '';
  const byApplication = text(claims['idtyp']) === 'app' || (application !== '' && !byPerson);
  return {
    id, kind: text(claims['xms_mirid']) !== '' ? 'managed-identity' : byApplication ? 'service-principal' : 'user', name: name || (byApplication && id === '' ? application : ''),
    tenant: text(claims[`${SCHEMA}tenantid`]) || text(claims['tid']) || text(requester['tenantId']), mfa: text(claims['http://schemas.microsoft.com/claims/authnmethodsreferences']).includes('mfa'),
  };
}
