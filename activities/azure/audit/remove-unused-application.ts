import type { JsonObject } from '../../../playbook/json';
import { assertSame, keepFirst } from '../../before';
import { fail } from '../../boundary';
import { plain } from '../../check';
import { findPrincipal } from '../contain/principals';
import { guardedAzureAction } from '../define';
import { gone } from '../errors';
import { at } from '../graph';
import { proposableApp } from './exempt';
import { windowOf } from './held';

/** Row audit.4, the end: the application is deleted, its service principal with it; Entra keeps both among the deleted items for 30 days. Only one that is still disabled. */
export const removeUnusedApplication = guardedAzureAction('azure.remove-unused-application', {
  permissions: ['Application.ReadWrite.All'],
  async plan(ctx, { target, params }) {
    const { principal, application } = await proposableApp(ctx, target, windowOf(params));
    return {
      needed: true, before: { id: principal.id ?? '', appId: principal.appId ?? '', application: application.id ?? '', state: plain({ principal, application }) },
      change: [`delete application ${target.name} (${principal.appId}) with its service principal; Entra keeps them for 30 days`],
    };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const graph = ctx.access.graph(step.target.account);
    if (!(await findPrincipal(ctx, step.target))) return { already: true };
    const { principal, application } = await proposableApp(ctx, step.target, windowOf(step.params));
    assertSame(step, { id: principal.id ?? '', appId: principal.appId ?? '', application: application.id ?? '' }, ['id', 'appId', 'application']);
    if (principal.accountEnabled !== false) throw fail('PLAN_CHANGED', `${step.target.name} is enabled again: it is not removed`);
    const kept = await keepFirst(ctx, step, 'application', plain({ principal, application }));
    await gone(graph.delete(at`/applications/${application.id ?? ''}`));
    await gone(graph.delete(at`/servicePrincipals/${step.target.id}`));
    return { removed: step.target.id, kept };
  },
  async verify(ctx, { target }) {
    const there = (await findPrincipal(ctx, target)) !== null;
    return { holds: !there, seen: { exists: there } };
  },
  undo: async (_ctx, step) => ({ seen: {}, left: [`${step.target.name} is among Entra’s deleted items for 30 days; its state is in the evidence under ${step.id}`] }),
});
