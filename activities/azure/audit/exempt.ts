import type { Application, ServicePrincipal, User } from '@microsoft/microsoft-graph-types';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { isManaged, isMicrosofts } from '../contain/principals';
import type { AzureContext } from '../context';
import { orNull } from '../errors';
import { at, literal } from '../graph';
import { protectedBy } from '../protect';

/** A tag of any of these names, whatever its value but `false`, keeps an application out of the audit. */
const EXEMPT_TAGS: ReadonlySet<string> = new Set(['break-glass', 'breakglass', 'emergency-access', 'tourniquet:exempt']);

/** The user as Entra has it now; `id` is an object id or a UPN. Null when it is gone. */
export const readUser = (ctx: AzureContext, tenant: string, id: string): Promise<User | null> =>
  orNull(ctx.access.graph(tenant).get<User>(at`/users/${id}`, { select: 'id,displayName,userPrincipalName,createdDateTime,accountEnabled' }));

/** Users from before then may have no date (Graph: user, createdDateTime). */
const DATELESS_BEFORE = '2018-06-01T00:00:00Z';
export const madeAt = ({ createdDateTime }: User): string => createdDateTime ?? DATELESS_BEFORE;

/** Why the audit never takes anything from this person, or null. */
export function exemptUser(ctx: Pick<AzureContext, 'access'>, user: User): string | null {
  const name = user.userPrincipalName ?? user.id ?? '';
  const entry = protectedBy(ctx.access.config, user.id ?? '', name);
  if (entry) return `${name} is on the protected list (${entry})`;
  return user.accountEnabled === false ? `${name} is disabled: whoever did that, or the incident that contains it, decides about its roles` : null;
}

export interface AuditedApp {
  principal: ServicePrincipal;
  /** Null: it is registered in another tenant. */
  application: Application | null;
}

export async function readApp(ctx: AzureContext, tenant: string, id: string): Promise<AuditedApp | null> {
  const graph = ctx.access.graph(tenant);
  const principal = await orNull(graph.get<ServicePrincipal>(at`/servicePrincipals/${id}`));
  if (!principal) return null;
  const [application = null] = principal.appId ? await graph.list<Application>('/applications', { filter: `appId eq ${literal(principal.appId)}` }) : [];
  return { principal, application };
}

/** Why the audit never disables this application, or null. */
export function exemptApp(ctx: Pick<AzureContext, 'access'>, { principal, application }: AuditedApp): string | null {
  const name = principal.displayName ?? principal.id ?? '';
  const entry = protectedBy(ctx.access.config, principal.id ?? '', principal.appId ?? '', application?.id ?? '', name);
  if (entry) return `${name} is on the protected list (${entry})`;
  if (isManaged(principal)) return `${name} is a managed identity: no report tells when it was last used, and it cannot be disabled`;
  if (isMicrosofts(principal)) return `${name} is a service of Microsoft’s own`;
  if (!application) return `${name} is registered in another tenant`;
  const tags = tagsOf({ principal, application });
  const tag = Object.keys(tags).find((one) => EXEMPT_TAGS.has(one) && tags[one]!.toLowerCase() !== 'false');
  return tag ? `${name} is tagged ${tag}` : null;
}

/** Entra’s tags are bare text: `owner:dana@…`, `owner=dana@…` and `break-glass` are read as name and value, names in lower case. */
export function tagsOf({ principal, application }: AuditedApp): Record<string, string> {
  const all = [...(application?.tags ?? []), ...(principal.tags ?? [])];
  return Object.fromEntries(all.map((text): [string, string] => {
    if (EXEMPT_TAGS.has(text.toLowerCase())) return [text.toLowerCase(), ''];
    const found = /^(tourniquet:exempt|[^:=]{1,64})[:=](.*)$/i.exec(text);
    return found ? [found[1]!.trim().toLowerCase(), found[2]!.trim()] : [text.toLowerCase(), ''];
  }));
}

/** The wall in the activity that acts, whatever the plan says. Throws PROTECTED_PRINCIPAL, STILL_IN_USE for what is younger than the window, NOT_FOUND. */
export async function proposableUser(ctx: AzureContext, target: Target, user: string, windowMs: number): Promise<User> {
  const found = await readUser(ctx, target.account, user);
  if (!found) throw fail('NOT_FOUND', `no user ${user} in ${target.account}`);
  refuse(ctx, target, exemptUser(ctx, found), madeAt(found), windowMs);
  return found;
}

export async function proposableApp(ctx: AzureContext, target: Target, windowMs: number): Promise<AuditedApp & { application: Application }> {
  const found = await readApp(ctx, target.account, target.id);
  if (!found) throw fail('NOT_FOUND', `no service principal ${target.name} in ${target.account}`);
  refuse(ctx, target, exemptApp(ctx, found), found.application?.createdDateTime, windowMs);
  return { ...found, application: found.application! };
}

/** Throws as above; what has no date counts as young. */
export function refuse(ctx: Pick<AzureContext, 'now'>, target: Target, exempt: string | null, made: string | null | undefined, windowMs: number): void {
  if (exempt) throw fail('PROTECTED_PRINCIPAL', `${exempt}: nothing was done`);
  if (!(ctx.now().getTime() - Date.parse(made ?? '') >= windowMs)) throw fail('STILL_IN_USE', `${target.name} was made ${made ?? 'at an unknown time'}: younger than the audit’s window`);
}
