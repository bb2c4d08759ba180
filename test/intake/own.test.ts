import type { Client } from '@temporalio/client';
import type { Alert } from '../../playbook/model/alert';
import type { Config } from '../../workers/config/schema';
import { ownDoing } from '../../workers/own';

const application = '11111111-2222-4333-8444-555555555555';
const emergency = '66666666-2222-4333-8444-555555555555';
const config = { aws: { accounts: [] }, azure: { tenants: [{ servicePrincipalId: application, emergencyIdentities: [emergency.toUpperCase()] }] } } as unknown as Config;
const temporal = (open: boolean): Client => ({ workflow: { list: async function* () { if (open) yield {}; } } }) as unknown as Client;
const by = (id: string, name = 'x', provider = 'azure') => ({ provider, time: '2026-03-02T09:15:30Z', session: { name: null }, principal: { id, name } }) as unknown as Alert;

test('Tourniquet’s own application is known by its object id, not by its name', async () => {
  const own = ownDoing(config, temporal(false));
  expect(await own(by(application))).toMatchObject({ code: 'tourniquet-itself' });
  expect(await own(by('99999999-2222-4333-8444-555555555555', 'Tourniquet'))).toBeNull();
  expect(await own(by(application, 'x', 'aws'))).toBeNull();
});

test('an emergency identity counts as ours only while break-glass is open', async () => {
  expect(await ownDoing(config, temporal(true))(by(emergency))).toMatchObject({ code: 'break-glass-lease' });
  expect(await ownDoing(config, temporal(false))(by(emergency))).toBeNull();
});
