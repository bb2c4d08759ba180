import type { JsonObject } from '../../../playbook/json';
import { guardedAzureAction, type Verified } from '../define';
import { orNull } from '../errors';
import { armFor } from './arm';

const TYPE = 'Microsoft.Logic/workflows';

/** Row 2.1.4. Target: a Consumption logic app. Disabled: no trigger fires; runs that have begun go on to their end (Logic Apps: “Disable or enable”). */
export const isolateLogicApp = guardedAzureAction('azure.isolate-logic-app', {
  permissions: [`${TYPE}/read`, `${TYPE}/disable/action`, `${TYPE}/enable/action`],
  async plan(ctx, { target }) {
    const { arm, at } = armFor(ctx, target, TYPE);
    const { state } = await arm.logic.workflows.get(at.group, at.name);
    const needed = state !== 'Disabled';
    return { needed, before: { state: state ?? null }, change: needed ? [`disable logic app ${at.name}`] : [] };
  },
  async apply(ctx, { target }): Promise<JsonObject> {
    const { arm, at } = armFor(ctx, target, TYPE);
    await arm.logic.workflows.disable(at.group, at.name);
    return { state: 'Disabled' };
  },
  async verify(ctx, { target }): Promise<Verified> {
    const { arm, at } = armFor(ctx, target, TYPE);
    const workflow = await orNull(arm.logic.workflows.get(at.group, at.name));
    return { holds: !workflow || workflow.state === 'Disabled', seen: { state: workflow?.state ?? null } };
  },
  async undo(ctx, { target, before }) {
    const { arm, at } = armFor(ctx, target, TYPE);
    if (before.state === 'Enabled') await arm.logic.workflows.enable(at.group, at.name);
    return { seen: { state: (await arm.logic.workflows.get(at.group, at.name)).state ?? null }, left: [] };
  },
});
