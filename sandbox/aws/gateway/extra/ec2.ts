import { Fault } from '../protocol/faults';
import { isObject, listOf, type Json } from '../protocol/shapes';
import type { Afters, Handlers } from './types';

export const ec2: Handlers = {
  /** moto ignores DisableApiTermination (EC2 User Guide, "Change instance termination protection"). */
  TerminateInstances: async ({ call, ask }) => {
    if (call.input.DryRun === true) return null;
    for (const id of listOf(call.input.InstanceIds).map(String)) {
      const answer = await ask('DescribeInstanceAttribute', { InstanceId: id, Attribute: 'disableApiTermination' }).catch(() => ({}) as Json);
      if ((answer.DisableApiTermination as { Value?: boolean } | undefined)?.Value === true) {
        throw new Fault('OperationNotPermitted', `The instance '${id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`);
      }
    }
    return null;
  },
};

export const ec2After: Afters = {
  /** In moto an interface has its own groups and the instance's besides; in AWS the instance's are those of its primary interface (EC2 API reference, ModifyInstanceAttribute, "Groups"). */
  ModifyNetworkInterfaceAttribute: async ({ call, ask }) => {
    if (listOf(call.input.Groups).length === 0) return;
    const { NetworkInterfaces } = await ask('DescribeNetworkInterfaces', { NetworkInterfaceIds: [call.input.NetworkInterfaceId] });
    const attachment = listOf(NetworkInterfaces).filter(isObject)[0]?.Attachment as { InstanceId?: string; DeviceIndex?: number } | undefined;
    if (attachment?.InstanceId && (attachment.DeviceIndex ?? 0) === 0) await ask('ModifyInstanceAttribute', { InstanceId: attachment.InstanceId, Groups: call.input.Groups });
  },
};
