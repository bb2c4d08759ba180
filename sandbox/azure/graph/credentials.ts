import type { Application, KeyCredential, PasswordCredential } from '@microsoft/microsoft-graph-types';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { readJwt } from '../login/assertion';
import { Fault, noContent, ok, type Call, type Json } from '../protocol/types';
import { newId } from '../state/sim';
import { addSecret, type HolderKind, type HolderOfSecrets } from '../world/applications';
import { audit, changed } from './audit';
import { rolesOf } from '../state/membership';
import { roleTemplates } from './roles-data';
import { notFound } from './odata';
import { graph, type Making } from './routes';

const WRITE = ['Application.ReadWrite.OwnedBy', 'Application.ReadWrite.All', 'Directory.ReadWrite.All'];

/** The secret behind `id` or `appId=…`. */
export function holderOf(making: Making, kind: HolderKind, key: string, truth: boolean): HolderOfSecrets | null {
  const shelf = making.sim.shelf<HolderOfSecrets>(kind);
  const byApp = /^appId=(.+)$/.exec(key)?.[1];
  if (byApp) return (truth ? shelf.truth() : shelf.list()).find((one) => one.appId === byApp) ?? null;
  return truth ? shelf.get(key) : shelf.seen(key);
}

/** Secrets and certificates of applications and service principals. Source: Graph addPassword, removePassword, addKey, removeKey. */
export function credentialRoutes(making: Making): void {
  const { sim } = making;
  for (const kind of ['applications', 'servicePrincipals'] as const) {
    const shelf = sim.shelf<HolderOfSecrets>(kind);
    const target = (call: Call): HolderOfSecrets => {
      const found = holderOf(making, kind, call.params['id']!, true);
      if (!found) throw notFound(call.params['id']!);
      owned(making, call, found);
      return found;
    };
    const tell = (call: Call, before: HolderOfSecrets, after: HolderOfSecrets, what: 'add' | 'remove' | 'update'): void => {
      const activity = kind === 'applications' ? 'Update application – Certificates and secrets management' : what === 'remove' ? 'Remove service principal credentials' : 'Add service principal credentials';
      audit(sim, call, activity, 'ApplicationManagement', [{ type: kind === 'applications' ? 'Application' : 'ServicePrincipal', id: after.id!, displayName: after.displayName ?? null }], changed({ KeyDescription: described(before) }, { KeyDescription: described(after) }));
    };
    graph(making, 'POST', `/${kind}/:id/addPassword`, WRITE, (call) => {
      const before = target(call);
      const given = (call.body['passwordCredential'] ?? {}) as PasswordCredential;
      const { secret, credential } = addSecret(sim, kind, before.id!, given.displayName ?? null, given.endDateTime ?? undefined);
      tell(call, before, shelf.get(before.id!)!, 'add');
      return ok({ '@odata.context': `${call.url.origin}/v1.0/$metadata#microsoft.graph.passwordCredential`, ...credential, secretText: secret });
    });
    graph(making, 'POST', `/${kind}/:id/removePassword`, WRITE, (call) => {
      const before = target(call);
      const left = (before.passwordCredentials ?? []).filter((one) => one.keyId !== call.body['keyId']);
      if (left.length === (before.passwordCredentials ?? []).length) throw new Fault(400, 'Request_BadRequest', `No password credential found with keyId '${String(call.body['keyId'])}'.`);
      const after = shelf.put(before.id!, { ...before, passwordCredentials: left });
      sim.secrets.delete(String(call.body['keyId']));
      tell(call, before, after, 'remove');
      return noContent;
    });
    graph(making, 'POST', `/${kind}/:id/removeKey`, WRITE, (call) => {
      const before = target(call);
      proven(before, String(call.body['proof'] ?? ''), sim.now());
      const left = (before.keyCredentials ?? []).filter((one) => one.keyId !== call.body['keyId']);
      if (left.length === (before.keyCredentials ?? []).length) throw new Fault(400, 'Request_BadRequest', `No credentials found to be removed with keyId '${String(call.body['keyId'])}'.`);
      tell(call, before, shelf.put(before.id!, { ...before, keyCredentials: left }), 'remove');
      return noContent;
    });
  }
}

/** `…OwnedBy` reaches only what the caller owns. */
export function owned({ sim }: Making, { caller }: Call, holder: HolderOfSecrets): void {
  if (caller.kind === 'user' || rolesOf(sim, caller.id).includes(roleTemplates['Global Administrator']) || caller.roles.includes('Application.ReadWrite.All') || caller.roles.includes('Directory.ReadWrite.All')) return;
  if (!sim.shelf<{ id: string; from: string; to: string }>('owners').truth().some((link) => link.from === holder.id && link.to === caller.id)) throw new Fault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
}

/** removeKey wants a token signed with a certificate that is registered: whoever has none uses PATCH instead. */
function proven(holder: HolderOfSecrets, proof: string, now: number): void {
  const jwt = readJwt(proof);
  const good = jwt && jwt.claims['iss'] === holder.id && jwt.claims['aud'] === '00000002-0000-0000-c000-000000000000' && Number(jwt.claims['exp']) * 1000 > now
    && (holder.keyCredentials ?? []).some((one) => one.key && jwt.verified(createPublicKey(new X509Certificate(Buffer.from(String(one.key), 'base64')).toString())));
  if (!good) throw new Fault(401, 'Authentication_MissingOrMalformed', 'Access Token missing or malformed.');
}

/** The keyCredentials that a PATCH leaves: known ones keep their key, new ones must bring one. */
export function patchedKeys(before: Application, given: KeyCredential[]): KeyCredential[] {
  return given.map((one) => {
    const known = before.keyCredentials?.find((old) => old.keyId === one.keyId);
    if (known) return known;
    if (!one.key) throw new Fault(400, 'Request_BadRequest', 'Key credential is missing its key value.');
    const certificate = new X509Certificate(Buffer.from(String(one.key), 'base64'));
    return { customKeyIdentifier: null, displayName: null, endDateTime: new Date(certificate.validTo).toISOString(), startDateTime: new Date(certificate.validFrom).toISOString(), type: 'AsymmetricX509Cert', usage: 'Verify', ...one, key: certificate.raw.toString('base64') as never, keyId: one.keyId ?? newId() };
  });
}

/** As the audit log describes credentials, without their keys. */
function described(holder: HolderOfSecrets): string[] {
  const text = (one: Json | KeyCredential | PasswordCredential, type: string, usage: string): string => `[KeyIdentifier=${String(one.keyId)},KeyType=${type},KeyUsage=${usage},DisplayName=${String(one.displayName ?? '')}]`;
  return [...(holder.passwordCredentials ?? []).map((one) => text(one, 'Password', 'Verify')), ...(holder.keyCredentials ?? []).map((one) => text(one, 'AsymmetricX509Cert', 'Verify'))];
}
