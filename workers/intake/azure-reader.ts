import type { TokenCredential } from '@azure/identity';
import { endpointsOf } from '../../activities/azure/config';
import { createGraph, type Graph } from '../../activities/azure/graph';
import { responderCredential, tokensOf } from '../../activities/azure/tokens';
import { azureConfig, credentialOf } from '../config/azure';
import { ConfigError } from '../config/load';
import type { Config } from '../config/schema';

/** Intake’s own application: it reads, and can do nothing. Throws ConfigError when it is not configured. */
export function readerCredential(config: Config): TokenCredential {
  const reader = config.intake.azureReader;
  if (!reader) throw new ConfigError(['intake.azureReader: is not configured']);
  return responderCredential({ endpoints: azureEndpoints(config) }, { id: reader.tenant, name: 'intake', clientId: reader.clientId, credential: credentialOf(reader.credential), subscriptions: [], emergencyIdentities: [] });
}

export function readerGraph(config: Config): Graph {
  return createGraph(azureEndpoints(config), tokensOf(() => readerCredential(config)));
}

const azureEndpoints = (config: Config) => azureConfig(config)?.endpoints ?? endpointsOf('public', {});
