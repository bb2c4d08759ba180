import type { Making } from '../graph/routes';
import { Fault, noContent, ok, type Call, type Json } from '../protocol/types';
import type { Sim } from '../state/sim';
import { resourceType } from './engine';
import { start } from './operations';
import { arm, armList, resourceNotFound, resources, type Resource } from './routes';

const NSG = 'Microsoft.Network/networkSecurityGroups';
type Rule = { id: string; name: string; type: string; properties: Json };

/** What every group ends with. Source: Network security groups, default security rules. */
const defaults = (nsg: string): Rule[] => ([['AllowVnetInBound', 65000, 'Inbound', 'Allow', 'VirtualNetwork'], ['AllowAzureLoadBalancerInBound', 65001, 'Inbound', 'Allow', 'AzureLoadBalancer'], ['DenyAllInBound', 65500, 'Inbound', 'Deny', '*'], ['AllowInternetOutBound', 65001, 'Outbound', 'Allow', '*'], ['DenyAllOutBound', 65500, 'Outbound', 'Deny', '*']] as const)
  .map(([name, priority, direction, access, sourceAddressPrefix]) => ({ id: `${nsg}/defaultSecurityRules/${name}`, name, type: `${NSG}/defaultSecurityRules`, properties: { provisioningState: 'Succeeded', protocol: '*', sourcePortRange: '*', destinationPortRange: '*', sourceAddressPrefix, destinationAddressPrefix: '*', access, priority, direction } }));

function rule(nsg: string, name: string, properties: Json): Rule {
  for (const needed of ['priority', 'direction', 'access', 'protocol']) if (properties[needed] === undefined) throw new Fault(400, 'SecurityRuleInvalidParameter', `Required security rule parameter ${needed} is missing for security rule ${name}.`);
  const priority = Number(properties['priority']);
  if (priority < 100 || priority > 4096) throw new Fault(400, 'SecurityRuleInvalidPriority', `Security rule has invalid Priority. Value provided: ${priority} Allowed range 100-4096.`);
  return { id: `${nsg}/securityRules/${name}`, name, type: `${NSG}/securityRules`, properties: { sourceAddressPrefixes: [], destinationAddressPrefixes: [], sourcePortRanges: [], destinationPortRanges: [], ...properties, provisioningState: 'Succeeded' } };
}

/** Two rules of one direction cannot have one priority. */
function checked(rules: Rule[]): Rule[] {
  const taken = new Map<string, string>();
  for (const { name, properties } of rules) {
    const key = `${String(properties['direction'])}/${String(properties['priority'])}`;
    const other = taken.get(key);
    if (other && other !== name) throw new Fault(400, 'SecurityRuleConflict', `Security rule ${name} conflicts with rule ${other}. Rules cannot have the same Priority and Direction.`);
    taken.set(key, name);
  }
  return rules;
}

export function networkRoutes(making: Making): void {
  const { sim } = making;
  resourceType(making, {
    type: NSG, slow: ['put', 'delete'],
    make: (_sim, properties, id) => ({ ...properties, securityRules: checked(((properties['securityRules'] ?? []) as Rule[]).map((one) => rule(id, one.name, one.properties))), defaultSecurityRules: defaults(id) }),
    removed: (_sim, { id }) => {
      if (resources(sim).truth().some((one) => usesGroup(one, id))) throw new Fault(400, 'InUseNetworkSecurityGroupCannotBeDeleted', `Network security group ${id} cannot be deleted because it is in use.`);
    },
  });
  ruleRoutes(making);
  resourceType(making, { type: 'Microsoft.Network/networkInterfaces', slow: ['put', 'delete'], make: (_sim, properties) => {
    const nsg = (properties['networkSecurityGroup'] as { id?: string } | undefined)?.id;
    if (nsg && !resources(sim).get(nsg)) throw new Fault(400, 'InvalidResourceReference', `Resource ${nsg} referenced by resource was not found.`);
    return properties;
  } });
  for (const type of ['virtualNetworks', 'publicIPAddresses', 'frontDoorWebApplicationFirewallPolicies', 'networkWatchers']) resourceType(making, { type: `Microsoft.Network/${type}`, slow: ['put', 'delete'] });
  resourceType(making, { type: 'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies', slow: ['delete'] });
}

const usesGroup = (one: Resource, nsg: string): boolean => (one.properties['networkSecurityGroup'] as { id?: string } | undefined)?.id?.toLowerCase() === nsg.toLowerCase();

function ruleRoutes(making: Making): void {
  const { sim } = making;
  const at = `/subscriptions/:subscription/resourceGroups/:group/providers/${NSG}/:nsg/securityRules`;
  const groupOf = (call: Call, truth: boolean): Resource => {
    const id = decodeURIComponent(call.url.pathname).replace(/\/securityRules.*$/i, '').replace(/\/resourcegroups\//i, '/resourceGroups/');
    const found = truth ? resources(sim).get(id) : resources(sim).seen(id);
    if (!found) throw resourceNotFound(id);
    return found;
  };
  const rulesOf = (group: Resource): Rule[] => group.properties['securityRules'] as Rule[];
  const put = (of: Sim, group: Resource, rules: Rule[]): void => void resources(of).put(group.id, { ...group, properties: { ...group.properties, securityRules: checked(rules) } });
  arm(making, 'GET', at, { action: `${NSG}/securityRules/read`, handle: (call) => armList(call, rulesOf(groupOf(call, false))) });
  arm(making, 'GET', `${at}/:name`, { action: `${NSG}/securityRules/read`, handle: (call) => {
    const found = rulesOf(groupOf(call, false)).find((one) => one.name === call.params['name']);
    if (!found) throw new Fault(404, 'NotFound', `Resource ${call.params['name']} not found.`);
    return ok(found);
  } });
  arm(making, 'PUT', `${at}/:name`, { action: `${NSG}/securityRules/write`, handle: (call) => {
    const group = groupOf(call, true);
    const made = rule(group.id, call.params['name']!, (call.body['properties'] ?? {}) as Json);
    const without = (of: Resource): Rule[] => rulesOf(of).filter((one) => one.name !== made.name);
    checked([...without(group), made]);
    return { ...start(sim, call, { answer: 'put', effect: () => put(sim, groupOf(call, true), [...without(groupOf(call, true)), made]) }), body: { ...made, properties: { ...made.properties, provisioningState: 'Updating' } } };
  } });
  arm(making, 'DELETE', `${at}/:name`, { action: `${NSG}/securityRules/delete`, handle: (call) => {
    if (!rulesOf(groupOf(call, true)).some((one) => one.name === call.params['name'])) return noContent;
    return start(sim, call, { answer: 'accept', effect: () => put(sim, groupOf(call, true), rulesOf(groupOf(call, true)).filter((one) => one.name !== call.params['name'])) });
  } });
}
