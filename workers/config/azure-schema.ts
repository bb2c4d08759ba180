import { z } from 'zod';
import { secretRef } from './secret';

export const guid = (what: string) => z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, `${what} is a GUID`).transform((text) => text.toLowerCase());
/** Tokens go there. */
const endpoint = z.url().refine((text) => text.startsWith('https:'), 'https').nullable().default(null);

export const azureCredential = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('workload-identity'), tokenFile: z.string().nullable().default(null).describe('null = AZURE_FEDERATED_TOKEN_FILE') }),
  z.strictObject({ kind: z.literal('certificate'), path: z.string().min(1).describe('PEM file with certificate and key') }),
  z.strictObject({ kind: z.literal('managed-identity'), clientId: z.string().nullable().default(null) }),
  z.strictObject({ kind: z.literal('client-secret'), secret: secretRef }),
]);

const tenant = z.strictObject({
  id: guid('a tenant id'),
  name: z.string().min(1),
  clientId: guid('an application (client) id').describe('the responder’s application'),
  servicePrincipalId: guid('an object id').nullable().default(null).describe('object id of the responder’s service principal (enterprise application): what it does itself is no alert'),
  credential: azureCredential,
  subscriptions: z.array(z.strictObject({ id: guid('a subscription id'), name: z.string().min(1) })).default([]),
  emergencyCredential: z.string().nullable().default(null).describe('its name in the vault: the secret of the emergency application'),
  emergencyIdentities: z.array(z.string().min(1)).default([]).describe('object ids of the emergency accounts and the emergency application: never touched, excluded from every policy that Tourniquet makes'),
});

/** `azure` in tourniquet.yaml. */
export const azureSchema = z.strictObject({
  cloud: z.enum(['public', 'us-government', 'china']).default('public'),
  endpoints: z.strictObject({ authority: endpoint, graph: endpoint, arm: endpoint, storageSuffix: z.string().nullable().default(null), caFile: z.string().nullable().default(null).describe('PEM of a private CA that these endpoints’ certificates come from') }).prefault({}).describe('null = the cloud’s own'),
  tenants: z.array(tenant).min(1),
  protected: z.array(z.string().min(1)).default([]).describe('object ids, UPNs, application ids, resource ids or names that no action may touch'),
  betaReports: z.array(z.enum(['servicePrincipalSignInActivities'])).default([]).describe('reports of Graph’s beta that the permission audit may read: Microsoft does not support them in production; without it applications are never proposed'),
  budget: z.strictObject({ monthlyUsd: z.number().positive(), email: z.email() }),
  logDestination: z.strictObject({ storageAccountId: z.string().nullable().default(null), workspaceId: z.string().nullable().default(null) }).prefault({}),
  support: z
    .strictObject({ firstName: z.string().min(1), lastName: z.string().min(1), email: z.email(), country: z.string().regex(/^[A-Z]{3}$/, 'ISO 3166-1 alpha-3'), timezone: z.string().default('UTC'), language: z.string().default('en-US') })
    .nullable()
    .default(null)
    .describe('whom Microsoft’s support answers; null = a person reports it'),
});
