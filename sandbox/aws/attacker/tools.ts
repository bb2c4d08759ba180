import { clientsFor, type Clients } from '../clients';
import type { Keys } from '../control';
import type { Envelope } from '../gateway/cloudtrail/stream';
import type { Aws } from '../start';
import { waitFor } from '../../tools';
import { CreateUserCommand, CreateAccessKeyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { Live } from './types';

/** A Tor exit's address, and a tool that does not say it is an SDK. */
export const hostile = { sourceIp: '185.220.101.34', userAgent: 'python-requests/2.32.3' };
export const externalAccount = '999999999999';

/** Runs something and returns what EventBridge delivered meanwhile. */
export async function during<T>(aws: Aws, run: () => Promise<T>): Promise<{ value: T; events: Envelope[] }> {
  const events: Envelope[] = [];
  const stop = aws.eventStream((envelope) => events.push(envelope));
  try {
    return { value: await run(), events };
  } finally {
    stop();
  }
}

/** `dead`: not accepted at all. `denied`: known, but may do nothing of what it could. `alive`: does harm. */
export async function stateOf(endpoint: string, live: Live): Promise<'dead' | 'denied' | 'alive'> {
  const clients = clientsFor(endpoint, live.keys, hostile);
  try {
    try {
      await clients.sts.send(new GetCallerIdentityCommand({}));
    } catch {
      return 'dead';
    }
    try {
      await live.probe(clients);
      return 'alive';
    } catch (error) {
      if (/AccessDenied|UnauthorizedOperation|InvalidClientTokenId|InvalidAccessKeyId/.test((error as Error).name)) return 'denied';
      throw error;
    }
  } finally {
    clients.close();
  }
}

/** New IAM things take effect after the lag; attackers wait as well. Throws when it never works. */
export async function patiently<T>(what: string, call: () => Promise<T>): Promise<T> {
  return waitFor(async () => {
    try {
      return { value: await call() };
    } catch (error) {
      if (/AccessDenied|InvalidClientTokenId|UnauthorizedOperation|UnrecognizedClient|InvalidAccessKeyId/.test((error as Error).name)) return null;
      throw error;
    }
  }, 20_000, () => new Error(`${what} did not take effect`)).then((answer) => answer.value);
}

/** The attacker's own AWS account, from which planted roles are entered. */
export async function externalActor(aws: Aws): Promise<Clients> {
  const root = clientsFor(aws.endpoint, aws.rootKeys(externalAccount), hostile);
  const UserName = `operator-${Math.random().toString(36).slice(2, 8)}`;
  await root.iam.send(new CreateUserCommand({ UserName }));
  await root.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'all', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }) }));
  const { AccessKey } = await root.iam.send(new CreateAccessKeyCommand({ UserName }));
  root.close();
  const keys: Keys = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const clients = clientsFor(aws.endpoint, keys, hostile);
  await patiently('the attacker’s own key', () => clients.sts.send(new GetCallerIdentityCommand({})));
  return clients;
}
