import { DeleteEventSourceMappingCommand, DeleteFunctionCommand, DeleteFunctionUrlConfigCommand } from '@aws-sdk/client-lambda';
import type { JsonObject } from '../../../playbook/json';
import type { Step } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsClients } from '../clients';
import type { AwsContext } from '../context';
import { guardedAction } from '../guarded';
import { downloadCode, findFunction, functionFacts, functionPolicy, readFunctionParts, type FunctionParts } from './function-state';
import { already, assertSame, gone, keepFirst, removed, toJson, whileBusy } from './support';

/** Row 3.6. Target: a function that the attacker made (name, with region). Its code, configuration and policy are kept, then it goes with its triggers, URLs, versions and aliases. */
export const deleteFunction = guardedAction('aws.delete-function', {
  permissions: [
    'lambda:GetFunction', 'lambda:GetPolicy', 'lambda:ListEventSourceMappings', 'lambda:ListAliases', 'lambda:ListVersionsByFunction', 'lambda:GetFunctionUrlConfig',
    'lambda:DeleteEventSourceMapping', 'lambda:DeleteFunctionUrlConfig', 'lambda:DeleteFunction',
  ],
  async plan(ctx, { target }) {
    const { lambda } = ctx.access.clients(target.account, target.region);
    const found = await findFunction(lambda, target.name);
    if (!found) throw fail('NOT_FOUND', `no function ${target.name} in ${target.region}`);
    const parts = await readFunctionParts(lambda, target.name);
    return {
      needed: true,
      before: { ...functionFacts(found), parts: toJson(parts) },
      change: [
        `keep the code, configuration and policy of ${target.name}`,
        ...parts.mappings.map((mapping) => `delete its trigger ${mapping.id} (${mapping.source})`),
        ...parts.urls.map((one) => `delete its address ${one.url}`),
        `delete function ${found.Configuration?.FunctionArn} with ${parts.versions.length} versions and ${parts.aliases.length} aliases`,
      ],
    };
  },
  async apply(ctx, step) {
    const { lambda } = ctx.access.clients(step.target.account, step.target.region);
    const FunctionName = step.target.name;
    const found = await findFunction(lambda, FunctionName);
    if (!found) return already;
    assertSame(step, functionFacts(found), ['arn', 'code', 'image', 'role']);
    const parts = await readFunctionParts(lambda, FunctionName);
    const kept = await keepFunction(ctx, step, lambda, parts);
    for (const mapping of parts.mappings) await removed(lambda.send(new DeleteEventSourceMappingCommand({ UUID: mapping.id })));
    for (const one of parts.urls) await removed(lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName, Qualifier: one.qualifier ?? undefined })));
    // Without a qualifier this deletes every version and alias (Lambda API: DeleteFunction).
    await whileBusy(() => removed(lambda.send(new DeleteFunctionCommand({ FunctionName }))), ['ResourceConflictException']);
    return { deleted: functionFacts(found).arn, kept };
  },
  async verify(ctx, step) {
    const { lambda } = ctx.access.clients(step.target.account, step.target.region);
    const found = await findFunction(lambda, step.target.name);
    return { holds: found === null, seen: { exists: found !== null } };
  },
  undo: gone('the code of $LATEST, the configuration and the policies'),
});

async function keepFunction(ctx: AwsContext, step: Step, lambda: AwsClients['lambda'], parts: FunctionParts): Promise<JsonObject[]> {
  // Read again: the address of the code is valid for ten minutes from here.
  const found = await findFunction(lambda, step.target.name);
  if (!found) throw fail('NOT_FOUND', `${step.target.name} has gone`);
  const policies: JsonObject = { unqualified: await functionPolicy(lambda, step.target.name) };
  for (const alias of parts.aliases) policies[alias] = await functionPolicy(lambda, step.target.name, alias);
  const code = found.Code;
  const image = code?.ResolvedImageUri ?? code?.ImageUri ?? null;
  // An image stays in its registry; its digest is what identifies it.
  if (!image && !code?.Location) throw fail('EVIDENCE_UNAVAILABLE', `Lambda gives no address for the code of ${step.target.name}: the function stays`);
  const kept: JsonObject[] = [];
  if (code?.Location) kept.push(await keepFirst(ctx, step, 'function-code', await downloadCode(code.Location), 'application/zip'));
  kept.push(await keepFirst(ctx, step, 'function', { configuration: toJson(found.Configuration ?? {}), image, tags: found.Tags ?? {}, parts: toJson(parts), policies }));
  return kept;
}
