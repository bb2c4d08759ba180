import type { WorkflowHandle } from '@temporalio/client';
import { createCampaignActivities } from '../../activities/campaign';
import { queues } from '../../playbook/queues';
import type { campaign } from '../../workflows';
import { campaignQuery, joinCampaignSignal, type CampaignMember } from '../../workflows/messages';
import { closeStage, onStage, openStage, until, type Stage } from './harness';
import { HOUR, World } from './world';

let stage: Stage;
beforeEach(async () => void (stage = await openStage()), 60_000);
afterEach(() => closeStage(stage));

const member = (incident: string, account: string, at = new Date().toISOString()): CampaignMember => ({ incident, caseKey: `${incident}.1`, provider: 'aws', account, at, accounts: 2, windowMs: 24 * HOUR });

const join = (one: CampaignMember): Promise<WorkflowHandle<typeof campaign>> =>
  stage.client.workflow.signalWithStart<typeof campaign, [CampaignMember]>('campaign', { taskQueue: queues.workflows, workflowId: 'cmp-test', args: [{ members: [], told: [] }], signal: joinCampaignSignal, signalArgs: [one] });

const members = async (handle: WorkflowHandle<typeof campaign>): Promise<number> => (await handle.query(campaignQuery)).members.length;

test('two accounts within the window are one major incident, told once; a third account is told again', async () => {
  const world = new World('aws');
  await onStage(stage, world, async () => {
    const handle = await join(member('inc-1', '111111111111'));
    await join(member('inc-2', '111111111111'));
    await until(async () => (await members(handle)) === 2, 'both joined');
    expect(world.escalations).toEqual([]);
    await join(member('inc-3', '222222222222'));
    await until(() => world.escalations.length === 1, 'told');
    expect(world.escalations[0]).toMatchObject({ to: ['major-incident'], title: 'Major incident: 2 cloud accounts affected' });
    await join(member('inc-3', '222222222222'));
    await join(member('inc-4', '222222222222'));
    await until(async () => (await members(handle)) === 4, 'joined');
    expect(world.escalations).toHaveLength(1);
    await join(member('inc-5', '333333333333'));
    await until(() => world.escalations.length === 2, 'told again');
    expect(await handle.result()).toEqual({ accounts: 3 });
  });
}, 60_000);

test('accounts further apart than the window are two incidents', async () => {
  const world = new World('aws');
  await onStage(stage, world, async () => {
    const handle = await join(member('inc-1', '111111111111', '2026-01-01T00:00:00Z'));
    await join(member('inc-2', '222222222222', '2026-01-03T00:00:00Z'));
    await handle.result();
    expect(world.escalations).toEqual([]);
  });
}, 60_000);

test('an address links the incidents of two principals and merges none: told once, and again when a third has it', async () => {
  const world = new World('aws');
  const from = (incident: string, ...addresses: string[]): CampaignMember => ({ ...member(incident, '111111111111'), addresses });
  await onStage(stage, world, async () => {
    const handle = await join(from('inc-1', '185.220.101.34'));
    await join(from('inc-2', '185.220.101.34', '192.0.2.9'));
    await until(() => world.notices.length === 1, 'told');
    expect(world.notices[0]).toMatchObject({ level: 'warn', title: '2 incidents came from 185.220.101.34' });
    expect((await handle.query(campaignQuery)).links).toEqual([{ address: '185.220.101.34', incidents: ['inc-1', 'inc-2'] }]);
    await join(from('inc-2', '185.220.101.34'));
    await join(from('inc-3', '203.0.113.80'));
    await until(async () => (await members(handle)) === 3, 'joined');
    expect(world.notices).toHaveLength(1);
    await join(from('inc-4', '185.220.101.34'));
    await until(() => world.notices.length === 2, 'told again');
    await handle.result();
    expect(world.escalations).toEqual([]);
  });
}, 60_000);

test('private, own and documented addresses link nobody', async () => {
  const joined: string[][] = [];
  const { joinCampaign } = createCampaignActivities({ signal: async ({ addresses }) => void joined.push(addresses ?? []), knownAddresses: ['198.51.100.0/24'] });
  await joinCampaign({ ...member('inc-1', '111111111111'), addresses: ['10.0.0.4', '198.51.100.7', 'not an address', '185.220.101.34'] });
  expect(joined).toEqual([['185.220.101.34']]);
});
