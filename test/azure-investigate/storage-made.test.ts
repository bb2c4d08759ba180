import { azureChecks } from '../../activities/azure/investigate';
import { startAzureSandbox, type Azure } from '../../sandbox/azure';
import { ATTACKER, bed, call, caseOf, HOME, principalOf, signIn } from './support';

jest.setTimeout(120_000);
let azure: Azure;
beforeAll(async () => {
  azure = await startAzureSandbox();
});
afterAll(() => azure?.stop());

type Activity = { eventDataId: string; operationName: { value: string }; resourceId: string; properties: object };

test('an account is made by the attacker only when its first write is his and it is as old as that: Azure logs making and changing alike', async () => {
  const { eve, dana, estate } = azure.world;
  const at = new Date(Date.now() - 1_000).toISOString();
  const theirs = await signIn(azure, eve, ATTACKER, 'arm');
  const ours = await signIn(azure, dana, HOME, 'arm');
  const account = (name: string): string => `/subscriptions/${azure.subscriptions[0]!}/resourceGroups/rg-web/providers/Microsoft.Storage/storageAccounts/${name}`;
  const put = (token: string, ip: string, id: string) => call(azure, token, ip, 'arm', 'PUT', `${id}?api-version=2023-05-01`, { location: 'southeastasia', sku: { name: 'Standard_LRS' }, kind: 'StorageV2', properties: {} });
  await put(theirs, ATTACKER, account('exfil1'));
  // Made by a colleague a moment before the attacker changed it.
  await put(ours, HOME, account('shared1'));
  await put(theirs, ATTACKER, account('shared1'));
  await call(azure, theirs, ATTACKER, 'arm', 'PATCH', `${estate.storage}?api-version=2023-05-01`, { properties: { allowBlobPublicAccess: true } });
  // Made long before, and only changed now.
  const arm = azure.sim.shelf<{ id: string; properties: object }>('arm');
  arm.put(estate.storage, { ...arm.get(estate.storage)!, properties: { ...arm.get(estate.storage)!.properties, creationTime: '2025-01-01T00:00:00.000Z' } });
  // As Azure’s own log has it: accepted, whether it is new or not.
  const log = azure.sim.shelf<Activity>('activities');
  for (const one of log.truth()) if (/storageAccounts\/write/i.test(one.operationName.value)) log.put(one.eventDataId, { ...one, properties: { ...one.properties, statusCode: 'Accepted' }, subStatus: { value: 'Accepted', localizedValue: '' } } as Activity);
  const { ctx } = bed(azure);
  const finding = await azureChecks.find((one) => one.id === '1.3.2-storage')!.run(ctx, caseOf(principalOf(azure, 'user', eve.id, eve.upn), at));
  const how = (id: string) => finding.artifacts.filter((one) => one.id.toLowerCase() === id.toLowerCase()).map((one) => [one.how, one.attribution]);
  expect(how(account('exfil1'))).toEqual([['created', 'attacker']]);
  expect(how(account('shared1')).map(([done]) => done)).toEqual(['changed']);
  expect(how(estate.storage)).toEqual([['changed', 'attacker']]);
});
