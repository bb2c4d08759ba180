import { azureCatalogue, type AzureActionId } from '../../../playbook/catalogue';
import { digestOf } from '../../../playbook/digest';
import type { JsonObject } from '../../../playbook/json';
import type { Proposal, Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';

/** An object of the directory: user, service principal, managed identity, application, group. */
export const directoryTarget = (kind: string, tenant: string, id: string, name: string): Target => ({ provider: 'azure', account: tenant, region: null, kind, id, name: name || id });

/** A resource by its ARM id. */
export const resourceTarget = (kind: string, tenant: string, id: string, region: string | null = null): Target => ({ provider: 'azure', account: tenant, region, kind, id, name: id.slice(id.lastIndexOf('/') + 1) });

export interface ResourceId {
  subscription: string;
  group: string;
  /** `Microsoft.Compute/virtualMachines` in lower case. */
  type: string;
  name: string;
  /** Names below the resource, e.g. of a container. */
  parts: string[];
}

/** Reads an ARM id; hostile text that is none throws INVALID_INPUT. Source: Azure Resource Manager, “Resource ID”. */
export function parseResourceId(id: string): ResourceId {
  const match = /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([\w.()-]{1,90})\/providers\/([\w.]+)\/([\w]+)\/([^/?#%\\]{1,260})((?:\/[^/?#%\\]{1,260}){0,8})$/i.exec(id);
  if (!match) throw fail('INVALID_INPUT', `not an Azure resource id: ${id.slice(0, 120)}`);
  const [, subscription = '', group = '', namespace = '', type = '', name = '', rest = ''] = match;
  return { subscription: subscription.toLowerCase(), group, type: `${namespace}/${type}`.toLowerCase(), name, parts: rest.split('/').filter((part) => part !== '') };
}

export function proposal(action: AzureActionId, target: Target, because: string, params: JsonObject = {}): Proposal {
  return { action, target, params, because };
}

const order = Object.keys(azureCatalogue);

/** One proposal for each action, target and address, in the playbook's order; lists of several (`methods`, `keyIds`, …) are joined. */
export function inOrder(proposals: readonly Proposal[]): Proposal[] {
  const byKey = new Map<string, Proposal>();
  for (const one of proposals) {
    const key = `${one.action} ${one.target.account} ${one.target.id.toLowerCase()} ${digestOf([one.params.address ?? null]).slice(0, 8)}`;
    const known = byKey.get(key);
    byKey.set(key, known ? { ...known, params: joined(known.params, one.params) } : one);
  }
  return [...byKey.values()].map((one, index) => ({ one, index })).sort((a, b) => order.indexOf(a.one.action) - order.indexOf(b.one.action) || a.index - b.index).map(({ one }) => one);
}

/** No list means all of them, which is the wider. */
function joined(a: JsonObject, b: JsonObject): JsonObject {
  const both: JsonObject = { ...b, ...a };
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [left, right] = [a[name], b[name]];
    if (Array.isArray(left) && Array.isArray(right)) both[name] = [...new Set([...left, ...right])];
    else if (Array.isArray(left) !== Array.isArray(right)) delete both[name];
  }
  return both;
}
