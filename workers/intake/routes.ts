import type { Hono } from 'hono';
import type { Receiving } from '../../intake/receiver';
import type { Source } from '../../intake/source';
import { graphRoute } from '../../intake/transports/graph';
import { snsRoute } from '../../intake/transports/sns';
import { orNull } from '../../activities/azure/errors';
import { at } from '../../activities/azure/graph';
import type { Config } from '../config/schema';
import { readSecret } from '../config/secret';
import { readerGraph } from './azure-reader';
import { chosen } from './mappings';
import { tenantOf } from './people';

const FETCH_MS = 5_000;
const MOST_CHARACTERS = 64 * 1024;

/** GET without redirects: only addresses that were made from a topic’s name come here. */
export async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(FETCH_MS) });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  const text = await response.text();
  if (text.length > MOST_CHARACTERS) throw new Error('answered too much');
  return text;
}

/** The ways in beside `/alerts`, as far as they are configured. */
export function addRoutes(app: Hono, config: Config, sources: readonly Source[], receiving: Receiving): void {
  const { sns, graph, azureReader } = config.intake;
  if (sns.length > 0) snsRoute(app, { topics: sns.map(({ topic, sources: ids }) => ({ arn: topic, sources: chosen(sources, ids, `intake.sns.${topic}.sources`) })), fetchText }, receiving);
  if (!graph) return;
  const reader = azureReader && graph.readSignals ? readerGraph(config) : null;
  graphRoute(app, {
    subscriptions: graph.subscriptions.map(({ id, clientState, sources: ids }) => ({ id, clientState: readSecret(clientState), sources: chosen(sources, ids, `intake.graph.subscriptions.${id}.sources`) })),
    tenants: [tenantOf(config), azureReader?.tenant, ...(config.azure?.tenants.map(({ id }) => id) ?? [])].filter((tenant) => tenant !== undefined),
    ...(reader && azureReader ? {
      read: async (tenant: string, path: string) => {
        if (tenant !== azureReader.tenant) return null;
        const [kind, id] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
        const thing = await orNull(reader.get<object>(`/${kind}/${at`${id}`}`));
        return thing && Buffer.from(JSON.stringify(thing));
      },
      reauthorize: async (tenant: string, subscription: string) => {
        if (tenant !== azureReader.tenant) throw new Error('another tenant');
        await reader.post(at`/subscriptions/${subscription}/reauthorize`);
      },
    } : {}),
  }, receiving);
}
