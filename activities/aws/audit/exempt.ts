import type { IAMClient } from '@aws-sdk/client-iam';
import { GetRoleCommand, GetUserCommand } from '@aws-sdk/client-iam';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { inlinePolicy } from '../eradicate/identity';
import { orNull } from '../eradicate/support';
import { unchangeable } from '../iam-read';
import { protectedBy } from '../protect';

/** A tag of any of these names, whatever its value but `false`, keeps an identity out of the audit. */
const EXEMPT_TAGS: ReadonlySet<string> = new Set(['break-glass', 'breakglass', 'emergency-access', 'tourniquet:exempt']);
/** Roles that just-in-time access makes and takes away by itself. */
const JIT_PATH = '/tourniquet-jit/';

export interface AuditedIdentity {
  kind: 'role' | 'user';
  name: string;
  arn: string;
  id: string;
  path: string;
  /** ISO. */
  createdAt: string;
  tags: Record<string, string>;
  /** ISO, or null: when the role was last used, or the user's password. Of a role, denied attempts count. */
  lastUsed: string | null;
}

/** The role or user as IAM has it now, with its tags; null when it is gone. */
export async function readAudited(iam: IAMClient, kind: 'role' | 'user', name: string): Promise<AuditedIdentity | null> {
  if (kind === 'role') {
    const role = (await orNull(iam.send(new GetRoleCommand({ RoleName: name }))))?.Role;
    return role ? { kind, name, arn: role.Arn ?? '', id: role.RoleId ?? '', path: role.Path ?? '/', createdAt: role.CreateDate?.toISOString() ?? '', tags: tagsOf(role.Tags), lastUsed: role.RoleLastUsed?.LastUsedDate?.toISOString() ?? null } : null;
  }
  const user = (await orNull(iam.send(new GetUserCommand({ UserName: name }))))?.User;
  return user ? { kind, name, arn: user.Arn ?? '', id: user.UserId ?? '', path: user.Path ?? '/', createdAt: user.CreateDate?.toISOString() ?? '', tags: tagsOf(user.Tags), lastUsed: user.PasswordLastUsed?.toISOString() ?? null } : null;
}

/** By lower-case name. */
const tagsOf = (tags: readonly { Key?: string; Value?: string }[] | undefined): Record<string, string> => Object.fromEntries((tags ?? []).map((tag) => [(tag.Key ?? '').toLowerCase(), tag.Value ?? '']));

/** Why the audit never proposes this identity, or null. Its age is judged apart. `key`: the access key that is meant. */
export async function exemptionOf(ctx: AwsContext, account: string, identity: AuditedIdentity, key?: string): Promise<string | null> {
  const byName = nameExemption(ctx, identity, key);
  if (byName) return byName;
  const tag = Object.keys(identity.tags).find((name) => EXEMPT_TAGS.has(name) && identity.tags[name]!.toLowerCase() !== 'false');
  if (tag) return `${identity.name} is tagged ${tag}`;
  const denied = await inlinePolicy(ctx.access.clients(account).iam, identity.kind, identity.name, ctx.access.config.names.denyPolicy);
  return denied ? `${identity.name} is being contained by an incident` : null;
}

/** What can be told without a call: for lists. */
export function nameExemption(ctx: Pick<AwsContext, 'access'>, identity: Pick<AuditedIdentity, 'kind' | 'name' | 'arn' | 'id' | 'path'>, key = ''): string | null {
  const entry = protectedBy(ctx.access.config, identity.arn, identity.name, identity.id, key);
  if (entry) return `${identity.name} is on the protected list (${entry})`;
  if (identity.path.startsWith(JIT_PATH)) return `${identity.name} belongs to just-in-time access`;
  return identity.kind === 'role' ? unchangeable(identity.arn) : null;
}

/**
 * The wall in the activity that acts, whatever the plan says. Throws PROTECTED_PRINCIPAL for what is never proposed, STILL_IN_USE for what is younger than the window,
 * NOT_FOUND when it is gone.
 */
export async function assertProposable(ctx: AwsContext, target: Target, owner: string, windowMs: number, key?: { id: string; createdAt: string }): Promise<AuditedIdentity> {
  const kind = target.kind === 'role' ? 'role' : 'user';
  const identity = await readAudited(ctx.access.clients(target.account).iam, kind, owner);
  if (!identity) throw fail('NOT_FOUND', `no ${kind} ${owner} in ${target.account}`);
  const why = await exemptionOf(ctx, target.account, identity, key?.id);
  if (why) throw fail('PROTECTED_PRINCIPAL', `${why}: nothing was done`);
  const made = key?.createdAt ?? identity.createdAt;
  if (!(ctx.now().getTime() - Date.parse(made) >= windowMs)) throw fail('STILL_IN_USE', `${target.name} was made ${made}: younger than the audit’s window`);
  return identity;
}

export const exemptPermissions = ['iam:GetRole', 'iam:GetUser', 'iam:GetRolePolicy', 'iam:GetUserPolicy'] as const;
