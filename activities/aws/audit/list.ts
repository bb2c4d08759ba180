import { ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import type { Subject } from '../../../playbook/permission-audit/model';
import type { AuditProviderActivities } from '../../contract-audit';
import type { AwsContext } from '../context';
import { inParallel } from '../eradicate/support';
import { accessKeys } from '../iam-read';
import { nameExemption } from './exempt';

export const listPermissions = ['iam:ListRoles', 'iam:ListUsers', 'iam:ListAccessKeys'] as const;
const PAGE = 100;

/** One page of an account's roles, then of its users with their keys; what is young or exempt by its name is left out at once. `next`: `roles:<marker>`, `users:<marker>`. */
export async function listSubjects(ctx: AwsContext, { account, next, windowMs, now }: Parameters<AuditProviderActivities['list']>[0]): ReturnType<AuditProviderActivities['list']> {
  const { iam } = ctx.access.clients(account);
  const old = (made: Date | string | undefined): boolean => Date.parse(now) - new Date(made ?? now).getTime() >= windowMs;
  const [what, marker] = [next?.startsWith('users:') ? 'users' : 'roles', next?.slice('roles:'.length) || undefined];
  const subject = (kind: Subject['kind'], id: string, name: string, of?: string): Subject => ({ provider: 'aws', account, kind, id, name, ...(of && { of }) });
  if (what === 'roles') {
    const page = await iam.send(new ListRolesCommand({ Marker: marker, MaxItems: PAGE }));
    const subjects = (page.Roles ?? []).filter((one) => old(one.CreateDate) && !nameExemption(ctx, { kind: 'role', name: one.RoleName ?? '', arn: one.Arn ?? '', id: one.RoleId ?? '', path: one.Path ?? '/' }));
    return { subjects: subjects.map((one) => subject('role', one.Arn ?? '', one.RoleName ?? '')), next: page.IsTruncated ? `roles:${page.Marker ?? ''}` : 'users:' };
  }
  const page = await iam.send(new ListUsersCommand({ Marker: marker, MaxItems: PAGE }));
  const users = (page.Users ?? []).filter((one) => !nameExemption(ctx, { kind: 'user', name: one.UserName ?? '', arn: one.Arn ?? '', id: one.UserId ?? '', path: one.Path ?? '/' }));
  const found = await inParallel(users, 4, async (one): Promise<Subject[]> => {
    const name = one.UserName ?? '';
    const keys = (await accessKeys(iam, name)).filter((key) => key.active && old(key.createdAt));
    return [...(old(one.CreateDate) ? [subject('user', one.Arn ?? '', name)] : []), ...keys.map((key) => subject('access-key', key.id, `${key.id} of ${name}`, name))];
  });
  return { subjects: found.flat(), next: page.IsTruncated ? `users:${page.Marker ?? ''}` : null };
}
