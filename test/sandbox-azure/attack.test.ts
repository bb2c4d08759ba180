import { attack, azureScenarioNames, compare, startAzureSandbox, stateOf, type AzureAttack } from '../../sandbox/azure';
import { azureActivity } from '../../intake/azure-activity';
import { entraAudit } from '../../intake/entra-audit';
import { entraSignIn } from '../../intake/entra-signin';
import { detectSource } from '../../intake/sources';
import { classify } from '../../playbook/triage/classify';

const sources = [entraSignIn, entraAudit, azureActivity];
/** What intake and triage make of the exported records: `source event status`. */
function judged({ events }: AzureAttack): string[] {
  return events.flatMap((record) => {
    const source = sources.find((one) => one.id === detectSource({ records: [record] })?.id);
    if (!source) throw new Error(`no source takes ${JSON.stringify(record)}`);
    return source.parse({ records: [record] }).map((one) => {
      if (!('alert' in one)) throw new Error(`${source.id} refuses: ${JSON.stringify(one)}`);
      return `${source.id} ${String(classify(one.alert).event)} ${classify(one.alert).status}`;
    });
  });
}

test.each(azureScenarioNames)('%s: real calls leave credentials that work, things that were not there, and records that triage takes for an attack', async (name) => {
  const azure = await startAzureSandbox();
  try {
    const before = azure.snapshot();
    const played = await attack(azure, name);
    for (const live of played.live) expect([live.what, await stateOf(azure, live)]).toEqual([live.what, 'alive']);
    const verdicts = judged(played);
    const expected: Record<string, string[]> = {
      'global-admin-login': ['entra-signin suspicious-signin alert', 'entra-audit create-user alert', 'entra-audit attach-policy alert', 'entra-audit create-access-key alert', 'azure-activity logging-disabled alert', 'azure-activity storage-exposure alert', 'azure-activity network-exposure alert', 'azure-activity run-instances alert'],
      'rogue-service-principal': ['entra-audit create-access-key alert', 'azure-activity network-exposure alert', 'azure-activity other-high-risk alert'],
      'logging-dark': ['entra-signin suspicious-signin alert', 'azure-activity logging-disabled alert'],
    };
    expect(verdicts).toEqual(expect.arrayContaining(expected[name]!));
    // Nobody is told what happens in the dark.
    if (name === 'logging-dark') expect(verdicts.filter((one) => one.includes('network-exposure'))).toEqual([]);
    expect(compare(before, azure.snapshot()).length).toBeGreaterThan(0);
    expect(compare(before, before)).toEqual([]);
  } finally {
    await azure.stop();
  }
});

test('a person’s session: revoked, it gives no new token; the running token works until evaluation has caught up; a new sign-in works', async () => {
  const azure = await startAzureSandbox({ lags: { sessionMs: 1_500 } });
  try {
    const { live } = await attack(azure, 'logging-dark');
    const [session, password] = live;
    const { Agent } = await import('../../sandbox/azure');
    const { graphClient } = await import('./clients');
    const running = new Agent(azure, session!.credential);
    await running.arm('GET', azure.world.estate.vm);
    await graphClient(azure).api(`/users/${azure.world.eve.id}/revokeSignInSessions`).post({});
    expect(await stateOf(azure, session!)).toBe('dead');
    await running.arm('GET', azure.world.estate.vm);
    expect(await stateOf(azure, password!)).toBe('alive');
    const refused = async (): Promise<boolean> => running.arm('GET', azure.world.estate.vm).then(() => false, () => true);
    const end = Date.now() + 15_000;
    while (!(await refused()) && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await refused()).toBe(true);
    running.close();
    await graphClient(azure).api(`/users/${azure.world.eve.id}`).patch({ accountEnabled: false });
    expect(await stateOf(azure, password!)).toBe('dead');
  } finally {
    await azure.stop();
  }
});
