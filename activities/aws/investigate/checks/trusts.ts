import { ListOpenIDConnectProvidersCommand, ListSAMLProvidersCommand } from '@aws-sdk/client-iam';
import { GetPolicyCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListAccountsCommand } from '@aws-sdk/client-organizations';
import { GetBucketPolicyCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import type { Artifact } from '../../../../playbook/model/finding';
import { outsiders, policyDocument } from '../../../../playbook/policy-diff';
import type { AwsContext } from '../../context';
import { accountIdentities } from '../account-identities';
import { createReader, defineCheck, each, pages, plain } from '../check';
import { trail } from '../trail';

type Reader = ReturnType<typeof createReader>;
const MAX_BUCKETS = 300;
const MAX_FUNCTIONS = 300;

interface OpenTrust {
  kind: 'role' | 'bucket' | 'function' | 'identity-provider';
  id: string;
  name: string;
  region: string | null;
  outside: string[];
  createdAt: string | null;
}

/** 2.2.4: who outside of our accounts is let in: roles, identity providers, bucket and function policies. */
export const trusts = defineCheck(
  '2.2.4-trusts',
  [
    'cloudtrail:LookupEvents', 'iam:GetAccountAuthorizationDetails', 'iam:ListOpenIDConnectProviders', 'iam:ListSAMLProviders', 'organizations:ListAccounts', 's3:ListAllMyBuckets', 's3:GetBucketPolicy',
    'lambda:ListFunctions', 'lambda:GetPolicy',
  ],
  async (ctx, aCase) => {
    const { account } = aCase.principal;
    const reader = createReader();
    const [seen, organization] = await Promise.all([trail(ctx, aCase), organizationAccounts(ctx, reader)]);
    // The first is the policies' own account.
    const known = [...new Set([account, ...ctx.access.config.accounts.map((one) => one.id), ...organization])];
    const found = (await Promise.all([rolesOf(ctx, account, known, reader), providersOf(ctx, account, reader), bucketsOf(ctx, account, known, reader), functionsOf(ctx, account, known, reader)])).flat();
    const attackers = new Map(seen.events.filter((one) => one.attribution === 'attacker').flatMap(({ record }) =>
      /^(CreateRole|UpdateAssumeRolePolicy)$/.test(record.eventName) && record.errorCode === null ? [[String(record.request.roleName), record.eventID] as const] : []));
    const isNew = (one: OpenTrust): boolean => one.createdAt !== null && one.createdAt >= seen.windowStart;
    // What the attacker wrote is described in 1.3.6; here a person gets what is new and cannot be attributed.
    const artifacts = found.filter((one) => isNew(one) && !(one.kind === 'role' && attackers.has(one.name))).map((one): Artifact => ({
      provider: 'aws', account, region: one.region, kind: one.kind === 'identity-provider' ? 'other' : one.kind === 'role' ? 'trust' : one.kind === 'bucket' ? 'bucket-policy' : 'function', id: one.id, name: one.name,
      attribution: 'unattributed', how: 'created', events: [],
      details: { why: `made ${one.createdAt}, within the incident, lets in ${one.outside.join(', ')}, and not by a call of the attacker`, outside: one.outside, createdAt: one.createdAt, exists: true },
    }));
    const byAttacker = found.filter((one) => one.kind === 'role' && attackers.has(one.name));
    return {
      found: found.length > 0,
      summary: found.length > 0
        ? `${found.length} ways in from outside of ${known.length} known accounts (${found.filter(isNew).length} made within the incident, ${byAttacker.length} by the attacker): ${found.slice(0, 6).map((one) => `${one.kind} ${one.name} ← ${one.outside.slice(0, 3).join(', ')}`).join('; ')}`
        : 'no role, bucket, function or identity provider lets anybody in from outside',
      artifacts, failed: [...seen.failed, ...reader.failed], raw: plain(found),
      facts: { trusts: found.slice(0, 100).map((one) => ({ ...one, isNew: isNew(one), attackers: one.kind === 'role' && attackers.has(one.name) })), knownAccounts: known.slice(0, 200) },
      notes: ['policies of KMS keys, queues, topics and secrets were not looked at', ...(organization.length === 0 ? ['the organization’s account list was not available: only configured accounts count as ours'] : [])],
    };
  },
);

async function organizationAccounts(ctx: AwsContext, reader: Reader): Promise<string[]> {
  const management = ctx.access.management();
  if (!management) return [];
  const listed = await reader.read('organizations:ListAccounts', async () => {
    const ids: string[] = [];
    for await (const page of pages((NextToken) => management.organizations.send(new ListAccountsCommand({ NextToken })), (one) => one.NextToken)) ids.push(...(page.Accounts ?? []).flatMap((one) => (one.Id ? [one.Id] : [])));
    return ids;
  });
  return listed ?? [];
}

async function rolesOf(ctx: AwsContext, account: string, known: string[], reader: Reader): Promise<OpenTrust[]> {
  const all = await reader.read('iam:GetAccountAuthorizationDetails', () => accountIdentities(ctx, account));
  return (all?.roles ?? []).map((role): OpenTrust => ({
    kind: 'role', id: role.Arn ?? '', name: role.RoleName ?? '', region: null, outside: outsiders(policyDocument(role.AssumeRolePolicyDocument), known), createdAt: role.CreateDate?.toISOString() ?? null,
  })).filter((one) => one.outside.length > 0);
}

async function providersOf(ctx: AwsContext, account: string, reader: Reader): Promise<OpenTrust[]> {
  const { iam } = ctx.access.clients(account);
  const [oidc, saml] = await Promise.all([
    reader.read('iam:ListOpenIDConnectProviders', () => iam.send(new ListOpenIDConnectProvidersCommand({}))), reader.read('iam:ListSAMLProviders', () => iam.send(new ListSAMLProvidersCommand({}))),
  ]);
  const provider = (arn: string, createdAt: string | null): OpenTrust => ({ kind: 'identity-provider', id: arn, name: arn.split('/').slice(1).join('/'), region: null, outside: [arn.split('/').slice(1).join('/')], createdAt });
  return [...(oidc?.OpenIDConnectProviderList ?? []).map((one) => provider(one.Arn ?? '', null)), ...(saml?.SAMLProviderList ?? []).map((one) => provider(one.Arn ?? '', one.CreateDate?.toISOString() ?? null))];
}

async function bucketsOf(ctx: AwsContext, account: string, known: string[], reader: Reader): Promise<OpenTrust[]> {
  const { s3 } = ctx.access.clients(account);
  const listed = await reader.read('s3:ListAllMyBuckets', () => s3.send(new ListBucketsCommand({ MaxBuckets: MAX_BUCKETS })));
  if (listed?.ContinuationToken) reader.failed.push({ where: `buckets after the first ${MAX_BUCKETS}`, error: 'LIMIT_EXCEEDED' });
  const found = await each(listed?.Buckets ?? [], 6, async (bucket): Promise<OpenTrust | null> => {
    const regional = bucket.BucketRegion ? ctx.access.clients(account, bucket.BucketRegion).s3 : s3;
    const policy = await reader.read(`s3:GetBucketPolicy ${bucket.Name}`, async () => {
      try {
        return (await regional.send(new GetBucketPolicyCommand({ Bucket: bucket.Name! }))).Policy ?? null;
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchBucketPolicy') return null;
        throw error;
      }
    });
    const outside = policy ? outsiders(policyDocument(policy), known) : [];
    // A bucket's date is its own, not its policy's: it says nothing about when the door was opened.
    return outside.length > 0 ? { kind: 'bucket', id: `arn:aws:s3:::${bucket.Name}`, name: bucket.Name ?? '', region: bucket.BucketRegion ?? null, outside, createdAt: null } : null;
  });
  return found.filter((one) => one !== null);
}

async function functionsOf(ctx: AwsContext, account: string, known: string[], reader: Reader): Promise<OpenTrust[]> {
  return (await each(ctx.access.regions(account), 3, async (region) => {
    const { lambda } = ctx.access.clients(account, region);
    const names = await reader.read(`${account}/${region} lambda:ListFunctions`, async () => {
      const all: { name: string; arn: string }[] = [];
      for await (const page of pages((Marker) => lambda.send(new ListFunctionsCommand({ Marker })), (one) => one.NextMarker)) {
        all.push(...(page.Functions ?? []).map((one) => ({ name: one.FunctionName ?? '', arn: one.FunctionArn ?? '' })));
        if (all.length >= MAX_FUNCTIONS) break;
      }
      return all;
    });
    if (names && names.length > MAX_FUNCTIONS) reader.failed.push({ where: `${account}/${region} functions after the first ${MAX_FUNCTIONS}`, error: 'LIMIT_EXCEEDED' });
    const found = await each((names ?? []).slice(0, MAX_FUNCTIONS), 5, async ({ name, arn }): Promise<OpenTrust | null> => {
      const policy = await reader.exists(`${account}/${region} lambda:GetPolicy ${name}`, () => lambda.send(new GetPolicyCommand({ FunctionName: name })));
      const outside = policy.value?.Policy ? outsiders(policyDocument(policy.value.Policy), known) : [];
      return outside.length > 0 ? { kind: 'function', id: arn, name, region, outside, createdAt: null } : null;
    });
    return found.filter((one) => one !== null);
  })).flat();
}
