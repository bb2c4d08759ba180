import { AsyncLocalStorage } from 'node:async_hooks';
import { containActions } from '../../activities/aws/contain';
import type { AwsAccess, AwsClients } from '../../activities/aws/clients';
import { createAwsAccess } from '../../activities/aws/clients';
import type { AwsAction } from '../../activities/aws/define';
import { defaultNames, type AwsConfig } from '../../activities/aws/config';
import type { AwsContext, RotatedKeyVault } from '../../activities/aws/context';
import { classifyAws } from '../../activities/aws/errors';
import { permissionsOf, proposing } from '../../activities/aws/permissions';
import { rootActions } from '../../activities/aws/root';
import { planProposals } from '../../activities/actions';
import type { EvidenceSink } from '../../activities/evidence/sink';
import type { Json } from '../../playbook/json';
import type { Proposal, Refusal, Step } from '../../playbook/model/plan';
import { incident } from '../containment/contract';
import { startAws, type Aws } from '../../sandbox/aws';
import { clientsFor, type Clients } from '../../sandbox/aws/clients';
import { buildWorld, type AwsWorld } from '../../sandbox/aws/world';

/** Whose calls are being made: an action’s id, or `proposing`. */
const caller = new AsyncLocalStorage<string>();
export const asCaller = <T>(name: string, run: () => Promise<T>): Promise<T> => caller.run(name, run);

/** The actions, each of whose calls is written down under its id. */
export const actions: AwsAction[] = [...containActions, ...rootActions].map((action) => ({
  ...action,
  plan: (...args) => asCaller(action.id, () => action.plan(...args)),
  apply: (...args) => asCaller(action.id, () => action.apply(...args)),
  verify: (...args) => asCaller(action.id, () => action.verify(...args)),
  undo: (...args) => asCaller(action.id, () => action.undo(...args)),
}));
export const actionOf = (id: string): AwsAction => actions.find((action) => action.id === id)!;

type Answer = (input: Record<string, unknown>, next: () => Promise<unknown>) => unknown;

export interface Bed {
  aws: Aws;
  world: AwsWorld;
  account: string;
  /** Root of the production and of the management account: to arrange, and to look. */
  home: Clients;
  top: Clients;
  /** IAM actions of the calls that were made, by caller. */
  calls: Map<string, Set<string>>;
  /** Answers given instead of the emulator’s, by operation name. */
  answers: Map<string, Answer>;
  kept: { kind: string; content: Json }[];
  vault: RotatedKeyVault & { keys: Map<string, string>; failing: boolean };
  context(change?: { config?: Partial<AwsConfig>; now?: () => Date; vault?: null }): AwsContext;
  plan(proposal: Proposal, ctx?: AwsContext): Promise<Step | Refusal>;
  stop(): Promise<void>;
}

