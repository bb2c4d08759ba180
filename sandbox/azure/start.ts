import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { armRoutes } from './arm';
import { graphRoutes } from './graph';
import { consoleOf, type Console } from './console';
import { delivered, exported } from './export';
import { dispatcher } from './protocol/dispatch';
import { Faults } from './protocol/faults';
import { listen } from './protocol/listen';
import { Router } from './protocol/router';
import { makeClientCertificate, makeServerIdentity } from './protocol/tls';
import type { Json } from './protocol/types';
import { snapshot, type State } from './snapshot';
import { idOf, Sim, type Lags } from './state/sim';
import { buildWorld, type AzureWorld, type WorldOptions } from './world';

export interface AzureOptions extends WorldOptions {
  /** All 0 by default: every write is seen at once. */
  lags?: Partial<Lags>;
  /** How long access tokens live, in milliseconds. Default one hour. */
  tokenLifeMs?: number;
}

export interface Azure {
  /** `authorityHost`; with `disableInstanceDiscovery: true`. */
  loginUrl: string;
  /** Graph’s base, without `/v1.0`. */
  graphUrl: string;
  /** ARM’s base. */
  armUrl: string;
  /** Host and port of the storage accounts’ data, the account in the path: `storageSuffix`. */
  storageSuffix: string;
  /** The authority’s certificate: PEM for `tlsOptions: { ca }`, and as a file for NODE_EXTRA_CA_CERTS. */
  ca: string;
  caFile: string;
  tenantId: string;
  subscriptions: readonly string[];
  world: AzureWorld;
  faults: Faults;
  /** Lags, token life, and the state behind the calls. */
  sim: Sim;
  /** Each record that a diagnostic setting exports, in the Event Hub’s shape; returns how to stop listening. */
  exports(listener: (record: Json) => void): () => void;
  snapshot(): State;
  console: Console;
  /** Every access token that is out expires now: what is under way is answered 401. */
  expireTokens(): void;
  stop(): Promise<void>;
}

/** Starts the token endpoint, Graph and ARM on loopback with a tenant in them. */
export async function startAzureSandbox(options: AzureOptions = {}): Promise<Azure> {
  const faults = new Faults();
  const sim = new Sim(idOf('tenant northwind'), 'northwind.onmicrosoft.com', { directoryMs: 0, armMs: 0, sessionMs: 0, logMs: 0, ...options.lags }, faults, () => Date.now());
  sim.tokenLifeMs = options.tokenLifeMs ?? sim.tokenLifeMs;
  const router = new Router();
  for (const routes of [...graphRoutes, ...armRoutes]) routes({ sim, router });
  const [identity, certificate, folder] = await Promise.all([makeServerIdentity(), makeClientCertificate('tourniquet'), mkdtemp(join(tmpdir(), 'tourniquet-azure-'))]);
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, identity.ca);
  const world = buildWorld(sim, router.permissions(), certificate, options);
  sim.settle();
  const urls = { login: '', graph: '', arm: '' };
  const handle = dispatcher(sim, router, () => urls);
  const [login, graph, arm, blob] = await Promise.all([listen('login', identity, handle), listen('graph', identity, handle), listen('arm', identity, handle), listen('blob', identity, handle)]);
  sim.blobUrl = blob.url;
  Object.assign(urls, { login: login.url, graph: graph.url, arm: arm.url });
  return {
    loginUrl: login.url, graphUrl: graph.url, armUrl: arm.url, storageSuffix: new URL(blob.url).host, ca: identity.ca, caFile, tenantId: sim.tenantId, subscriptions: [world.estate.production, world.estate.platform], world, faults, sim,
    exports: (listener) => sim.onRecord((kind, record) => { if (delivered(sim, kind, record)) listener(exported(kind, record)); }),
    snapshot: () => snapshot(sim),
    console: consoleOf(sim),
    expireTokens: () => { for (const token of sim.tokens.values()) token.expiresAt = sim.now(); },
    stop: async () => {
      await Promise.all([login.close(), graph.close(), arm.close(), blob.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
