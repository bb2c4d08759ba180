import { planProposals } from '../../activities/actions';
import { eradicateActions } from '../../activities/azure/eradicate';
import { classifyAzure } from '../../activities/azure/errors';
import { directoryTarget, proposal, resourceTarget } from '../../activities/azure/contain/targets';
import { codeOf, toFailure } from '../../activities/boundary';
import type { JsonObject } from '../../playbook/json';
import type { Step } from '../../playbook/model/plan';
import { startAzureSandbox, type Azure } from '../../sandbox/azure';
import { addBlob } from '../../sandbox/azure/blob';
import type { Resource } from '../../sandbox/azure/arm/routes';
import { bed, type Bed } from '../azure-investigate/support';
import { newAccount, put } from './storage';

jest.setTimeout(120_000);
let azure: Azure;
let world: Bed;
let made = 0;
const action = eradicateActions.find((one) => one.id === 'azure.delete-storage-account')!;
const minuteAgo = (): string => new Date(Date.now() - 60_000).toISOString();
const wish = (id: string, params: JsonObject = { since: minuteAgo() }) => proposal('azure.delete-storage-account', resourceTarget('bucket', azure.tenantId, id), 'x', params);
const plan = (id: string, params?: JsonObject, at = world) => planProposals(eradicateActions, at.ctx, [wish(id, params)], classifyAzure);
const planned = async (id: string, params?: JsonObject): Promise<Step> => {
  const { steps, refused } = await plan(id, params);
  if (!steps[0]) throw new Error(JSON.stringify(refused));
  return steps[0];
};
const failure = async (work: Promise<unknown>) => work.then(() => null, (error: unknown) => toFailure(error, classifyAzure));
const nameOf = (id: string): string => id.split('/').pop()!;
const there = (id: string): boolean => azure.sim.shelf<Resource>('arm').get(id) !== null;
const fresh = (): Promise<string> => newAccount(world, `evil${++made}`);

beforeAll(async () => {
  azure = await startAzureSandbox();
  world = bed(azure);
});
afterEach(() => {
  azure.faults.clear();
  azure.sim.pageLimit = Number.POSITIVE_INFINITY;
});
afterAll(() => azure?.stop());

test('every version is listed, page by page, and contents are kept up to the bound, before the account goes', async () => {
  const id = await fresh();
  for (const [name, content] of [['a.csv', 'first'], ['a.csv', 'second'], ['b & <c>.csv', 'third']] as const) addBlob(azure.sim, nameOf(id), 'loot', name, content);
  addBlob(azure.sim, nameOf(id), 'loot', 'old.tar', 'frozen', 'Archive');
  azure.sim.pageLimit = 2;
  const step = await planned(id, { since: minuteAgo(), keepObjects: 2 });
  expect(step.change).toEqual([expect.stringMatching(/^keep the settings of evil\d+ .*contents up to 200$/), expect.stringMatching(/^delete storage account evil\d+ with 1 containers \(loot\); Microsoft may give it back for 14 days, without promise$/)]);
  const from = world.kept.length;
  const done = await action.apply(world.ctx, step);
  const kept = world.kept.slice(from);
  expect(kept.map((one) => one.kind)).toEqual(['state', 'listing', 'object', 'object', 'listing', 'storage']);
  expect(kept.filter((one) => one.kind === 'object').map((one) => Buffer.from(one.content as Uint8Array).toString())).toEqual(['first', 'second']);
  expect(JSON.stringify(kept.filter((one) => one.kind === 'listing'))).toMatch(/a\.csv.*a\.csv.*b & <c>\.csv.*old\.tar/);
  expect(done).toMatchObject({ storage: { containers: 1, blobs: 4, blobsKept: 2, blobsNotKept: 2 } });
  expect(kept.at(-1)!.content).toMatchObject({ account: id, containers: ['loot'], notKept: 2 });
  expect(there(id)).toBe(false);
  const undone = await action.undo(world.ctx, step);
  expect(undone.seen).toMatchObject({ recoverable: true });
  expect(Date.parse(String(undone.seen.until)) - Date.now()).toBeGreaterThan(13 * 86_400_000);
  azure.sim.shelf('deletedStorageAccounts').truth().forEach((one) => azure.sim.shelf('deletedStorageAccounts').remove((one as { id: string }).id));
  expect(await action.undo(world.ctx, step)).toMatchObject({ seen: { recoverable: false }, left: [expect.stringMatching(/not among the deleted accounts/)] });
});

test('an account that was there before stays, and so does one of which nobody can say', async () => {
  const { storage } = azure.world.estate;
  const since = new Date(Date.now() + 11 * 60_000).toISOString();
  expect((await plan(storage, { since })).refused).toMatchObject([{ code: 'STILL_IN_USE', message: expect.stringMatching(/before the attacker came/) }]);
  expect((await plan(storage, {})).refused).toMatchObject([{ code: 'INVALID_INPUT' }]);
  expect((await plan(storage, { since: 'yesterday' })).refused).toMatchObject([{ code: 'INVALID_INPUT' }]);
  expect((await plan(azure.world.estate.container)).refused).toMatchObject([{ code: 'INVALID_INPUT' }]);
});

