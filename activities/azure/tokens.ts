import { ClientCertificateCredential, ClientSecretCredential, ManagedIdentityCredential, WorkloadIdentityCredential, type TokenCredential } from '@azure/identity';
import { fail } from '../boundary';
import type { AzureConfig, AzureTenantConfig } from './config';

/** Tokens of one application in one tenant; kept by the identity library until shortly before they expire. */
export interface Tokens {
  /** `fresh` throws the kept ones away first: the service refused one. `claims` is a Conditional Access evaluation's demand (CAE), passed on as it came. */
  get(audience: string, options?: { fresh?: boolean; claims?: string }): Promise<string>;
}

export function tokensOf(make: () => TokenCredential): Tokens {
  let credential = make();
  return {
    async get(audience, { fresh = false, claims } = {}) {
      if (fresh && !claims) credential = make();
      const token = await credential.getToken(`${audience}/.default`, claims ? { claims } : {});
      if (!token) throw fail('CREDENTIALS_INVALID', `no token for ${audience}`);
      return token.token;
    },
  };
}

/** Options that make the identity library speak to a replaced authority. Errors at use: AuthenticationError, CredentialUnavailableError. */
export function identityOptions(config: Pick<AzureConfig, 'endpoints'>) {
  const { authority, ca } = config.endpoints;
  return {
    authorityHost: authority,
    // Only Microsoft's own authorities are in its list of known ones.
    disableInstanceDiscovery: !/^https:\/\/login\.(microsoftonline\.(com|us)|chinacloudapi\.cn)$/.test(authority),
    ...(ca ? { tlsOptions: { ca } } : {}),
    retryOptions: { maxRetries: 2, maxRetryDelayInMs: 2_000 },
  };
}

/** The responder's own credential in a tenant. */
export function responderCredential(config: Pick<AzureConfig, 'endpoints'>, tenant: AzureTenantConfig): TokenCredential {
  const options = identityOptions(config);
  const { id, clientId, credential } = tenant;
  switch (credential.kind) {
    case 'workload-identity':
      return new WorkloadIdentityCredential({ ...options, tenantId: id, clientId, ...(credential.tokenFile ? { tokenFilePath: credential.tokenFile } : {}) });
    case 'certificate':
      return new ClientCertificateCredential(id, clientId, { certificatePath: credential.path }, options);
    case 'managed-identity':
      return credential.clientId ? new ManagedIdentityCredential({ clientId: credential.clientId }) : new ManagedIdentityCredential();
    case 'client-secret':
      return new ClientSecretCredential(id, clientId, credential.secret(), options);
  }
}

/** A credential that is a secret of an application: the leased emergency one, or one under proof. */
export function secretCredential(config: Pick<AzureConfig, 'endpoints'>, tenant: string, clientId: string, secret: string): TokenCredential {
  return new ClientSecretCredential(tenant, clientId, secret, identityOptions(config));
}

/** The application permissions in a Graph token; empty when it is opaque. Only ever used to word an explanation, never to decide. */
export function rolesIn(token: string): string[] {
  try {
    const { roles } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { roles?: unknown };
    return Array.isArray(roles) ? roles.filter((role): role is string => typeof role === 'string') : [];
  } catch {
    return [];
  }
}
