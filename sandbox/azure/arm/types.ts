import type { Call, Json } from '../protocol/types';
import type { Sim } from '../state/sim';
import type { Resource } from './routes';

/** One type of resource and how ARM treats it. */
export interface ResourceType {
  /** `Microsoft.Network/networkSecurityGroups`, children after a slash: `Microsoft.Network/networkSecurityGroups/securityRules`. */
  type: string;
  /** Which of the usual methods it has; default all of get, list, put, delete. */
  methods?: readonly ('get' | 'list' | 'put' | 'patch' | 'delete')[];
  /** Which take time. */
  slow?: readonly ('put' | 'patch' | 'delete')[];
  /** At any scope (diagnostic settings, locks), not below a resource group. */
  extension?: boolean;
  /** Below a subscription, without a group. */
  subscription?: boolean;
  /** Has no location and is not found by the list of resources. */
  child?: boolean;
  /** ARM action of reading, writing, deleting when it is not `<type>/read` and so on. */
  actions?: Partial<Record<'read' | 'write' | 'delete', string>>;
  /** Properties that the service fills in; throws a Fault for a body that it would refuse. */
  make?(sim: Sim, properties: Json, id: string, before: Resource | null, call: Call): Json;
  /** What a read shows, when it is more than what is kept. */
  show?(sim: Sim, resource: Resource, call: Call): Resource;
  /** What else goes when it goes; throws a Fault when it may not. */
  removed?(sim: Sim, resource: Resource): void;
}
