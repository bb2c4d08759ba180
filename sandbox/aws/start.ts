import type { Say } from '../tools';
import { Authorizer, loadSimulator } from './gateway/auth/decide';
import { Credentials } from './gateway/auth/credentials';
import { Estate } from './gateway/auth/estate';
import { managedDocuments } from './gateway/auth/managed';
import { EventHistory } from './gateway/cloudtrail/history';
import { delivered, envelopeOf, Trails } from './gateway/cloudtrail/stream';
import { Gateway } from './gateway/gateway';
import { listen } from './gateway/http';
import { defaultThrottle, Throttler, type Throttle } from './gateway/throttle';
import { Upstream } from './gateway/upstream';
import type { World } from './gateway/world';
import { controlOf, type Control } from './control';
import { startEmulator } from './emulator';

export interface AwsOptions {
  say?: Say;
  /** How long IAM changes take to have effect, in milliseconds. Default 0. */
  lagMs?: number;
  /** How long after a call LookupEvents shows it, in milliseconds. Default 0. */
  deliveryLagMs?: number;
  /** Adds to, or replaces, the documented limit of LookupEvents; `{}` keeps it. */
  throttle?: Throttle;
  port?: number;
}

export interface Aws extends Control {
  /** Give this as `endpoint` to every AWS SDK client. */
  endpoint: string;
  stop(): Promise<void>;
}

/** Starts the AWS counterpart: moto with the gateway before it. Empty: `buildWorld` fills it. */
export async function startAws(options: AwsOptions = {}): Promise<Aws> {
  const say = options.say ?? (() => undefined);
  const now = () => Date.now();
  const [emulator, simulate] = await Promise.all([startEmulator(say), loadSimulator()]);
  const upstream = new Upstream(emulator.url);
  const estate = new Estate(now, options.lagMs ?? 0);
  const streams = new Set<(envelope: ReturnType<typeof envelopeOf>) => void>();
  const shelves = new Map<string, unknown>();
  const managed = managedDocuments(estate, upstream);
  const authorizer = new Authorizer(estate, simulate, managed, now);
  const world: World = {
    now, estate, upstream, say, managed,
    simulatePrincipal: (...asked) => authorizer.simulatePrincipal(...asked),
    simulateDocuments: (...asked) => authorizer.simulateDocuments(...asked),
    credentials: new Credentials(),
    history: new EventHistory(now, options.deliveryLagMs ?? 0),
    trails: new Trails(() => estate.organization.management, (account) => estate.organization.parents.has(account)),
    throttler: new Throttler(now, { ...defaultThrottle, ...options.throttle }),
    rootFeatures: new Set(),
    roots: new Map(),
    supportPlans: new Set(),
    shelf: <T>(name: string, account: string, make: () => T): T => {
      const key = `${name}/${account}`;
      if (!shelves.has(key)) shelves.set(key, make());
      return shelves.get(key) as T;
    },
    record: (recorded) => {
      world.history.add(recorded);
      if (!delivered(recorded.record) || !world.trails.logs(recorded.account, recorded.region)) return;
      const envelope = envelopeOf(recorded);
      for (const stream of streams) stream(envelope);
    },
  };
  const gateway = new Gateway(world, authorizer);
  try {
    const { server, port } = await listen((raw) => gateway.handle(raw), options.port ?? 0);
    const endpoint = `http://127.0.0.1:${port}`;
    return {
      ...controlOf(world, streams),
      endpoint,
      stop: async () => {
        upstream.close();
        server.closeAllConnections();
        await new Promise<void>((resolve) => server.close(() => resolve()));
        await emulator.stop();
      },
    };
  } catch (error) {
    upstream.close();
    await emulator.stop();
    throw error;
  }
}
