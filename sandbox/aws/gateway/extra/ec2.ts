import { Fault } from '../protocol/faults';
import { listOf, type Json } from '../protocol/shapes';
import type { Handlers } from './types';

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
