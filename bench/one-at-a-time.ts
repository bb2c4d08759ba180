import type { AwsAccess, AwsClients } from '../activities/aws/clients';

interface Stack { add(step: (next: (args: unknown) => Promise<unknown>) => (args: unknown) => Promise<unknown>, options: object): void }

/** The same calls, one after the other: how a script is written that awaits each call. */
export function oneAtATime(inner: AwsAccess): AwsAccess {
  let last: Promise<unknown> = Promise.resolve();
  const seen = new WeakSet<object>();
  const inLine = (clients: AwsClients): AwsClients =>
    new Proxy(clients, {
      get(target, name: keyof AwsClients) {
        const client = target[name];
        if (seen.has(client)) return client;
        seen.add(client);
        (client.middlewareStack as unknown as Stack).add((next) => (args) => {
          const mine = last.then(() => next(args));
          last = mine.catch(() => undefined);
          return mine;
        }, { step: 'initialize', name: 'oneAtATime' });
        return client;
      },
    });
  return {
    ...inner,
    clients: (account, region) => inLine(inner.clients(account, region)),
    management: () => {
      const clients = inner.management();
      return clients && inLine(clients);
    },
  };
}