test('another account of the same name is not the one that was approved', async () => {
  const id = await fresh();
  const step = await planned(id);
  azure.sim.shelf<Resource>('arm').put(id, { ...azure.sim.shelf<Resource>('arm').get(id)!, properties: { ...azure.sim.shelf<Resource>('arm').get(id)!.properties, creationTime: new Date(Date.now() + 1_000).toISOString() } });
  await expect(action.apply(world.ctx, step)).rejects.toMatchObject({ type: 'PLAN_CHANGED' });
  expect(there(id)).toBe(true);
});

test('a lock keeps it: said, not tried again, and nothing is lost', async () => {
  const id = await fresh();
  const step = await planned(id);
  const lock = `${id}/providers/Microsoft.Authorization/locks/keep`;
  await put(world, lock, '2020-05-01', { properties: { level: 'CanNotDelete' } });
  const refused = await failure(action.apply(world.ctx, step));
  expect([codeOf(refused), refused?.nonRetryable, refused?.message]).toEqual(['STILL_IN_USE', true, expect.stringMatching(/locked: '.*storageAccounts\/evil\d+'/)]);
  expect(there(id)).toBe(true);
});

test('a retention or legal hold is seen when it is planned, and when it came after', async () => {
  const id = await fresh();
  const step = await planned(id);
  const policy = `${id}/blobServices/default/containers/loot/immutabilityPolicies/default`;
  await put(world, policy, '2023-05-01', { properties: { immutabilityPeriodSinceCreationInDays: 7 } });
  expect((await plan(id)).refused).toMatchObject([{ code: 'STILL_IN_USE', message: expect.stringMatching(/retention or legal hold is on loot/) }]);
  expect(codeOf(await failure(action.apply(world.ctx, step)))).toBe('STILL_IN_USE');
  expect(there(id)).toBe(true);
});

test('Azure’s own refusal for a hold that was not seen ends it too', async () => {
  const id = await fresh();
  const step = await planned(id);
  azure.faults.add({ surface: 'arm', method: 'DELETE', path: /storageAccounts/, status: 409, code: 'AccountProtectedFromDeletion' });
  const refused = await failure(action.apply(world.ctx, step));
  expect([codeOf(refused), refused?.nonRetryable]).toEqual(['STILL_IN_USE', true]);
});

test.each(['fileServices/default/shares/s', 'queueServices/default/queues/q', 'tableServices/default/tables/t'])('with %s it is a person’s', async (part) => {
  const id = await fresh();
  await put(world, `${id}/${part}`, '2023-05-01', { properties: {} });
  expect((await plan(id)).refused).toMatchObject([{ code: 'NOT_SUPPORTED', message: expect.stringMatching(/copy them, then delete/) }]);
});

test('one that the Activity Log is sent to stays until it is sent elsewhere', async () => {
  const id = await fresh();
  const setting = `/subscriptions/${azure.subscriptions[1]!}/providers/Microsoft.Insights/diagnosticSettings/theirs`;
  await put(world, setting, '2021-05-01-preview', { properties: { storageAccountId: id, logs: [] } });
  expect((await plan(id)).refused).toMatchObject([{ code: 'STILL_IN_USE', message: expect.stringMatching(/diagnosticSettings\/theirs/) }]);
});

test('what cannot be read is not deleted', async () => {
  const id = await fresh();
  const step = await planned(id);
  for (const [status, code, expected] of [[403, 'AuthorizationFailure', 'ACCESS_DENIED'], [503, 'ServerBusy', 'CLOUD_UNAVAILABLE']] as const) {
    azure.faults.clear();
    azure.faults.add({ surface: 'blob', status, code });
    expect(codeOf(await failure(action.apply(world.ctx, step)))).toBe(expected);
  }
  expect(there(id)).toBe(true);
});

test('no token goes to an address that is not this cloud’s storage', async () => {
  const id = await fresh();
  const step = await planned(id);
  const elsewhere = bed(azure, { endpoints: { ...world.ctx.access.config.endpoints, storageSuffix: 'core.windows.net' } });
  expect(codeOf(await failure(action.apply(elsewhere.ctx, step)))).toBe('REJECTED_BY_CLOUD');
  expect(there(id)).toBe(true);
});

test('a protected account is refused, and so is all that a protected group holds', async () => {
  const id = await fresh();
  for (const entry of [id, id.split('/providers/')[0]!]) {
    const guarded = bed(azure, { protected: [entry] });
    expect((await plan(id, undefined, guarded)).refused).toMatchObject([{ code: 'PROTECTED_PRINCIPAL' }]);
  }
  const { refused } = await planProposals(eradicateActions, world.ctx, [proposal('azure.delete-storage-account', directoryTarget('bucket', azure.tenantId, '../x', 'x'), 'x', { since: minuteAgo() })], classifyAzure);
  expect(refused).toMatchObject([{ code: 'INVALID_INPUT' }]);
});
