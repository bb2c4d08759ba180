import type { Application, PasswordCredential } from '@microsoft/microsoft-graph-types';
import type { AzureConfig } from '../azure/config';
import { createDirectAzureAccess } from '../azure/clients';
import { classifyAzure, gone } from '../azure/errors';
import { at, literal, type Graph } from '../azure/graph';
import { secretCredential } from '../azure/tokens';
import { codeOf, fail, toFailure } from '../boundary';
import type { RotatableCredential } from './provider';
import type { Secret } from './secret';

/** What the emergency application needs of Graph to change its own secret, as an owner of itself (Graph: “Add owner”); everything else it may do by its directory role. */
export const AZURE_APP_SECRET_PERMISSIONS = ['Application.ReadWrite.OwnedBy'] as const;

const LIFE_MS = 365 * 86_400_000;

/**
 * The client secret of the tenant's emergency application; `owner` is its application (client) id, `keyId` the secret's key id. Entra may take a minute to know a new secret everywhere
 * and to forget a removed one. Source: Graph v1.0, application: addPassword, removePassword.
 */
export function azureAppSecret(config: AzureConfig, tenant: string): RotatableCredential {
  const { graphAudience } = config.endpoints;
  // Nothing is kept between calls: a token of before would prove nothing about the secret.
  const login = async ({ owner, secret }: Secret): Promise<{ identity: string }> => {
    await classifying(secretCredential(config, tenant, owner, secret).getToken(`${graphAudience}/.default`));
    return { identity: `application ${owner} in ${tenant}` };
  };
  const graphOf = ({ owner, secret }: Secret): Graph => createDirectAzureAccess(config, { clientId: owner, secret }).graph(tenant);
  const application = async (secret: Secret, select = 'id'): Promise<Application> => {
    const [found] = await graphOf(secret).list<Application>('/applications', { filter: `appId eq ${literal(secret.owner)}`, select });
    if (!found?.id) throw fail('NOT_FOUND', `the emergency application ${secret.owner} is not in tenant ${tenant}`);
    return found;
  };
  return {
    login,
    create: (current) => classifying((async () => {
      const { id } = await application(current);
      const made = await graphOf(current).post<PasswordCredential>(at`/applications/${id!}/addPassword`, { passwordCredential: { displayName: 'Tourniquet break-glass', endDateTime: new Date(Date.now() + LIFE_MS).toISOString() } });
      if (!made.keyId || !made.secretText) throw fail('REJECTED_BY_CLOUD', 'addPassword answered without a secret');
      return { keyId: made.keyId, secret: made.secretText, owner: current.owner };
    })()),
    listIds: (secret) => classifying(application(secret, 'id,passwordCredentials').then((found) => (found.passwordCredentials ?? []).flatMap((one) => one.keyId ?? []))),
    revoke: (secret, keyId) => classifying((async () => {
      const { id, passwordCredentials = [] } = await application(secret, 'id,passwordCredentials');
      // Graph answers an unknown key id with 400, not 404.
      if (passwordCredentials.some((one) => one.keyId === keyId)) await gone(graphOf(secret).post(at`/applications/${id!}/removePassword`, { keyId }));
    })()),
    refuses: (secret) => login(secret).then(() => false, (error: unknown) => {
      // Only the provider's own word counts; not reaching it proves nothing.
      if (codeOf(error) === 'CREDENTIALS_INVALID') return true;
      throw error;
    }),
  };
}

async function classifying<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toFailure(error, classifyAzure);
  }
}
