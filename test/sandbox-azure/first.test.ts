import { startAzureSandbox, type Azure } from '../../sandbox/azure';
import { byCertificate, bySecret, graphClient, resourcesClient } from './clients';

let azure: Azure;
beforeAll(async () => { azure = await startAzureSandbox(); });
afterAll(() => azure.stop());

test('the real libraries log in with a secret and with a certificate, read people and resource groups', async () => {
  for (const credential of [bySecret(azure), byCertificate(azure)]) {
    const page = (await graphClient(azure, credential).api('/users').top(3).get()) as { value: { userPrincipalName: string }[]; '@odata.nextLink'?: string };
    expect(page.value).toHaveLength(3);
    expect(page['@odata.nextLink']).toMatch(/\$skiptoken|%24skiptoken/);
    const groups = [];
    for await (const group of resourcesClient(azure, credential).resourceGroups.list()) groups.push(group.name);
    expect(groups).toEqual(['rg-web', 'rg-data']);
  }
});

test('a wrong secret does not log in', async () => {
  await expect(bySecret(azure, { appId: azure.world.responder.appId, secret: 'no' }).getToken(`${azure.graphUrl}/.default`)).rejects.toThrow(/AADSTS7000215/);
});
