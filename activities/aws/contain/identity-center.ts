import { paginateListInstances, type SSOAdminClient } from '@aws-sdk/client-sso-admin';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { all } from '../eradicate/support';
import { readUntil } from '../poll';

export interface IdentityCenter {
  instanceArn: string;
  storeId: string;
  /** The organisation's management account, where Identity Center is administered. */
  account: string;
  region: string;
}

/** Identity Center's administration clients. Throws NOT_SUPPORTED when no management account is configured. */
export function managementAccount(ctx: AwsContext): string {
  const management = ctx.access.config.accounts.find((account) => account.management);
  if (!management) throw fail('NOT_SUPPORTED', 'IAM Identity Center is administered from the management account, and none is configured (aws.accounts[].management)');
  return management.id;
}

export const ssoClient = (ctx: AwsContext, region: string | null): SSOAdminClient => ctx.access.clients(managementAccount(ctx), region).ssoAdmin;

/** The organisation's instance, in the first configured region that has one; null when there is none. */
export async function findIdentityCenter(ctx: AwsContext): Promise<IdentityCenter | null> {
  const account = managementAccount(ctx);
  for (const region of ctx.access.regions(account)) {
    const [instance] = await all(paginateListInstances({ client: ssoClient(ctx, region) }, {}), (page) => page.Instances);
    if (instance) return { instanceArn: instance.InstanceArn ?? '', storeId: instance.IdentityStoreId ?? '', account, region };
  }
  return null;
}

type OperationStatus = { Status?: string; RequestId?: string; FailureReason?: string } | undefined;

/**
 * Follows one of Identity Center's asynchronous operations to its end: the first answer is only “in progress”.
 * Another operation on the same set gives ConflictException, which passes by itself (seconds). Throws CONFLICT, NOT_IN_EFFECT, REJECTED_BY_CLOUD.
 */
export async function followed(what: string, start: () => Promise<OperationStatus>, look: (requestId: string) => Promise<OperationStatus>): Promise<void> {
  const first = await startedDespiteConflicts(start);
  const last = first?.Status === 'IN_PROGRESS' ? await readUntil(what, () => look(first.RequestId ?? ''), (status) => status?.Status !== 'IN_PROGRESS') : first;
  if (last?.Status !== 'SUCCEEDED') throw fail('REJECTED_BY_CLOUD', `${what}: ${last?.Status ?? 'no status'} ${last?.FailureReason ?? ''}`.trim());
}

async function startedDespiteConflicts(start: () => Promise<OperationStatus>): Promise<OperationStatus> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConflictException' || attempt >= 6) throw error;
      await sleep(200 * 2 ** attempt);
    }
  }
}
