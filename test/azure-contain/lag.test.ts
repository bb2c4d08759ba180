import { containActions } from '../../activities/azure/contain';
import { directoryTarget, proposal } from '../../activities/azure/contain/targets';
import { classifyAzure } from '../../activities/azure/errors';
import { despiteLag, seenDespiteLag } from '../../activities/azure/lag';
import { planProposals } from '../../activities/actions';
import { startAzureSandbox } from '../../sandbox/azure';
import { bed } from '../azure-investigate/support';

jest.setTimeout(120_000);
const missing = Object.assign(new Error('no such thing'), { statusCode: 404, code: 'Request_ResourceNotFound' });
const denied = Object.assign(new Error('not you'), { statusCode: 403, code: 'Authorization_RequestDenied' });
/** Fails with each in turn, then answers. */
const answers = (...errors: Error[]) => jest.fn(async () => {
  const error = errors.shift();
  if (error) throw error;
  return 'there';
});

test('a 404 counts only when it stays one; anything else counts at once', async () => {
  expect(await despiteLag(answers(missing, missing), [1, 1])).toBe('there');
  const gone = answers(missing, missing, missing);
  await expect(despiteLag(gone, [1, 1])).rejects.toBe(missing);
  expect(gone).toHaveBeenCalledTimes(3);
  const refused = answers(denied);
  await expect(despiteLag(refused, [1, 1])).rejects.toBe(denied);
  expect(refused).toHaveBeenCalledTimes(1);
});

test('a read that answers nothing is asked once more', async () => {
  const read = jest.fn<Promise<string | null>, []>().mockResolvedValueOnce(null).mockResolvedValue('there');
  expect(await seenDespiteLag(read)).toBe('there');
  expect(await seenDespiteLag(async () => null)).toBeNull();
});

test('a user whom one replica does not know yet is disabled all the same', async () => {
  const azure = await startAzureSandbox();
  try {
    const { ctx } = bed(azure);
    const { id, upn } = azure.world.eve;
    const { steps } = await planProposals(containActions, ctx, [proposal('azure.disable-user', directoryTarget('user', azure.tenantId, id, upn), 'x')], classifyAzure);
    azure.faults.add({ surface: 'graph', method: 'GET', path: new RegExp(`/users/${id}`), status: 404, code: 'Request_ResourceNotFound', times: 1 });
    const action = containActions.find((one) => one.id === 'azure.disable-user')!;
    expect(await action.apply(ctx, steps[0]!)).toMatchObject({ enabled: false });
    expect((await action.verify(ctx, steps[0]!)).holds).toBe(true);
  } finally {
    await azure.stop();
  }
});
