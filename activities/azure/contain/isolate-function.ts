import type { JsonObject } from '../../../playbook/json';
import { guardedAzureAction, type Verified } from '../define';
import { orNull } from '../errors';
import { armFor } from './arm';

const TYPE = 'Microsoft.Web/sites';

/** Row 2.1.4. Target: a function app (a Standard logic app is one too). Stopped: no trigger runs, and its managed identity gets no token for code that does not run. */
export const isolateFunction = guardedAzureAction('azure.isolate-function', {
  permissions: [`${TYPE}/read`, `${TYPE}/stop/action`, `${TYPE}/start/action`],
  async plan(ctx, { target }) {
    const { arm, at } = armFor(ctx, target, TYPE);
    const { state, kind } = await arm.web.webApps.get(at.group, at.name);
    const needed = state !== 'Stopped';
    return { needed, before: { state: state ?? null, kind: kind ?? null }, change: needed ? [`stop ${kind?.includes('workflowapp') ? 'logic' : 'function'} app ${at.name}`] : [] };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    const { arm, at } = armFor(ctx, target, TYPE);
    await arm.web.webApps.stop(at.group, at.name);
    return { state: 'Stopped' };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const { arm, at } = armFor(ctx, target, TYPE);
    const site = await orNull(arm.web.webApps.get(at.group, at.name));
    return { holds: !site || site.state === 'Stopped', seen: { state: site?.state ?? null } };
  },
  async undo(ctx, { target, before }) {
    const { arm, at } = armFor(ctx, target, TYPE);
    if (before.state === 'Running') await arm.web.webApps.start(at.group, at.name);
    return { seen: { state: (await arm.web.webApps.get(at.group, at.name)).state ?? null }, left: [] };
  },
});
