import type { Making } from '../graph/routes';
import { ok, type Call } from '../protocol/types';
import { resourceType } from './engine';
import { arm, resourceNotFound, resources, type Resource } from './routes';

const SITE = 'Microsoft.Web/sites';
const FLOW = 'Microsoft.Logic/workflows';

/** Web and function apps, Logic Apps: stopped and started, disabled and enabled. */
export function webRoutes(making: Making): void {
  const { sim } = making;
  const store = resources(sim);
  const at = (type: string) => `/subscriptions/:subscription/resourceGroups/:group/providers/${type}/:name`;
  const found = (type: string, call: Call): Resource => {
    const id = `/subscriptions/${call.params['subscription']}/resourceGroups/${call.params['group']}/providers/${type}/${call.params['name']}`;
    const resource = store.get(id);
    if (!resource) throw resourceNotFound(id);
    return resource;
  };
  resourceType(making, { type: SITE, methods: ['get', 'list', 'put', 'patch', 'delete'], slow: ['put'], make: (_sim, properties, id) => ({ state: 'Running', enabled: true, hostNames: [`${id.split('/').pop()}.azurewebsites.net`], defaultHostName: `${id.split('/').pop()}.azurewebsites.net`, usageState: 'Normal', lastModifiedTimeUtc: sim.iso(), ...properties }) });
  for (const [verb, state] of [['stop', 'Stopped'], ['start', 'Running'], ['restart', 'Running']] as const) {
    arm(making, 'POST', `${at(SITE)}/${verb}`, { action: `${SITE}/${verb}/action`, handle: (call) => {
      const site = found(SITE, call);
      store.put(site.id, { ...site, properties: { ...site.properties, state } });
      return ok(undefined);
    } });
  }
  for (const child of ['config', 'functions', 'slots']) resourceType(making, { type: `${SITE}/${child}`, child: true, methods: ['get', 'list', 'put', 'patch', 'delete'] });
  resourceType(making, { type: 'Microsoft.Web/serverfarms', slow: ['put'] });
  resourceType(making, { type: FLOW, methods: ['get', 'list', 'put', 'patch', 'delete'], make: (_sim, properties) => ({ state: 'Enabled', createdTime: sim.iso(), changedTime: sim.iso(), version: '1', ...properties }) });
  for (const [verb, state] of [['disable', 'Disabled'], ['enable', 'Enabled']] as const) {
    arm(making, 'POST', `${at(FLOW)}/${verb}`, { action: `${FLOW}/${verb}/action`, handle: (call) => {
      const flow = found(FLOW, call);
      store.put(flow.id, { ...flow, properties: { ...flow.properties, state, changedTime: sim.iso() } });
      return ok(undefined);
    } });
  }
}
