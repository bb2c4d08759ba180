import { RemovePermissionCommand } from '@aws-sdk/client-lambda';
import type { JsonObject } from '../../../playbook/json';
import { fail } from '../../boundary';
import { guardedAction } from '../guarded';
import { findFunction, functionPolicy } from './function-state';
import { already, assertSame, gone, keepFirst, removed, text } from './support';

const qualifierOf = (params: JsonObject) => (typeof params.qualifier === 'string' ? params.qualifier : undefined);

function statementOf(policy: JsonObject | null, sid: string): JsonObject | null {
  const statements = Array.isArray(policy?.Statement) ? (policy.Statement as JsonObject[]) : [];
  return statements.find((one) => one.Sid === sid) ?? null;
}

/** Row 3.6. Target: a function that was there before (name, with region); `params.statementId`: what the attacker added to its policy; `params.qualifier`: of which alias. */
export const removeFunctionPermission = guardedAction('aws.remove-function-permission', {
  permissions: ['lambda:GetFunction', 'lambda:GetPolicy', 'lambda:RemovePermission'],
  async plan(ctx, { target, params }) {
    const { lambda } = ctx.access.clients(target.account, target.region);
    const sid = text(params, 'statementId');
    if (!(await findFunction(lambda, target.name))) throw fail('NOT_FOUND', `no function ${target.name} in ${target.region}`);
    const statement = statementOf(await functionPolicy(lambda, target.name, qualifierOf(params)), sid);
    const change = statement ? [`remove permission ${sid} of function ${target.name}: ${JSON.stringify(statement.Principal ?? null)} may ${JSON.stringify(statement.Action ?? null)}`] : [];
    return { needed: statement !== null, before: { statement }, change };
  },
  async apply(ctx, step) {
    const { lambda } = ctx.access.clients(step.target.account, step.target.region);
    const sid = text(step.params, 'statementId');
    const qualifier = qualifierOf(step.params);
    const policy = await functionPolicy(lambda, step.target.name, qualifier);
    const statement = statementOf(policy, sid);
    if (!statement) return already;
    assertSame(step, { statement }, ['statement']);
    const kept = await keepFirst(ctx, step, 'policy', { function: step.target.id, policy });
    await removed(lambda.send(new RemovePermissionCommand({ FunctionName: step.target.name, StatementId: sid, Qualifier: qualifier })));
    return { removed: sid, kept };
  },
  async verify(ctx, step) {
    const { lambda } = ctx.access.clients(step.target.account, step.target.region);
    const policy = await functionPolicy(lambda, step.target.name, qualifierOf(step.params));
    return { holds: statementOf(policy, text(step.params, 'statementId')) === null, seen: { policy } };
  },
  undo: gone('the function’s policy with the statement'),
});
