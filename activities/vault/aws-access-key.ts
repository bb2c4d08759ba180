import { CreateAccessKeyCommand, DeleteAccessKeyCommand, IAMClient, paginateListAccessKeys } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { classifyAws } from '../aws/errors';
import { codeOf, fail, toFailure } from '../boundary';
import type { RotatableCredential } from './provider';
import type { Secret } from './secret';

export interface AwsAccessKeyOptions {
  region: string;
  /** For a counterpart or a private endpoint; AWS's own by default. */
  endpoint?: string;
}

/** The access key of the emergency IAM user; two keys at most (docs: IAM quotas). IAM may take seconds to know a new key and to forget a deleted one. */
export const AWS_ACCESS_KEY_PERMISSIONS = ['iam:CreateAccessKey', 'iam:DeleteAccessKey', 'iam:ListAccessKeys', 'sts:GetCallerIdentity'] as const;

export function awsAccessKey(options: AwsAccessKeyOptions): RotatableCredential {
  const config = (secret: Secret) => ({ ...options, credentials: { accessKeyId: secret.keyId, secretAccessKey: secret.secret }, maxAttempts: 3 });
  const iam = <T>(secret: Secret, use: (client: IAMClient) => Promise<T>): Promise<T> => closing(new IAMClient(config(secret)), use);
  const whoAmI = (secret: Secret): Promise<string> => closing(new STSClient(config(secret)), async (client) => (await client.send(new GetCallerIdentityCommand({}))).Arn ?? '');
  return {
    login: async (secret) => ({ identity: await whoAmI(secret) }),
    create: (current) => iam(current, async (client) => {
      const key = (await client.send(new CreateAccessKeyCommand({ UserName: current.owner }))).AccessKey;
      if (!key?.AccessKeyId || !key.SecretAccessKey) throw fail('REJECTED_BY_CLOUD', 'CreateAccessKey answered without a key');
      return { keyId: key.AccessKeyId, secret: key.SecretAccessKey, owner: current.owner };
    }),
    listIds: (secret) => iam(secret, async (client) => {
      const ids: string[] = [];
      for await (const page of paginateListAccessKeys({ client }, { UserName: secret.owner })) ids.push(...(page.AccessKeyMetadata ?? []).flatMap((key) => key.AccessKeyId ?? []));
      return ids;
    }),
    revoke: (secret, keyId) => iam(secret, async (client) => {
      await client.send(new DeleteAccessKeyCommand({ UserName: secret.owner, AccessKeyId: keyId }));
    }).catch((error: unknown) => { if (codeOf(error) !== 'NOT_FOUND') throw error; }),
    refuses: (secret) => whoAmI(secret).then(() => false, (error: unknown) => {
      // Only the provider's own word counts; not reaching it proves nothing.
      if (codeOf(error) === 'CREDENTIALS_INVALID') return true;
      throw error;
    }),
  };
}

async function closing<C extends { destroy(): void }, T>(client: C, use: (client: C) => Promise<T>): Promise<T> {
  try {
    return await use(client);
  } catch (error) {
    throw toFailure(error, classifyAws);
  } finally {
    client.destroy();
  }
}
