import { GetAccountSummaryCommand, GetLoginProfileCommand, ListAccessKeysCommand, ListMFADevicesCommand } from '@aws-sdk/client-iam';
import type { Artifact } from '../../../../playbook/model/finding';
import { accountIdentities, isAdmin } from '../account-identities';
import { createReader, defineCheck, each, plain } from '../check';
import { trail } from '../trail';

const OLD_KEY_MS = 90 * 24 * 3_600_000;
const MAX_USERS = 1_000;
const MAX_MAKERS = 20;

/** 2.2.3: ALL users and roles: MFA, keys and their age, administrators, and what is new since the incident began. */
export const allIdentities = defineCheck(
  '2.2.3-all-identities',
  ['cloudtrail:LookupEvents', 'iam:GetAccountAuthorizationDetails', 'iam:ListAccessKeys', 'iam:ListMFADevices', 'iam:GetLoginProfile', 'iam:GetAccountSummary'],
  async (ctx, aCase) => {
    const { account } = aCase.principal;
    const { iam } = ctx.access.clients(account);
    const [all, seen] = await Promise.all([accountIdentities(ctx, account), trail(ctx, aCase)]);
    const reader = createReader();
    const now = ctx.now().getTime();
    const users = await each(all.users.slice(0, MAX_USERS), 6, async (user) => {
      const UserName = user.UserName!;
      const [keys, mfa, login] = await Promise.all([
        reader.exists('iam:ListAccessKeys', () => iam.send(new ListAccessKeysCommand({ UserName }))),
        reader.exists('iam:ListMFADevices', () => iam.send(new ListMFADevicesCommand({ UserName }))),
        reader.exists('iam:GetLoginProfile', () => iam.send(new GetLoginProfileCommand({ UserName }))),
      ]);
      const active = (keys.value?.AccessKeyMetadata ?? []).filter((one) => one.Status === 'Active');
      return {
        name: UserName, arn: user.Arn ?? '', createdAt: user.CreateDate?.toISOString() ?? null, admin: isAdmin(user, all), console: login.exists, mfa: mfa.value ? (mfa.value.MFADevices ?? []).length > 0 : null,
        activeKeys: keys.value ? active.length : null, oldKeys: active.filter((one) => one.CreateDate && now - one.CreateDate.getTime() > OLD_KEY_MS).map((one) => one.AccessKeyId ?? ''),
      };
    });
    const roles = all.roles.map((role) => ({
      name: role.RoleName ?? '', arn: role.Arn ?? '', createdAt: role.CreateDate?.toISOString() ?? null, admin: isAdmin(role, all), lastUsed: role.RoleLastUsed?.LastUsedDate?.toISOString() ?? null,
      serviceLinked: role.Path?.startsWith('/aws-service-role/') === true,
    }));
    const root = await reader.read('iam:GetAccountSummary', () => iam.send(new GetAccountSummaryCommand({})));
    const rootMfa = root ? root.SummaryMap?.AccountMFAEnabled === 1 : null;
    const rootKeys = root ? (root.SummaryMap?.AccountAccessKeysPresent ?? 0) : null;
    const fresh = [...users.map((one) => ({ ...one, kind: 'user' as const })), ...roles.filter((one) => !one.serviceLinked).map((one) => ({ ...one, kind: 'role' as const }))]
      .filter((one) => one.createdAt !== null && one.createdAt >= seen.windowStart);
    const candidates = fresh.filter((one) => !seen.owned.users.has(one.arn.toLowerCase()) && !seen.owned.roles.has(one.arn.toLowerCase()) && !ownRole(ctx.access.config.accounts, one.arn));
    const unexplained = (await each(candidates, 4, async (one, index) => {
      // Each costs a look-up of the two a second: beyond some, only the date is told.
      if (index >= MAX_MAKERS) return { ...one, madeBy: null };
      const history = await seen.historyOf(account, ctx.access.config.globalRegion, one.name, seen.to);
      const birth = history.filter((event) => event.eventName === (one.kind === 'user' ? 'CreateUser' : 'CreateRole') && event.errorCode === null).pop();
      return birth && birth.eventTime < seen.windowStart ? null : { ...one, madeBy: birth?.identity.arn ?? null };
    })).filter((one) => one !== null);
    // Their own events say who made them when it was the attacker; of the rest only the date is suspicious.
    const artifacts = unexplained.map((one): Artifact => ({
      provider: 'aws', account, region: null, kind: one.kind, id: one.arn, name: one.name, attribution: 'unattributed', how: 'created', events: [],
      details: { why: `made ${one.createdAt}${one.madeBy ? ` by ${one.madeBy}` : ''}, within the incident, and not by a call of the attacker`, madeBy: one.madeBy, createdAt: one.createdAt, admin: one.admin, exists: true },
    }));
    const withoutMfa = users.filter((one) => one.console === true && one.mfa === false);
    const old = users.filter((one) => one.oldKeys.length > 0);
    const admins = [...users, ...roles].filter((one) => one.admin);
    const suspicious = fresh.length > 0 || withoutMfa.length > 0 || old.length > 0 || rootMfa === false || (rootKeys ?? 0) > 0;
    return {
      found: suspicious,
      summary: [
        `${all.users.length} users, ${all.roles.length} roles, ${all.groups.length} groups`, `${admins.length} administrators`, `${withoutMfa.length} console users without MFA`, `${old.length} users with keys older than 90 days`,
        `${fresh.length} identities made within the incident`, ...(rootMfa === false ? ['root has no MFA'] : []), ...((rootKeys ?? 0) > 0 ? ['root has access keys'] : []),
        ...(all.users.length > MAX_USERS ? [`keys and MFA were read of ${MAX_USERS} users only`] : []),
      ].join('; '),
      artifacts, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, raw: plain({ users, roles, root: root?.SummaryMap ?? null }),
      facts: {
        users: all.users.length, roles: all.roles.length, administrators: admins.map((one) => one.arn).slice(0, 100), consoleWithoutMfa: withoutMfa.map((one) => one.name).slice(0, 100),
        oldKeys: old.flatMap((one) => one.oldKeys.map((key) => ({ user: one.name, key }))).slice(0, 100), fresh: fresh.map((one) => one.arn).slice(0, 100), rootMfa, rootKeys,
      },
    };
  },
);

const ownRole = (accounts: readonly { roleArn: string }[], arn: string): boolean => accounts.some((one) => one.roleArn.toLowerCase() === arn.toLowerCase());
