import { GetLoginProfileCommand, paginateListMFADevices, paginateListUsers, type IAMClient } from '@aws-sdk/client-iam';
import { attachedPolicies } from '../eradicate/identity';
import { all, inParallel, orNull } from '../eradicate/support';

export interface HumanUser {
  name: string;
  arn: string;
  mfa: 'hardware' | 'virtual' | 'none';
  admin: boolean;
}

/** Users with a console password: people. Users with keys alone are services. */
export async function humanUsers(iam: IAMClient): Promise<HumanUser[]> {
  const users = await all(paginateListUsers({ client: iam }, {}), (page) => page.Users);
  const read = await inParallel(users, 6, async (user): Promise<HumanUser | null> => {
    const name = user.UserName ?? '';
    if (!(await orNull(iam.send(new GetLoginProfileCommand({ UserName: name }))))) return null;
    const [devices, attached] = await Promise.all([
      orNull(all(paginateListMFADevices({ client: iam }, { UserName: name }), (page) => page.MFADevices)), orNull(attachedPolicies(iam, 'user', name)),
    ]);
    const serials = (devices ?? []).map((device) => device.SerialNumber ?? '');
    // A virtual device's serial is an ARN `…:mfa/…`; security keys are `…:u2f/…`, tokens a bare number (IAM API: MFADevice).
    const mfa = serials.some((serial) => !/:mfa\//.test(serial)) ? 'hardware' : serials.length > 0 ? 'virtual' : 'none';
    return { name, arn: user.Arn ?? '', mfa, admin: (attached ?? []).some((policy) => /:aws:policy\/(AdministratorAccess|IAMFullAccess|PowerUserAccess)$/.test(policy.arn)) };
  });
  return read.filter((one) => one !== null).sort((a, b) => (a.name < b.name ? -1 : 1));
}
