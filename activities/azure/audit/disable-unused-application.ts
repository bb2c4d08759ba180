import type { AppRoleAssignment, FederatedIdentityCredential, ServicePrincipal } from '@microsoft/microsoft-graph-types';
import type { Json, JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { assertSame, keepFirst } from '../../before';
import { fail } from '../../boundary';
import { plain } from '../../check';
import { findPrincipal } from '../contain/principals';
import type { AzureContext } from '../context';
import { guardedAzureAction } from '../define';
import { at } from '../graph';
import { proposableApp, readApp, type AuditedApp } from './exempt';
import { windowOf } from './held';

const keysOf = (one: Pick<ServicePrincipal, 'passwordCredentials' | 'keyCredentials'> | null): string[] => [...(one?.passwordCredentials ?? []), ...(one?.keyCredentials ?? [])].flatMap((key) => key.keyId ?? []);

/** What it may do and how it proves itself, without any secret; Graph shows none. */
async function stateOf(ctx: AzureContext, target: Target, { principal, application }: AuditedApp): Promise<{ [name: string]: Json }> {
  const graph = ctx.access.graph(target.account);
  const [given, federated] = await Promise.all([
    graph.list<AppRoleAssignment>(at`/servicePrincipals/${target.id}/appRoleAssignments`),
    application?.id ? graph.list<FederatedIdentityCredential>(at`/applications/${application.id}/federatedIdentityCredentials`) : [],
  ]);
  return {
    credentials: [...keysOf(principal), ...keysOf(application), ...federated.flatMap((one) => one.id ?? [])].sort(),
    permissions: given.map((one) => `${one.resourceDisplayName ?? one.resourceId} ${one.appRoleId}`).sort(),
  };
}

const patch = (ctx: AzureContext, target: Target, accountEnabled: boolean): Promise<void> => ctx.access.graph(target.account).patch(at`/servicePrincipals/${target.id}`, { accountEnabled });

/** Row audit.4. Target: the service principal of an application of the tenant's own. It gets no new token; its roles, permissions and credentials stay as they are. */
export const disableUnusedApplication = guardedAzureAction('azure.disable-unused-application', {
  permissions: ['Application.ReadWrite.All'],
  async plan(ctx, { target, params }) {
    const app = await proposableApp(ctx, target, windowOf(params));
    const needed = app.principal.accountEnabled !== false;
    return {
      needed, before: { id: app.principal.id ?? '', appId: app.principal.appId ?? '', ...(await stateOf(ctx, target, app)), principal: plain(app.principal), application: plain(app.application) },
      change: needed ? [`disable service principal ${target.name} (application ${app.principal.appId}): no new tokens; roles, permissions and credentials stay as they are`] : [],
    };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const app = await proposableApp(ctx, step.target, windowOf(step.params));
    assertSame(step, { id: app.principal.id ?? '', appId: app.principal.appId ?? '', ...(await stateOf(ctx, step.target, app)) }, ['id', 'appId', 'permissions']);
    if (app.principal.accountEnabled === false) return { already: true };
    const kept = await keepFirst(ctx, step, 'application', step.before);
    await patch(ctx, step.target, false);
    return { disabled: true, kept };
  },
  async verify(ctx, { target }) {
    const principal = await findPrincipal(ctx, target);
    return { holds: principal?.accountEnabled !== true, seen: { enabled: principal?.accountEnabled ?? 'gone' } };
  },
  async undo(ctx, step) {
    const { target, before } = step;
    const app = await readApp(ctx, target.account, target.id);
    if (!app) throw fail('UNDO_IMPOSSIBLE', `${target.name} is gone: there is nothing to restore`);
    // An incident takes credentials and permissions away: what is under attack now is not let in again.
    const now = await stateOf(ctx, target, app);
    const lost = ['credentials', 'permissions'].filter((name) => !(before[name] as string[]).every((one) => (now[name] as string[]).includes(one)));
    if (lost.length > 0) throw fail('UNDO_IMPOSSIBLE', `${target.name} lost ${lost.join(' and ')} since, to an incident or a person: it stays disabled`);
    await patch(ctx, target, true);
    return { seen: { enabled: (await findPrincipal(ctx, target))?.accountEnabled ?? 'gone' }, left: [] };
  },
});
