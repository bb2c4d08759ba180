/** How the responder's application proves itself in a tenant. Nothing here is a secret but what `secret` answers when it is used. */
export type AzureCredentialConfig =
  /** A Kubernetes or GitHub token that Entra trusts; null = the file that AZURE_FEDERATED_TOKEN_FILE names. */
  | { kind: 'workload-identity'; tokenFile: string | null }
  /** PEM file with certificate and key. */
  | { kind: 'certificate'; path: string }
  /** Null = the system-assigned identity. */
  | { kind: 'managed-identity'; clientId: string | null }
  /** The weakest: it can be copied. */
  | { kind: 'client-secret'; secret(): string };

export interface AzureSubscriptionConfig {
  /** GUID in lower case. */
  id: string;
  name: string;
}

export interface AzureTenantConfig {
  /** GUID in lower case; the `account` of every Azure principal and target. */
  id: string;
  name: string;
  /** Application (client) id of the responder. */
  clientId: string;
  credential: AzureCredentialConfig;
  subscriptions: AzureSubscriptionConfig[];
  /** Object ids of the emergency accounts: never touched, and excluded from every Conditional Access policy that Tourniquet makes. */
  emergencyIdentities: string[];
}

/** Where the cloud is: Microsoft's own by cloud name, each replaceable (a private endpoint, the sandbox). Always https. */
export interface AzureEndpoints {
  authority: string;
  graph: string;
  arm: string;
  /** What tokens are asked for; stays the cloud's own when an endpoint is replaced. */
  graphAudience: string;
  armAudience: string;
  /** `core.windows.net` in the commercial cloud: blob endpoints are `https://<account>.blob.<suffix>`. */
  storageSuffix: string;
  /** PEM of a private CA that these endpoints' certificates come from; null = the system's trust. */
  ca: string | null;
}

export interface AzureConfig {
  tenants: AzureTenantConfig[];
  endpoints: AzureEndpoints;
  /** Object ids, UPNs, application ids, resource ids or names that no action may touch. */
  protected: string[];
  /** Addresses and CIDRs that are ours or in a register of known use: never blocked. */
  knownAddresses?: readonly string[];
  /** Reports of Graph’s beta that may be read; none unless named. */
  betaReports?: readonly 'servicePrincipalSignInActivities'[];
  /** Names of the things Tourniquet makes in the tenant. */
  names: AzureNames;
  billing: { monthlyBudgetUsd: number; email: string };
  /** Storage account (resource id) or workspace that diagnostic settings should write to when one must be made anew; null = what it was. */
  logDestination: { storageAccountId: string | null; workspaceId: string | null };
  /** Who Microsoft's support may answer to; null = a person reports it. */
  support: { firstName: string; lastName: string; email: string; country: string; timezone: string; language: string } | null;
}

export interface AzureNames {
  namedLocation: string;
  blockAddressesPolicy: string;
  denyUserPolicy: string;
  nsgRule: string;
  wafRule: string;
  mfaPolicy: string;
}

export const defaultAzureNames: AzureNames = {
  namedLocation: 'Tourniquet blocked addresses',
  blockAddressesPolicy: 'Tourniquet: block addresses',
  denyUserPolicy: 'Tourniquet: block sign-in of',
  nsgRule: 'TourniquetDeny',
  wafRule: 'TourniquetDeny',
  mfaPolicy: 'Tourniquet: require MFA',
};

/** Source: Microsoft Learn, “National clouds” (Graph and sign-in endpoints) and the ARM metadata of each cloud. */
export const azureClouds = {
  public: { authority: 'https://login.microsoftonline.com', graph: 'https://graph.microsoft.com', arm: 'https://management.azure.com', storageSuffix: 'core.windows.net' },
  'us-government': { authority: 'https://login.microsoftonline.us', graph: 'https://graph.microsoft.us', arm: 'https://management.usgovcloudapi.net', storageSuffix: 'core.usgovcloudapi.net' },
  china: { authority: 'https://login.chinacloudapi.cn', graph: 'https://microsoftgraph.chinacloudapi.cn', arm: 'https://management.chinacloudapi.cn', storageSuffix: 'core.chinacloudapi.cn' },
} as const;

export type AzureCloud = keyof typeof azureClouds;

/** The endpoints of a cloud, some of them replaced. */
export function endpointsOf(cloud: AzureCloud, replaced: Partial<Record<'authority' | 'graph' | 'arm' | 'storageSuffix' | 'ca', string | null>> = {}): AzureEndpoints {
  const own = azureClouds[cloud];
  return {
    authority: replaced.authority ?? own.authority, graph: replaced.graph ?? own.graph, arm: replaced.arm ?? own.arm, storageSuffix: replaced.storageSuffix ?? own.storageSuffix,
    graphAudience: own.graph, armAudience: own.arm, ca: replaced.ca ?? null,
  };
}