/** The sandbox organisation with a responder role that has the generated policy and nothing else: what the actions may do is decided by a policy evaluator. */
export async function makeBed(): Promise<Bed> {
  const aws = await startAws();
  const policy = permissionsOf([...actions, proposing], { protected: ['tourniquet-break-glass'] });
  const world = await buildWorld(aws, { responderPolicy: policy, regions: ['us-east-1', 'eu-west-1'] }).catch(async (error: unknown) => {
    await aws.stop();
    throw error;
  });
  const account = world.production.account;
  const calls: Bed['calls'] = new Map();
  const answers: Bed['answers'] = new Map();
  const kept: Bed['kept'] = [];
  const evidence: EvidenceSink = {
    keep: async (_case, kind, content) => {
      kept.push({ kind, content: content as Json });
      return { key: `raw/${kept.length}`, sha256: '0'.repeat(64), bytes: 1 };
    },
    read: () => Promise.reject(new Error('not read here')),
    record: async () => undefined,
  };
  const keys = new Map<string, string>();
  const vault: Bed['vault'] = {
    keys, failing: false,
    storeRotatedKey: async (key) => {
      if (vault.failing) throw new Error('the vault is away');
      keys.set(key.accessKeyId, key.user);
    },
    holdsRotatedKey: async ({ accessKeyId }) => keys.has(accessKeyId),
  };
  const base: AwsConfig = {
    accounts: [world.management, world.production].map((one) => ({
      id: one.account, name: one.name, roleArn: world.responder.roleArns[one.account]!, externalId: world.responder.externalId, regions: world.regions, management: one === world.management,
    })),
    endpoint: aws.endpoint, globalRegion: 'us-east-1', protected: ['tourniquet-break-glass', world.names.websiteBucket], knownAddresses: ['203.0.113.0/24'], names: defaultNames,
    billing: { monthlyBudgetUsd: 100, email: 'a@example.com' }, trailBucket: world.names.logBucket,
  };
  const access = recordingAccess(createAwsAccess(base, world.responder.base), calls, answers);
  const home = clientsFor(aws.endpoint, aws.rootKeys(account));
  const top = clientsFor(aws.endpoint, aws.rootKeys(world.management.account));
  const context: Bed['context'] = (change = {}) => ({
    access: change.config ? { ...access, config: { ...base, ...change.config } } : access,
    incident, caseKey: `${incident}.1`, evidence, vault: change.vault === null ? null : vault, now: change.now ?? (() => new Date()),
  });
  return {
    aws, world, account, home, top, calls, answers, kept, vault, context,
    plan: async (proposal, ctx = context()) => {
      const { steps, refused } = await planProposals(actions, ctx, [proposal], classifyAws);
      return steps[0] ?? refused[0]!;
    },
    stop: async () => {
      home.close();
      top.close();
      await aws.stop();
    },
  };
}

/** Every call leaves its name; an operation with an answer never reaches the emulator. */
function recordingAccess(inner: AwsAccess, calls: Bed['calls'], answers: Bed['answers']): AwsAccess {
  const seen = new WeakSet<object>();
  const watch = (clients: AwsClients): AwsClients =>
    new Proxy(clients, {
      get(target, name: keyof AwsClients) {
        const client = target[name];
        if (seen.has(client)) return client;
        seen.add(client);
        const stack = client.middlewareStack as { add(step: unknown, options: object): void };
        stack.add(
          (next: (args: unknown) => Promise<unknown>, of: { clientName: string; commandName: string }) => async (args: { input: Record<string, unknown> }) => {
            const operation = of.commandName.replace(/Command$/, '');
            const made = calls.get(caller.getStore() ?? 'nobody') ?? new Set<string>();
            calls.set(caller.getStore() ?? 'nobody', made);
            for (const action of iamActions(of.clientName, operation)) made.add(action);
            const answer = answers.get(operation);
            if (!answer) return next(args);
            const result = await answer(args.input, () => next(args));
            return result && typeof result === 'object' && 'output' in result ? result : { output: { $metadata: {}, ...(result as object) }, response: {} };
          },
          { step: 'initialize', name: 'recording' },
        );
        return client;
      },
    });
  return {
    ...inner,
    clients: (account, region) => watch(inner.clients(account, region)),
    management: () => {
      const found = inner.management();
      return found ? watch(found) : null;
    },
  };
}

const prefixes: Record<string, string> = { IAMClient: 'iam', STSClient: 'sts', EC2Client: 'ec2', S3Client: 's3', LambdaClient: 'lambda', CloudTrailClient: 'cloudtrail', SSOAdminClient: 'sso', IdentitystoreClient: 'identitystore', SupportClient: 'support', WAFV2Client: 'wafv2' };

/** Calls whose IAM action has another name, or needs a second one (Service Authorization Reference). */
const exceptions: Record<string, string[]> = {
  's3:GetPublicAccessBlock': ['s3:GetBucketPublicAccessBlock'], 's3:PutPublicAccessBlock': ['s3:PutBucketPublicAccessBlock'], 's3:DeletePublicAccessBlock': ['s3:PutBucketPublicAccessBlock'],
  'ec2:AssociateIamInstanceProfile': ['ec2:AssociateIamInstanceProfile', 'iam:PassRole'],
};

function iamActions(client: string, operation: string): string[] {
  const name = `${prefixes[client] ?? client}:${operation}`;
  return exceptions[name] ?? [name];
}

/** An AWS error by its name, as the SDK throws it. */
export const awsError = (name: string, status = 400): Error => Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });

/** The step, or the test fails with why it was refused. */
