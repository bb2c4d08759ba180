import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { clientsFor, startAws, type As, type Aws, type AwsOptions, type Clients } from '../../sandbox/aws';
import type { Keys } from '../../sandbox/aws';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

export const account = '111122223333';
export const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';

export const policy = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
export const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object): object => ({ Effect: 'Allow', Action, Resource, ...(Condition ? { Condition } : {}) });
export const deny = (Action: string | string[], Resource: string | string[] = '*', Condition?: object): object => ({ Effect: 'Deny', Action, Resource, ...(Condition ? { Condition } : {}) });

export interface Fixture {
  aws: Aws;
  root: Clients;
  /** Clients that are closed with the fixture. */
  as(keys: Keys, options?: As): Clients;
  /** A new user with a key, and an inline policy or administrator rights. */
  user(document: string | 'admin' | null): Promise<{ name: string; keys: Keys; arn: string }>;
  stop(): Promise<void>;
}

export async function start(options: AwsOptions = {}): Promise<Fixture> {
  const complaints: string[] = [];
  const aws = await startAws({ ...options, say: (line) => complaints.push(line) });
  const open: Clients[] = [];
  const as = (keys: Keys, more: As = {}): Clients => {
    const made = clientsFor(aws.endpoint, keys, more);
    open.push(made);
    return made;
  };
  const root = as(aws.rootKeys(account));
  let count = 0;
  return {
    aws, root, as,
    user: async (document) => {
      const UserName = `user-${(count += 1)}`;
      const { User } = await root.iam.send(new CreateUserCommand({ UserName }));
      if (document === 'admin') await root.iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: admin }));
      else if (document) await root.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: document }));
      const { AccessKey } = await root.iam.send(new CreateAccessKeyCommand({ UserName }));
      return { name: UserName, arn: User!.Arn!, keys: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! } };
    },
    stop: async () => {
      for (const one of open) one.close();
      await aws.stop();
      const failed = complaints.filter((line) => line.startsWith('sandbox AWS:'));
      if (failed.length) throw new Error(`the gateway complained: ${failed.join('\n')}`);
    },
  };
}

/** The AWS error code of a call that must fail. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { Code, name } = error as { Code?: string; name: string };
    return name === 'Error' ? (Code ?? name) : name;
  }
  throw new Error('the call succeeded');
}
