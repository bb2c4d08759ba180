import * as budgetsSdk from '@aws-sdk/client-budgets';
import * as cloudtrailSdk from '@aws-sdk/client-cloudtrail';
import * as costExplorerSdk from '@aws-sdk/client-cost-explorer';
import * as ec2Sdk from '@aws-sdk/client-ec2';
import * as guarddutySdk from '@aws-sdk/client-guardduty';
import * as iamSdk from '@aws-sdk/client-iam';
import * as identitystoreSdk from '@aws-sdk/client-identitystore';
import * as lambdaSdk from '@aws-sdk/client-lambda';
import * as organizationsSdk from '@aws-sdk/client-organizations';
import * as s3Sdk from '@aws-sdk/client-s3';
import * as ssoAdminSdk from '@aws-sdk/client-sso-admin';
import * as stsSdk from '@aws-sdk/client-sts';
import * as supportSdk from '@aws-sdk/client-support';
import * as wafv2Sdk from '@aws-sdk/client-wafv2';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Codec, OperationSchema } from '@smithy/types';

export type Protocol = 'query' | 'ec2' | 'json' | 'rest-json' | 'rest-xml';

export interface Operation {
  name: string;
  input: NormalizedSchema;
  output: NormalizedSchema;
  /** REST protocols only: method, path template, and the query literals that tell operations apart. */
  http: { method: string; path: string[]; query: Record<string, string | null> } | null;
  /** S3: the first path segment is a bucket. */
  takesBucket: boolean;
}

/** One AWS service as the SDK's own model describes it: the gateway parses, serialises and records from this, with no shapes of its own. */
export interface Service {
  /** Signing name, as in the SigV4 credential scope. */
  name: string;
  /** IAM action prefix. */
  actions: string;
  /** CloudTrail's eventSource. */
  source: string;
  protocol: Protocol;
  /** X-Amz-Target prefix of the JSON protocols. */
  target: string;
  xmlNamespace: string;
  operations: ReadonlyMap<string, Operation>;
  codec: Codec<string | Uint8Array, string | Uint8Array> | null;
  /** Lives in one region; events are recorded there. */
  global: boolean;
  sdk: Record<string, unknown>;
}

interface Row { sdk: object; protocol: Protocol; client: string; source?: string; actions?: string; global?: boolean }

const rows: Record<string, Row> = {
  iam: { sdk: iamSdk, client: 'IAMClient', protocol: 'query', global: true },
  sts: { sdk: stsSdk, client: 'STSClient', protocol: 'query' },
  ec2: { sdk: ec2Sdk, client: 'EC2Client', protocol: 'ec2' },
  s3: { sdk: s3Sdk, client: 'S3Client', protocol: 'rest-xml' },
  lambda: { sdk: lambdaSdk, client: 'LambdaClient', protocol: 'rest-json' },
  cloudtrail: { sdk: cloudtrailSdk, client: 'CloudTrailClient', protocol: 'json' },
  guardduty: { sdk: guarddutySdk, client: 'GuardDutyClient', protocol: 'rest-json' },
  organizations: { sdk: organizationsSdk, client: 'OrganizationsClient', protocol: 'json', global: true },
  wafv2: { sdk: wafv2Sdk, client: 'WAFV2Client', protocol: 'json' },
  budgets: { sdk: budgetsSdk, client: 'BudgetsClient', protocol: 'json', global: true },
  ce: { sdk: costExplorerSdk, client: 'CostExplorerClient', protocol: 'json', global: true },
  sso: { sdk: ssoAdminSdk, client: 'SSOAdminClient', protocol: 'json' },
  identitystore: { sdk: identitystoreSdk, client: 'IdentitystoreClient', protocol: 'json', source: 'sso-directory.amazonaws.com' },
  support: { sdk: supportSdk, client: 'SupportClient', protocol: 'json', global: true },
};

const loaded = new Map<string, Service>();

/** The service with this signing name, or null: the sandbox answers only for services whose model it has. */
export function serviceOf(name: string): Service | null {
  const known = loaded.get(name);
  if (known) return known;
  const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (!row) return null;
  const service = load(name, row);
  loaded.set(name, service);
  return service;
}

export const serviceNames: readonly string[] = Object.keys(rows);

interface ClientConfig { protocol: { getPayloadCodec?(): Codec<string | Uint8Array, string | Uint8Array> }; protocolSettings: { serviceTarget?: string; xmlNamespace?: string } }

function load(name: string, row: Row): Service {
  const sdk = row.sdk as Record<string, unknown>;
  const Client = sdk[row.client] as new (options: object) => { config: ClientConfig };
  const { config } = new Client({ region: 'us-east-1', credentials: { accessKeyId: 'none', secretAccessKey: 'none' } });
  const operations = new Map<string, Operation>();
  for (const value of Object.values(sdk)) {
    if (!Array.isArray(value) || value[0] !== 9) continue;
    const [, , operation, traits, input, output] = value as unknown as [9, string, string, unknown, OperationSchema['input'], OperationSchema['output']];
    const inputSchema = NormalizedSchema.of(input as never);
    operations.set(operation, {
      name: operation,
      input: inputSchema,
      takesBucket: inputSchema.isStructSchema() && 'Bucket' in inputSchema.getMemberSchemas(),
      output: NormalizedSchema.of(output as never),
      http: row.protocol.startsWith('rest') ? httpOf(traits) : null,
    });
  }
  return {
    name,
    actions: row.actions ?? name,
    source: row.source ?? `${name}.amazonaws.com`,
    protocol: row.protocol,
    target: config.protocolSettings.serviceTarget ?? '',
    xmlNamespace: config.protocolSettings.xmlNamespace ?? '',
    operations,
    codec: row.protocol === 'json' || row.protocol === 'rest-json' ? config.protocol.getPayloadCodec!() : null,
    global: row.global === true,
    sdk,
  };
}

function httpOf(traits: unknown): Operation['http'] {
  const http = typeof traits === 'object' && traits !== null ? (traits as { http?: [string, string, number] }).http : undefined;
  if (!http) return null;
  const [method, uri] = http;
  const [path, query = ''] = uri.split('?') as [string, string?];
  const literals: Record<string, string | null> = {};
  for (const part of query.split('&').filter(Boolean)) {
    const [key, value] = part.split('=') as [string, string?];
    literals[key] = value ?? null;
  }
  return { method, path: path.split('/').filter(Boolean), query: literals };
}
