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
import type { Keys } from './control';

const constructors = {
  iam: IAMClient, sts: STSClient, ec2: EC2Client, s3: S3Client, lambda: LambdaClient, cloudtrail: CloudTrailClient, guardduty: GuardDutyClient, organizations: OrganizationsClient,
  wafv2: WAFV2Client, budgets: BudgetsClient, costExplorer: CostExplorerClient, ssoAdmin: SSOAdminClient, identityStore: IdentitystoreClient, support: SupportClient,
} as const;

export type Clients = { readonly [K in keyof typeof constructors]: InstanceType<(typeof constructors)[K]> } & { close(): void };

export interface As {
  /** Where the calls come from, for `aws:SourceIp` and the records. */
  sourceIp?: string;
  /** Replaces the SDK's own, as attackers' tools do. */
  userAgent?: string;
  region?: string;
  /** Default 2. */
  maxAttempts?: number;
}

interface Request { headers: Record<string, string> }
type Next = (args: { request: Request }) => unknown;

/** SDK clients that go through the gateway under one key, made on first use. */
export function clientsFor(endpoint: string, keys: Keys, as: As = {}): Clients {
  const made = new Map<string, { destroy(): void }>();
  const clients: Record<string, unknown> = { close: () => { for (const client of made.values()) client.destroy(); } };
  for (const [name, Client] of Object.entries(constructors)) {
    Object.defineProperty(clients, name, {
      enumerable: true,
      get: () => {
        const known = made.get(name);
        if (known) return known;
        const client = new (Client as unknown as new (options: object) => { destroy(): void; middlewareStack: { add(step: (next: Next) => Next, options: object): void } })({
          endpoint, region: as.region ?? 'us-east-1', credentials: keys, forcePathStyle: true, maxAttempts: as.maxAttempts ?? 2,
        });
        client.middlewareStack.add((next) => (args) => {
          if (as.sourceIp) args.request.headers['x-sandbox-source-ip'] = as.sourceIp;
          return next(args);
        }, { step: 'build', name: 'sandboxSource' });
        client.middlewareStack.add((next) => (args) => {
          if (as.userAgent) args.request.headers['user-agent'] = as.userAgent;
          return next(args);
        }, { step: 'finalizeRequest', priority: 'low', name: 'sandboxUserAgent' });
        made.set(name, client);
        return client;
      },
    });
  }
  return clients as unknown as Clients;
}
