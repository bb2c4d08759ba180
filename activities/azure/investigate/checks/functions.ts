import type { Artifact } from '../../../../playbook/model/finding';
import { counted, named, withDetails } from '../../../artifacts';
import { orNull } from '../../errors';
import { parseResourceId } from '../../contain/targets';
import { createReader, defineCheck, each, LAG, trailPermissions } from '../check';
import { trail } from '../trail';

/** 1.3.4: function apps and Logic Apps made or changed. */
export const functions = defineCheck('1.3.4-functions', [...trailPermissions, 'Microsoft.Web/sites/read', 'Microsoft.Logic/workflows/read'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const reader = createReader();
  const artifacts = await each(seen.artifacts.filter((one) => one.kind === 'function'), 4, async (one): Promise<Artifact> => {
    const at = parseResourceId(one.id);
    const { web, logic } = ctx.access.arm(seen.tenant, at.subscription);
    const found = await reader.read(`${at.type} ${at.name}`, async () => ({ now: await orNull<{ state?: string }>(at.type === 'microsoft.logic/workflows' ? logic.workflows.get(at.group, at.name) : web.webApps.get(at.group, at.name)) }));
    return withDetails(one, { exists: found === null ? null : found.now !== null, state: found?.now?.state ?? null });
  });
  return {
    found: artifacts.length > 0, summary: artifacts.length > 0 ? `${artifacts.length} function apps and Logic Apps made or changed (${counted(artifacts)}): ${named(artifacts)}` : 'no function app or Logic App was made or changed',
    artifacts, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, facts: { made: artifacts.filter((one) => one.how === 'created').length },
    records: seen.events.map((one) => one.record).filter((record) => /^microsoft\.(web|logic|automation)\//i.test(record.event)), notes: ['code that is put into a function app past Resource Manager (its own deployment site) leaves no Activity Log record', LAG],
  };
});
