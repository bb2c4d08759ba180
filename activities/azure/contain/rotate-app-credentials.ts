import type { PasswordCredential } from '@microsoft/microsoft-graph-types';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../../playbook/json';
import type { Step } from '../../../playbook/model/plan';
import { codeOf, fail, toFailure } from '../../boundary';
import type { AzureContext, RotatedSecretVault } from '../context';
import { guardedAzureAction, type Verified } from '../define';
import { classifyAzure, gone } from '../errors';
import { at } from '../graph';
import { secretCredential } from '../tokens';
import { asJson, credentialsOf, describeCredential, removalPermissions, removeCredentials, type Credential } from './app-credentials';
import { readPrincipal } from './principals';

/** How long a new secret may take to be known to every sign-in server (seconds as a rule). */
const PROOF_MS = 45_000;
const LIFE_MS = 180 * 86_400_000;

/**
 * Row 2.1.3. Target: a service principal that must live on. A new secret is made, kept in the vault and proven to log in; only then every old secret, certificate and
 * federated credential goes. Runs where the vault is. A disabled principal cannot log in and so cannot be proven: STILL_IN_USE.
 */
export const rotateAppCredentials = guardedAzureAction('azure.rotate-app-credentials', {
  permissions: [...removalPermissions],
  async plan(ctx, { target, params }) {
    const principal = await readPrincipal(ctx, target);
    const { application, credentials } = await credentialsOf(ctx, target);
    if (!application) throw fail('NOT_SUPPORTED', `${target.name} has no application in this tenant: its credentials are its owner’s, tell them`);
    if (principal.accountEnabled === false) throw fail('STILL_IN_USE', `${target.name} is disabled: a new secret cannot be proven. Enable it at recovery, then rotate`);
    return {
      needed: credentials.length > 0, before: { credentials: asJson(credentials) }, params: { ...params, application: application.id ?? '', appId: application.appId ?? '' },
      change: credentials.length === 0 ? [] : [
        `make a new secret for application ${target.name}, keep it in the vault, and prove that it logs in`,
        ...credentials.map((one) => `then remove ${describeCredential(one)}`),
      ],
    };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const { target } = step;
    const { vault } = ctx;
    if (!vault) throw fail('INVALID_CONFIG', 'secrets are rotated on the break-glass worker, which has the vault');
    await readPrincipal(ctx, target);
    const { credentials } = await credentialsOf(ctx, target);
    const ours = await keptOnes(vault, step, credentials);
    const old = credentials.filter((one) => isOld(step, one));
    if (ours.length > 0 && old.length === 0) return { newCredential: ours[0]!.id, already: true };
    // One of ours from before a crash cannot be proven any more, since its secret is not read back.
    await removeCredentials(ctx, target, ours);
    const fresh = await makeSecret(ctx, vault, step);
    await removeCredentials(ctx, target, old);
    return { newCredential: fresh, removed: old.map((one) => one.id) };
  },
  async verify(ctx, step): Promise<Verified> {
    const { credentials } = await credentialsOf(ctx, step.target);
    const old = credentials.filter((one) => isOld(step, one)).map((one) => one.id);
    const fresh = credentials.filter((one) => !isOld(step, one)).map((one) => one.id);
    return { holds: old.length === 0 && fresh.length > 0, seen: { old, fresh } };
  },
  undo: async (_ctx, { target, before }) => ({
    seen: {}, left: [...(before.credentials as unknown as Credential[]).map((one) => `${describeCredential(one)} of ${target.name} stays removed`), `the new secret of ${target.name} stays in the vault for its owner`],
  }),
});

const isOld = (step: Step, credential: Credential): boolean => (step.before.credentials as unknown as Credential[]).some((one) => one.id === credential.id);

async function keptOnes(vault: RotatedSecretVault, { target }: Step, credentials: readonly Credential[]): Promise<Credential[]> {
  const held = await Promise.all(credentials.map(async (one) => (one.kind === 'secret' && (await vault.holdsRotatedKey({ account: target.account, user: target.id, accessKeyId: one.id })) ? [one] : [])));
  return held.flat();
}

/** The secret exists here and in the vault, nowhere else: not in a result, not in an error. */
async function makeSecret(ctx: AzureContext, vault: RotatedSecretVault, { target, params }: Step): Promise<string> {
  const graph = ctx.access.graph(target.account);
  const application = String(params.application);
  const made = await graph.post<PasswordCredential>(at`/applications/${application}/addPassword`, {
    passwordCredential: { displayName: `Tourniquet ${ctx.incident}`, endDateTime: new Date(ctx.now().getTime() + LIFE_MS).toISOString() },
  });
  const { keyId, secretText } = made;
  if (!keyId || !secretText) throw fail('REJECTED_BY_CLOUD', 'addPassword answered without a secret');
  try {
    await vault.storeRotatedKey({ account: target.account, user: target.id, accessKeyId: keyId, secret: secretText });
    await prove(ctx, target.account, String(params.appId), secretText);
  } catch (error) {
    // A secret that nobody can use or nobody has is taken away again; the old ones still work.
    await gone(graph.post(at`/applications/${application}/removePassword`, { keyId }));
    throw error;
  }
  return keyId;
}

async function prove(ctx: AzureContext, tenant: string, appId: string, secret: string): Promise<void> {
  const { config } = ctx.access;
  for (const end = Date.now() + PROOF_MS; ; await sleep(1_000)) {
    try {
      await secretCredential(config, tenant, appId, secret).getToken(`${config.endpoints.graphAudience}/.default`);
      return;
    } catch (error) {
      const failure = toFailure(error, classifyAzure);
      if (codeOf(failure) !== 'CREDENTIALS_INVALID') throw failure;
      if (Date.now() > end) throw fail('ROTATION_UNPROVEN', `the new secret of application ${appId} does not log in within ${PROOF_MS / 1000} s`);
    }
  }
}
