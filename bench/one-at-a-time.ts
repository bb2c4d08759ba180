import type { AwsAccess, AwsClients } from '../activities/aws/clients';
import type { ArmClients, AzureAccess } from '../activities/azure/clients';
import type { Graph } from '../activities/azure/graph';

interface Stack { add(step: (next: (args: unknown) => Promise<unknown>) => (args: unknown) => Promise<unknown>, options: object): void }

/** Runs each when the one before has ended. */
function line(): <T>(call: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (call) => {
    const mine = last.then(call);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** The same calls, one after the other: how a script is written that awaits each call. */
export function awsOneAtATime(inner: AwsAccess): AwsAccess {
  const inLine = line();
  const seen = new WeakSet<object>();
  const lined = (clients: AwsClients): AwsClients =>
    new Proxy(clients, {
      get(target, name: keyof AwsClients) {
        const client = target[name];
        if (seen.has(client)) return client;
        seen.add(client);
        (client.middlewareStack as unknown as Stack).add((next) => (args) => inLine(() => next(args)), { step: 'initialize', name: 'oneAtATime' });
        return client;
      },
    });
  return {
    ...inner,
    clients: (account, region) => lined(inner.clients(account, region)),
    management: () => {
      const clients = inner.management();
      return clients && lined(clients);
    },
  };
}

/** As for AWS; a list of several pages is one call of Graph here. */
export function azureOneAtATime(inner: AzureAccess): AzureAccess {
  const inLine = line();
  const seen = new WeakSet<object>();
  const graph = (made: Graph): Graph => ({
    get: (...asked) => inLine(() => made.get(...asked)), page: (...asked) => inLine(() => made.page(...asked)), list: (...asked) => inLine(() => made.list(...asked)), post: (...asked) => inLine(() => made.post(...asked)), patch: (...asked) => inLine(() => made.patch(...asked)),
    put: (...asked) => inLine(() => made.put(...asked)), delete: (...asked) => inLine(() => made.delete(...asked)), roles: () => made.roles(),
  });
  const arm = (clients: ArmClients): ArmClients =>
    new Proxy(clients, {
      get(target, name: keyof ArmClients) {
        const client = target[name];
        if (seen.has(client)) return client;
        seen.add(client);
        client.pipeline.addPolicy({ name: 'oneAtATime', sendRequest: (request, next) => inLine(() => next(request)) });
        return client;
      },
    });
  return { ...inner, graph: (tenant) => graph(inner.graph(tenant)), arm: (tenant, subscription) => arm(inner.arm(tenant, subscription)) };
}
