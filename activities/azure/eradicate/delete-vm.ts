import { digestOf } from '../../../playbook/digest';
import type { JsonObject } from '../../../playbook/json';
import type { Step } from '../../../playbook/model/plan';
import { armFor, polling } from '../contain/arm';
import type { AzureContext } from '../context';
import { orNull } from '../errors';
import { placed } from './by-id';
import { removal } from './removal';

/** Row 3.3. Target: a virtual machine that the attacker made. A snapshot of every disk first; disks that are not deleted with the machine stay as well. */
export const deleteVm = removal('azure.delete-vm', {
  permissions: ['Microsoft.Compute/virtualMachines/read', 'Microsoft.Compute/virtualMachines/delete', 'Microsoft.Compute/disks/read', 'Microsoft.Compute/disks/beginGetAccess/action', 'Microsoft.Compute/snapshots/read', 'Microsoft.Compute/snapshots/write'],
  ...placed('microsoft.compute/virtualmachines'),
  change: (target, state) => [...disksOf(state).map((id) => `snapshot disk ${id.slice(id.lastIndexOf('/') + 1)}`), `delete virtual machine ${target.name}`],
  keep: snapshotDisks,
});

function disksOf(state: JsonObject): string[] {
  const { osDisk, dataDisks } = (((state.properties ?? {}) as JsonObject).storageProfile ?? {}) as { osDisk?: { managedDisk?: { id?: string } }; dataDisks?: { managedDisk?: { id?: string } }[] };
  return [osDisk, ...(dataDisks ?? [])].flatMap((one) => one?.managedDisk?.id ?? []);
}

async function snapshotDisks(ctx: AzureContext, step: Step, state: JsonObject): Promise<JsonObject> {
  const made: string[] = [];
  for (const disk of disksOf(state)) {
    const { arm, at } = armFor(ctx, { account: step.target.account, id: disk }, 'Microsoft.Compute/disks');
    // The same name at a second try: the snapshot of the first is found again, not made twice.
    const name = `tourniquet-${digestOf([ctx.incident, disk.toLowerCase()]).slice(0, 16)}`;
    const known = await orNull(arm.compute.snapshots.get(at.group, name));
    if (known?.provisioningState !== 'Succeeded') {
      await arm.compute.snapshots.beginCreateOrUpdateAndWait(at.group, name, { location: String(state.location ?? ''), creationData: { createOption: 'Copy', sourceResourceId: disk }, tags: { tourniquet: ctx.incident } }, polling);
    }
    made.push(name);
  }
  return { snapshots: made };
}
