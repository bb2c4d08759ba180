import { DescribeBudgetsCommand } from '@aws-sdk/client-budgets';
import { DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail';
import { GetAnomalyMonitorsCommand } from '@aws-sdk/client-cost-explorer';
import { DescribeInstancesCommand, DescribeSecurityGroupRulesCommand, DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import { ListDetectorsCommand } from '@aws-sdk/client-guardduty';
import { GetAccountAuthorizationDetailsCommand } from '@aws-sdk/client-iam';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { Action } from '../../activities/action';
import { fail } from '../../activities/boundary';
import { createDirectAccess, type AwsAccess, type AwsClients } from '../../activities/aws/clients';
import { defaultNames, type AwsConfig } from '../../activities/aws/config';
import type { AwsContext } from '../../activities/aws/context';
import type { EvidenceSink } from '../../activities/evidence/sink';
import { sha256Hex } from '../../playbook/digest';
import { canonicalJson, type JsonObject } from '../../playbook/json';
import type { Proposal, Step } from '../../playbook/model/plan';
import { stepId } from '../../playbook/plan';
import { startAws, type Aws } from '../../sandbox/aws';
import { actionsOf } from './permissions-of';

export const management = '100000000001';
export const account = '200000000002';
const region = 'us-east-1';
const second = 'eu-west-1';

/** What happened, in order: `keep policy`, `iam.DeleteUser`. */
export type Log = string[];

export interface Bench {
  aws: Aws;
  /** The responder's context; every call and every kept piece of evidence is in `log`. */
  ctx: AwsContext;
  config: AwsConfig;
  log: Log;
  /** IAM permissions of the calls since the last reset. */
  used: Set<string>;
  evidence: { fail: boolean; kept: { kind: string; content: unknown }[]; keys: string[] };
  /** Clients that are not watched: what the test itself does. */
  as(where?: string, account?: string): AwsClients;
  stop(): Promise<void>;
}

export async function startBench(now: () => Date = () => new Date()): Promise<Bench> {
  const aws = await startAws();
  const config: AwsConfig = {
    accounts: [
      { id: management, name: 'management', roleArn: `arn:aws:iam::${management}:role/tourniquet`, externalId: null, regions: [region], management: true },
      { id: account, name: 'production', roleArn: `arn:aws:iam::${account}:role/tourniquet`, externalId: null, regions: [region, second], management: false },
    ],
    endpoint: aws.endpoint, globalRegion: region, protected: ['break-glass'], names: defaultNames, billing: { monthlyBudgetUsd: 500, email: 'cloud@example.org' }, trailBucket: null,
  };
  const log: Log = [];
  const used = new Set<string>();
  const evidence: Bench['evidence'] = { fail: false, kept: [], keys: [] };
  const direct = new Map<string, AwsAccess>();
  const accessOf = (id: string): AwsAccess => {
    const known = direct.get(id);
    if (known) return known;
    const made = createDirectAccess(config, aws.rootKeys(id));
    direct.set(id, made);
    return made;
  };
  const plain = new Map<string, AwsAccess>();
  const sink: EvidenceSink = {
    keep: async (_case, kind, content) => {
      if (evidence.fail) throw fail('EVIDENCE_UNAVAILABLE', 'the store is away');
      log.push(`keep ${kind}`);
      evidence.kept.push({ kind, content });
      const text = content instanceof Uint8Array ? Buffer.from(content).toString('base64') : canonicalJson(content);
      return { key: `raw/${sha256Hex(text)}`, sha256: sha256Hex(text), bytes: text.length };
    },
    read: async () => new Uint8Array(),
    record: async (_case, entries) => {
      if (evidence.fail) throw fail('EVIDENCE_UNAVAILABLE', 'the store is away');
      for (const entry of entries) if (!evidence.keys.includes(entry.key)) evidence.keys.push(entry.key);
    },
  };
  const watched = new WeakSet<object>();
  const access: AwsAccess = {
    config,
    clients: (id, where) => watch(accessOf(id).clients(id, where), log, used, watched),
    management: () => watch(accessOf(management).clients(management), log, used, watched),
    regions: (id) => config.accounts.find((one) => one.id === id)!.regions,
  };
  return {
    aws, config, log, used, evidence,
    ctx: { access, incident: 'inc-0123456789abcdef0123', caseKey: 'inc-0123456789abcdef0123.1', evidence: sink, vault: null, now },
    as: (where = region, id = account) => {
      if (!plain.has(id)) plain.set(id, createDirectAccess(config, aws.rootKeys(id)));
      return plain.get(id)!.clients(id, where);
    },
    stop: () => aws.stop(),
  };
}

interface Stack {
  middlewareStack: { add(middleware: (next: (args: { input: unknown }) => Promise<unknown>, context: { commandName?: string }) => (args: { input: unknown }) => Promise<unknown>, options: { step: 'initialize'; name: string }): void };
}

/** Puts every command's name into the log, without changing it. */
function watch(clients: AwsClients, log: Log, used: Set<string>, watched: WeakSet<object>): AwsClients {
  return new Proxy(clients, {
    get(target, name: string) {
      const client = (target as unknown as Record<string, Stack>)[name]!;
      if (!watched.has(client)) {
        watched.add(client);
        client.middlewareStack.add(
          (next, context) => (args) => {
            const command = (context.commandName ?? '').replace(/Command$/, '');
            log.push(`${name}.${command}`);
            for (const permission of actionsOf(name, command, args.input as JsonObject)) used.add(permission);
            return next(args);
          },
          { step: 'initialize', name: 'watch' },
        );
      }
      return client;
    },
  });
}

export const isRead = (line: string): boolean => /\.(Get|List|Describe|Head|Generate|Lookup|Simulate)/.test(line) || line.startsWith('keep ');
/** What was changed, without what only keeps evidence. */
export const writes = (log: Log): Log => log.filter((line) => !isRead(line) && line !== 'ec2.CreateSnapshot');

/** A step as the plan activity makes it. */
export async function planned(action: Action<AwsContext>, ctx: AwsContext, proposal: Proposal): Promise<Step> {
  const draft = await action.plan(ctx, proposal);
  const params = draft.params ?? proposal.params;
  return {
    id: stepId(action.id, proposal.target, params), action: action.id, row: action.row, title: action.title, target: proposal.target, params, tier: action.tier, reversible: action.reversible,
    queue: action.queue, human: action.human, before: draft.before, change: draft.change, needed: draft.needed, because: proposal.because,
  };
}

export const proposal = (action: string, kind: string, id: string, name: string, params: JsonObject = {}, where: string | null = null, of = account): Proposal => ({
  action, target: { provider: 'aws', account: of, region: where, kind, id, name }, params, because: 'the test says so',
});

/** What there is in the account, as far as the actions of this folder could change it; read with clients that are not watched. */
export async function worldOf(bench: Pick<Bench, 'as'>): Promise<string> {
  const bare = async (run: Promise<object>) => {
    const { $metadata: _, ...rest } = (await run) as { $metadata?: unknown };
    return rest;
  };
  const { iam, ec2, s3, lambda, guardduty, cloudtrail, budgets, costExplorer } = bench.as();
  const paying = bench.as(region, management);
  const buckets = (await s3.send(new ListBucketsCommand({}))).Buckets ?? [];
  return JSON.stringify(
    await Promise.all([
      bare(iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['User', 'Role', 'Group', 'LocalManagedPolicy'], MaxItems: 1000 }))),
      bare(ec2.send(new DescribeInstancesCommand({}))), bare(ec2.send(new DescribeSecurityGroupRulesCommand({}))), bare(ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))),
      ...buckets.map((bucket) => bare(s3.send(new ListObjectVersionsCommand({ Bucket: bucket.Name })))), bare(lambda.send(new ListFunctionsCommand({}))),
      bare(guardduty.send(new ListDetectorsCommand({}))), bare(cloudtrail.send(new DescribeTrailsCommand({}))), bare(budgets.send(new DescribeBudgetsCommand({ AccountId: account }))),
      bare(costExplorer.send(new GetAnomalyMonitorsCommand({}))), bare(paying.costExplorer.send(new GetAnomalyMonitorsCommand({}))), bare(paying.budgets.send(new DescribeBudgetsCommand({ AccountId: management }))),
    ]),
  );
}
