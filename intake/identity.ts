import type { Session } from '../playbook/model/alert';
import type { Principal, PrincipalKind, ProviderId } from '../playbook/model/principal';
import { azurePrincipal, azureSession } from './azure-fields';
import { actorOf } from './cloudtrail-principal';
import type { ParseOptions } from './source';

/** Whom an alert of a SIEM or of OCSF names, in whatever words it has. */
export interface Named {
  /** ARN, Entra object id, UPN, SID, `DOMAIN\name` or a bare name. */
  id: string;
  name?: string | undefined;
  kind?: PrincipalKind | undefined;
  provider?: ProviderId | undefined;
  account?: string | undefined;
  accessKeyId?: string | undefined;
}

export interface Identified {
  provider: ProviderId | null;
  account: string | null;
  principal: Principal | null;
  session: Session | null;
}

export const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ARN = /^arn:(aws[a-z-]{0,20}):(?:iam|sts)::(\d{12}):(root|user|role|assumed-role|federated-user)(?:\/(.{1,1024}))?$/;
const IAM_NAME = /^[\w+=,.@-]{1,128}$/;

/** The principal as every other source names it, so that alerts join; null when the words name nobody in a cloud that is known. */
export function identify(named: Named, options: ParseOptions): Identified {
  const id = named.id.trim();
  const arn = ARN.exec(id);
  if (arn) return byArn(id, arn[2]!, arn[3]!, arn[4] ?? '', named);
  const person = id === '' ? null : (options.personOf?.(id) ?? null);
  const account = named.account ?? null;
  if (person) return { provider: person.provider, account: person.account, principal: person, session: null };
  const guid = GUID.test(id);
  const provider = named.provider ?? (account !== null && /^\d{12}$/.test(account) ? 'aws' : guid || (account !== null && GUID.test(account)) || options.tenant !== undefined ? 'azure' : null);
  if (provider === 'aws') {
    if (account === null) return { provider, account, principal: null, session: null };
    if (id.toLowerCase() === 'root' || named.kind === 'root') return byArn(`arn:aws:iam::${account}:root`, account, 'root', '', named);
    if (!IAM_NAME.test(id) || named.kind === 'service') return { provider, account, principal: null, session: null };
    return byArn(`arn:aws:iam::${account}:${named.kind === 'role' ? 'role' : 'user'}/${id}`, account, named.kind === 'role' ? 'role' : 'user', id, named);
  }
  if (provider === null) return { provider, account, principal: null, session: null };
  const tenant = account?.toLowerCase() ?? options.tenant ?? null;
  // A bare name is nobody: two people may share it. An object id or a UPN is one.
  if (tenant === null || !(guid || id.includes('@'))) return { provider, account: tenant, principal: null, session: null };
  return { provider, account: tenant, principal: azurePrincipal(tenant, named.kind ?? 'user', guid ? id : '', named.name ?? (guid ? '' : id)), session: azureSession() };
}

function byArn(arn: string, account: string, kind: string, rest: string, named: Named): Identified {
  const accessKeyId = named.accessKeyId ?? null;
  const type = kind === 'root' ? 'Root' : kind === 'user' ? 'IAMUser' : kind === 'federated-user' ? 'FederatedUser' : 'AssumedRole';
  const identity = { type, arn, accountId: account, ...(accessKeyId === null ? {} : { accessKeyId }), ...(kind === 'role' ? { sessionContext: { sessionIssuer: { type: 'Role', arn } } } : {}), ...(kind === 'user' ? { userName: rest.slice(rest.lastIndexOf('/') + 1) } : {}) };
  const { principal, session } = actorOf(identity, account, '');
  return { provider: 'aws', account, principal, session };
}
