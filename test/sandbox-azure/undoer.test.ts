import type { GraphError } from '@microsoft/microsoft-graph-client';
import { Agent, fightBack, startAzureSandbox, synchronise, type Azure } from '../../sandbox/azure';
import { graphClient } from './clients';

let azure: Azure;
beforeEach(async () => { azure = await startAzureSandbox(); });
afterEach(() => azure.stop());

const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
  for (const end = Date.now() + 15_000; !(await holds());) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const enabled = async (id: string): Promise<boolean> => ((await graphClient(azure).api(`/users/${id}`).select('accountEnabled').get()) as { accountEnabled: boolean }).accountEnabled;

test('a synchronised account flips back', async () => {
  const { synced } = azure.world;
  const sync = synchronise(azure, synced.id);
  await graphClient(azure).api(`/users/${synced.id}`).patch({ accountEnabled: false });
  await until('enabled again', () => enabled(synced.id));
  expect(sync.undone.length).toBeGreaterThan(0);
  await sync.stop();
  await graphClient(azure).api(`/users/${synced.id}`).patch({ accountEnabled: false });
  expect(await enabled(synced.id)).toBe(false);
});

test('an attacker undoes until the last credential is gone', async () => {
  const { dana, eve } = azure.world;
  const fight = fightBack(azure, eve.id, [{ kind: 'password', upn: dana.upn, password: dana.password, mfa: true }]);
  await graphClient(azure).api(`/users/${eve.id}`).patch({ accountEnabled: false });
  await until('undone', () => fight.undone.length > 0);
  azure.sim.shelf('roleAssignments').truth().filter((one) => one['principalId'] === dana.id).forEach((one) => azure.sim.shelf('roleAssignments').remove(String(one['id'])));
  await graphClient(azure).api(`/users/${dana.id}`).patch({ accountEnabled: false });
  await until('beaten', () => fight.beaten());
  await fight.stop();
});

test('a token that expires under way is 401 with the service’s own body', async () => {
  const { dana } = azure.world;
  const before = new Agent(azure, { kind: 'password', upn: dana.upn, password: dana.password, mfa: true });
  await before.graph('GET', '/users');
  azure.expireTokens();
  await expect(before.graph('GET', '/users')).rejects.toMatchObject({ status: 401, code: 'InvalidAuthenticationToken' });
  before.close();
});

test('throttled as often as it was said, with Retry-After', async () => {
  azure.faults.add({ surface: 'graph', path: /\/users$/, status: 429, retryAfter: 7, times: 1 });
  const error = await graphClient(azure).api('/users').get().then(() => null, (one: GraphError) => one);
  expect(error).toMatchObject({ statusCode: 429, code: 'TooManyRequests' });
  expect(error?.headers?.get('retry-after')).toBe('7');
  await graphClient(azure).api('/users').get();
});
