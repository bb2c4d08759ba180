import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { text } from '../eradicate/support';
import { accessKeys } from '../iam-read';
import { assertProposable } from './exempt';
import { windowOf } from './quarantine-unused';

interface UnusedKey { id: string; user: string; status: string; createdAt: string }

/** The key as IAM has it now; null when it is gone. */
export async function findKey(ctx: AwsContext, target: Target, user: string): Promise<UnusedKey | null> {
  const key = (await accessKeys(ctx.access.clients(target.account).iam, user)).find((one) => one.id === target.id);
  return key ? { id: key.id, user, status: key.active ? 'Active' : 'Inactive', createdAt: key.createdAt } : null;
}

/** The key, which must be one that the audit may touch. Throws as `assertProposable`. */
export async function proposableKey(ctx: AwsContext, target: Target, params: JsonObject): Promise<UnusedKey & JsonObject> {
  const user = text(params, 'user');
  const key = await findKey(ctx, target, user);
  if (!key) throw fail('NOT_FOUND', `user ${user} has no access key ${target.id}`);
  await assertProposable(ctx, target, user, windowOf(params), key);
  return { ...key };
}
