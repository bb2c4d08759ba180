import type { SignIn } from '@microsoft/microsoft-graph-types';
import { baseline } from '../../activities/azure/baseline';
import { startAzureSandbox, type Azure } from '../../sandbox/azure';
import { bed, caseOf, principalOf, signIn } from './support';

jest.setTimeout(120_000);
const HOME = '193.99.144.80';
const ELSEWHERE = '8.8.8.8';
const DAY = 86_400_000;
let azure: Azure;
let world: ReturnType<typeof bed>;

/** The one sign-in that the simulator wrote itself, many times over: one a day at home for four weeks. */
beforeAll(async () => {
  azure = await startAzureSandbox();
  world = bed(azure);
  const shelf = azure.sim.shelf<SignIn & { id: string }>('signIns');
  await signIn(azure, azure.world.dana, HOME, 'graph');
  const [own] = shelf.truth();
  shelf.put(own!.id, { ...own!, createdDateTime: new Date(Date.now() - 2 * DAY).toISOString() });
  for (let day = 3; day < 29; day += 1) shelf.put(`past-${day}`, { ...own!, id: `past-${day}`, createdDateTime: new Date(Date.now() - day * DAY).toISOString() });
  // A password that is tried from elsewhere for weeks is nobody’s habit, and neither is what came within the day before the alert.
  for (let day = 3; day < 29; day += 1) shelf.put(`tried-${day}`, { ...own!, id: `tried-${day}`, ipAddress: ELSEWHERE, status: { errorCode: 50126 }, createdDateTime: new Date(Date.now() - day * DAY).toISOString() });
  for (let hour = 1; hour < 20; hour += 1) shelf.put(`since-${hour}`, { ...own!, id: `since-${hour}`, ipAddress: ELSEWHERE, createdDateTime: new Date(Date.now() - hour * 3_600_000).toISOString() });
});
afterAll(() => azure?.stop());

const ask = (ip: string, who: 'dana' | 'upn' = 'dana') => {
  const { dana } = azure.world;
  const { principal, alerts } = caseOf(principalOf(azure, 'user', who === 'upn' ? dana.upn : dana.id, dana.upn), new Date().toISOString(), { sourceIp: ip, addresses: [ip] });
  return baseline(world.ctx, { principal, alerts });
};

test('at home nothing is new; from elsewhere country and network are, whatever was tried or came since', async () => {
  expect(await ask(HOME)).toMatchObject({ events: 27, firsts: [], silent: null, sampled: false });
  const is = await ask(ELSEWHERE);
  expect(is.firsts).toEqual([{ alert: 'alr-000000000000000000000001', trait: 'country', value: 'US' }, { alert: 'alr-000000000000000000000001', trait: 'network', value: expect.stringMatching(/^ASN 15169 /) }]);
  expect(Math.round((Date.parse(is.until) - Date.parse(is.from)) / DAY)).toBe(30);
});

test('a person who is named by UPN is the same person', async () => expect((await ask(ELSEWHERE, 'upn')).firsts).toHaveLength(2));

test('applications, and people whom nobody knows, say why they cannot be compared', async () => {
  const { principal, alerts } = caseOf(principalOf(azure, 'service-principal', azure.world.payroll.servicePrincipalId, 'payroll'), new Date().toISOString());
  expect(await baseline(world.ctx, { principal, alerts })).toMatchObject({ firsts: [], silent: 'Graph v1.0 lists the sign-ins of people only' });
  const nobody = principalOf(azure, 'user', 'nobody@elsewhere.example', 'nobody@elsewhere.example');
  expect(await baseline(world.ctx, { principal: nobody, alerts })).toMatchObject({ firsts: [], silent: 'its logs could not be read (NOT_FOUND)' });
});
