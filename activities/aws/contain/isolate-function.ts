import { DeleteFunctionConcurrencyCommand, GetFunctionConcurrencyCommand, GetFunctionConfigurationCommand, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction, type Undone } from '../define';
import { orNull } from '../eradicate/support';
import { refuseProtected } from '../protect';

/** Row 2.1.4. Target: a function. Reserved concurrency 0 stops every invocation and keeps code and configuration (AWS Lambda Developer Guide: “Configuring reserved concurrency”). */
export const isolateFunction = defineAwsAction('aws.isolate-function', {
  permissions: ['lambda:GetFunctionConfiguration', 'lambda:GetFunctionConcurrency', 'lambda:PutFunctionConcurrency', 'lambda:DeleteFunctionConcurrency'],
  async plan(ctx, { target }) {
    refuseProtected(ctx, target);
    if (!(await exists(ctx, target))) throw fail('NOT_FOUND', `no function ${target.name}`);
    const reserved = await reservedOf(ctx, target);
    return { needed: reserved !== 0, before: { reserved }, change: reserved === 0 ? [] : [`set the reserved concurrency of function ${target.name} to 0 (now ${reserved ?? 'not reserved'})`] };
  },
  async apply(ctx, { target }) {
    refuseProtected(ctx, target);
    await lambda(ctx, target).send(new PutFunctionConcurrencyCommand({ FunctionName: target.name, ReservedConcurrentExecutions: 0 }));
    return { reserved: 0 };
  },
  async verify(ctx, { target }) {
    const reserved = await reservedOf(ctx, target);
    const holds = reserved === 0 || !(await exists(ctx, target));
    return { holds, seen: { reserved } };
  },
  async undo(ctx, { target, before }): Promise<Undone> {
    refuseProtected(ctx, target);
    if (!(await exists(ctx, target))) return { seen: { exists: false }, left: [`function ${target.name} is gone`] };
    const reserved = typeof before.reserved === 'number' ? before.reserved : null;
    if (reserved === null) await lambda(ctx, target).send(new DeleteFunctionConcurrencyCommand({ FunctionName: target.name }));
    else await lambda(ctx, target).send(new PutFunctionConcurrencyCommand({ FunctionName: target.name, ReservedConcurrentExecutions: reserved }));
    return { seen: { reserved: await reservedOf(ctx, target) }, left: [] };
  },
});

const lambda = (ctx: AwsContext, target: Target) => ctx.access.clients(target.account, target.region).lambda;

async function exists(ctx: AwsContext, target: Target): Promise<boolean> {
  return (await orNull(lambda(ctx, target).send(new GetFunctionConfigurationCommand({ FunctionName: target.name })))) !== null;
}

async function reservedOf(ctx: AwsContext, target: Target): Promise<number | null> {
  return (await orNull(lambda(ctx, target).send(new GetFunctionConcurrencyCommand({ FunctionName: target.name }))))?.ReservedConcurrentExecutions ?? null;
}
