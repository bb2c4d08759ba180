import { BudgetsClient } from '@aws-sdk/client-budgets';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { EC2Client } from '@aws-sdk/client-ec2';
import { GuardDutyClient } from '@aws-sdk/client-guardduty';
import { IAMClient } from '@aws-sdk/client-iam';
import { IdentitystoreClient } from '@aws-sdk/client-identitystore';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { S3Client } from '@aws-sdk/client-s3';
import { SSOAdminClient } from '@aws-sdk/client-sso-admin';
import { STSClient } from '@aws-sdk/client-sts';
import { SupportClient } from '@aws-sdk/client-support';
import { WAFV2Client } from '@aws-sdk/client-wafv2';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { fail } from '../boundary';
import type { AwsConfig } from './config';

const constructors = {
  iam: IAMClient, sts: STSClient, ec2: EC2Client, s3: S3Client, lambda: LambdaClient, cloudtrail: CloudTrailClient, guardduty: GuardDutyClient,
  organizations: OrganizationsClient, wafv2: WAFV2Client, budgets: BudgetsClient, costExplorer: CostExplorerClient, ssoAdmin: SSOAdminClient,
  identityStore: IdentitystoreClient, support: SupportClient,
} as const;

/** The services that have one home region for the whole partition. */
const globalServices: ReadonlySet<string> = new Set(['iam', 'organizations', 'budgets', 'costExplorer', 'support']);

export type AwsClients = { readonly [K in keyof typeof constructors]: InstanceType<(typeof constructors)[K]> };

/** Clients per account and region under the responder role, made on first use and kept. */
export interface AwsAccess {
  readonly config: AwsConfig;
  /** `region` null = the global region. Throws INVALID_CONFIG for an account that is not configured. */
  clients(account: string, region?: string | null): AwsClients;
  /** The management account's clients; null when none is configured. */
  management(): AwsClients | null;
  regions(account: string): string[];
}

export type BaseCredentials = AwsCredentialIdentity | AwsCredentialIdentityProvider | undefined;

/** The session name of every responder session: how our own calls are told apart in CloudTrail. */
export const ROLE_SESSION_NAME = 'tourniquet';

/** `base` is who assumes the responder roles: undefined = the SDK's default chain. */
export function createAwsAccess(config: AwsConfig, base: BaseCredentials): AwsAccess {
  return accessWith(config, (account) =>
    fromTemporaryCredentials({
      masterCredentials: base,
      params: { RoleArn: account.roleArn, RoleSessionName: ROLE_SESSION_NAME, DurationSeconds: 3600, ExternalId: account.externalId ?? undefined },
      clientConfig: clientOptions(config, config.globalRegion),
    }),
  );
}

/** Clients that act directly with one credential, whatever the account: the leased emergency credential, or a key under proof. */
export function createDirectAccess(config: AwsConfig, credential: AwsCredentialIdentity): AwsAccess {
  return accessWith(config, () => credential);
}

function accessWith(config: AwsConfig, credentialsFor: (account: AwsConfig['accounts'][number]) => AwsCredentialIdentity | AwsCredentialIdentityProvider): AwsAccess {
  const kept = new Map<string, AwsClients>();
  const credentials = new Map<string, AwsCredentialIdentity | AwsCredentialIdentityProvider>();
  const accountOf = (id: string) => {
    const account = config.accounts.find((one) => one.id === id);
    if (!account) throw fail('INVALID_CONFIG', `account ${id} is not in tourniquet.yaml (aws.accounts)`);
    return account;
  };
  const clients = (id: string, region?: string | null): AwsClients => {
    const where = region ?? config.globalRegion;
    const key = `${id}/${where}`;
    const known = kept.get(key);
    if (known) return known;
    const account = accountOf(id);
    if (!credentials.has(id)) credentials.set(id, credentialsFor(account));
    const made = lazyClients(config, where, credentials.get(id)!);
    kept.set(key, made);
    return made;
  };
  return {
    config,
    clients,
    management: () => {
      const account = config.accounts.find((one) => one.management);
      return account ? clients(account.id) : null;
    },
    regions: (id) => accountOf(id).regions,
  };
}

const handler = new NodeHttpHandler({ connectionTimeout: 3_000, requestTimeout: 15_000 });

/** Options that every client gets. Adaptive retries pace themselves on throttling; the activity's own retry is behind them. */
export function clientOptions(config: Pick<AwsConfig, 'endpoint'>, region: string) {
  return { region, endpoint: config.endpoint ?? undefined, maxAttempts: 4, retryMode: 'standard', requestHandler: handler } as const;
}

function lazyClients(config: AwsConfig, region: string, credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider): AwsClients {
  const made: Partial<Record<keyof AwsClients, unknown>> = {};
  const clients = {} as Record<keyof AwsClients, unknown>;
  for (const name of Object.keys(constructors) as (keyof AwsClients)[]) {
    Object.defineProperty(clients, name, {
      enumerable: true,
      get: () =>
        (made[name] ??= new (constructors[name] as unknown as new (options: object) => unknown)({
          ...clientOptions(config, globalServices.has(name) ? config.globalRegion : region),
          credentials,
          ...(name === 's3' ? { forcePathStyle: config.endpoint !== null } : {}),
        })),
    });
  }
  return clients as unknown as AwsClients;
}
