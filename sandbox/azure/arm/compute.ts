import type { Making } from '../graph/routes';
import { Fault, ok, type Call, type Json } from '../protocol/types';
import { newId } from '../state/sim';
import { resourceType } from './engine';
import { start } from './operations';
import { arm, resourceNotFound, resources, type Resource } from './routes';

const VM = 'Microsoft.Compute/virtualMachines';
const power = (state: string) => [{ code: 'ProvisioningState/succeeded', level: 'Info', displayStatus: 'Provisioning succeeded' }, { code: `PowerState/${state}`, level: 'Info', displayStatus: `VM ${state}` }];

/** Virtual machines with their power state, disks, snapshots, commands run inside. */
export function computeRoutes(making: Making): void {
  const { sim } = making;
  const view = (vm: Resource): Json => ({ vmAgent: { vmAgentVersion: '2.11.1.12', statuses: [] }, statuses: power(sim.power.get(vm.id.toLowerCase()) ?? 'running') });
  resourceType(making, {
    type: VM, slow: ['put', 'patch', 'delete'], make: (_sim, properties) => ({ vmId: newId(), timeCreated: sim.iso(), ...properties }),
    show: (_sim, vm, call) => (call.query.get('$expand') === 'instanceView' ? { ...vm, properties: { ...vm.properties, instanceView: view(vm) } } : vm),
    removed: (_sim, vm) => void sim.power.delete(vm.id.toLowerCase()),
  });
  const item = `/subscriptions/:subscription/resourceGroups/:group/providers/${VM}/:name`;
  const vmOf = (call: Call, truth: boolean): Resource => {
    const { subscription, group, name } = call.params as Record<string, string>;
    const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/${VM}/${name}`;
    const found = truth ? resources(sim).get(id) : resources(sim).seen(id);
    if (!found) throw resourceNotFound(id);
    return found;
  };
  arm(making, 'GET', `${item}/instanceView`, { action: `${VM}/instanceView/read`, handle: (call) => ok(view(vmOf(call, false))) });
  for (const [verb, state] of [['powerOff', 'stopped'], ['deallocate', 'deallocated'], ['start', 'running'], ['restart', 'running']] as const) {
    arm(making, 'POST', `${item}/${verb}`, { action: `${VM}/${verb}/action`, handle: (call) => {
      const vm = vmOf(call, true);
      return start(sim, call, { answer: 'accept', effect: () => void sim.power.set(vm.id.toLowerCase(), state) });
    } });
  }
  arm(making, 'POST', `${item}/runCommand`, { action: `${VM}/runCommand/action`, handle: (call) => {
    const vm = vmOf(call, true);
    if ((sim.power.get(vm.id.toLowerCase()) ?? 'running') !== 'running') throw new Fault(409, 'OperationNotAllowed', 'Cannot modify extensions in the VM when the VM is not running.');
    return start(sim, call, { answer: 'accept', effect: () => ({ value: [{ code: 'ComponentStatus/StdOut/succeeded', level: 'Info', displayStatus: 'Provisioning succeeded', message: '' }] }) });
  } });
  for (const child of ['extensions', 'runCommands']) resourceType(making, { type: `${VM}/${child}`, child: true, slow: ['put', 'delete'] });
  resourceType(making, { type: 'Microsoft.Compute/disks', slow: ['put', 'delete', 'patch'], make: (_sim, properties) => ({ diskState: 'Attached', timeCreated: sim.iso(), ...properties }), removed: (_sim, disk) => {
    if (resources(sim).truth().some((one) => one.type === VM && JSON.stringify(one).toLowerCase().includes(disk.id.toLowerCase()))) throw new Fault(409, 'OperationNotAllowed', `Disk ${disk.name} is attached to a VM and cannot be deleted.`);
  } });
  resourceType(making, { type: 'Microsoft.Compute/snapshots', slow: ['put', 'delete', 'patch'], make: (_sim, properties) => {
    const source = (properties['creationData'] as { sourceResourceId?: string } | undefined)?.sourceResourceId;
    if (!source || !resources(sim).get(source)) throw new Fault(404, 'ResourceNotFound', `The source resource '${source ?? ''}' of the snapshot was not found.`);
    return { timeCreated: sim.iso(), diskState: 'Unattached', diskSizeGB: resources(sim).get(source)!.properties['diskSizeGB'] ?? 30, ...properties };
  } });
  resourceType(making, { type: 'Microsoft.Compute/virtualMachineScaleSets', slow: ['put', 'delete'] });
  resourceType(making, { type: 'Microsoft.ContainerInstance/containerGroups', slow: ['put'] });
}
