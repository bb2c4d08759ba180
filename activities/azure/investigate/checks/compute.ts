import { textDetail } from '../../../../playbook/artifacts';
import type { Artifact } from '../../../../playbook/model/finding';
import { counted, named, withDetails } from '../../../artifacts';
import { orNull } from '../../errors';
import { parseResourceId } from '../../contain/targets';
import { createReader, defineCheck, each, LAG, trailPermissions } from '../check';
import { trail } from '../trail';

/** Sizes with GPUs or very many cores, which miners take. Source: Azure, “Sizes for virtual machines”. */
const COSTLY = /^standard_(n[cdgv]|hb|hc|hx|m\d|e\d{2,3}|f\d{2,3}|d\d{2,3})/i;

/** 1.3.1: machines made, and commands run on those that were there. */
export const compute = defineCheck('1.3.1-compute', [...trailPermissions, 'Microsoft.Compute/virtualMachines/read'], async (ctx, aCase) => {
  const seen = await trail(ctx, aCase);
  const reader = createReader();
  const found = seen.artifacts.filter((one) => one.kind === 'instance');
  const artifacts = await each(found, 4, async (one): Promise<Artifact> => {
    if (!/\/providers\/Microsoft\.Compute\/virtualMachines\/[^/]+$/i.test(one.id)) return one;
    const at = parseResourceId(one.id);
    const vm = await reader.read(`virtual machine ${at.name}`, async () => ({ now: await orNull(ctx.access.arm(seen.tenant, at.subscription).compute.virtualMachines.get(at.group, at.name)) }));
    return withDetails(one, { exists: vm === null ? null : vm.now !== null, size: vm?.now?.hardwareProfile?.vmSize ?? textDetail(one, 'size'), ...(vm?.now?.identity?.principalId ? { identity: vm.now.identity.principalId } : {}) });
  });
  const costly = artifacts.filter((one) => one.how === 'created' && COSTLY.test(textDetail(one, 'size') ?? ''));
  const commands = artifacts.filter((one) => one.how === 'changed' && textDetail(one, 'change') !== null);
  return {
    found: artifacts.length > 0,
    summary: artifacts.length > 0 ? `${artifacts.length} machines made or changed (${counted(artifacts)}): ${named(artifacts)}${costly.length > 0 ? `; ${costly.length} of a size that miners take` : ''}${commands.length > 0 ? `; commands or extensions were put on ${commands.length}` : ''}` : 'no machine was made or changed',
    artifacts, failed: [...seen.failed, ...reader.failed], truncated: seen.truncated, facts: { made: artifacts.filter((one) => one.how === 'created').length, costly: costly.length, commands: commands.length },
    records: seen.events.map((one) => one.record).filter((record) => /^microsoft\.(compute|containerinstance)\//i.test(record.event)), notes: [LAG],
  };
});
