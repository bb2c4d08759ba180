import { GetAccountSummaryCommand, paginateListVirtualMFADevices } from '@aws-sdk/client-iam';
import type { AwsContext } from '../context';
import { all } from '../eradicate/support';

/** What IAM says about root (IAM API: GetAccountSummary). */
export type RootState = { mfa: boolean; hardware: boolean; password: boolean; accessKeys: boolean };

export async function readRoot(ctx: AwsContext, account: string): Promise<RootState> {
  const { iam } = ctx.access.clients(account);
  const [summary, devices] = await Promise.all([
    iam.send(new GetAccountSummaryCommand({})),
    all(paginateListVirtualMFADevices({ client: iam }, { AssignmentStatus: 'Assigned' }), (page) => page.VirtualMFADevices),
  ]);
  const map: Partial<Record<string, number>> = summary.SummaryMap ?? {};
  const mfa = map.AccountMFAEnabled === 1;
  // A hardware key or passkey is in no list; a virtual device is in this one.
  const virtual = devices.some((device) => device.User?.Arn?.endsWith(':root') || /:mfa\/root-account-mfa-device$/.test(device.SerialNumber ?? ''));
  return { mfa, hardware: mfa && !virtual, password: map.AccountPasswordPresent !== 0, accessKeys: map.AccountAccessKeysPresent === 1 };
}

/** A member account whose root has no credentials at all: nothing to protect by MFA and no password to change. */
export const rootIsEmpty = ({ password, accessKeys }: RootState): boolean => !password && !accessKeys;
