import type { Action } from '../../activities/action';
import { fail } from '../../activities/boundary';
import type { EvidenceSink } from '../../activities/evidence/sink';
import { createProviderActivities, type Provider } from '../../activities/provider';
import { investigationChecks } from '../../playbook/checklist';
import { sha256Hex } from '../../playbook/digest';
import type { Phase, Proposal, Target } from '../../playbook/model/plan';
import type { ProviderId } from '../../playbook/model/principal';
import { approvalProof } from '../../workers/approval-proof';
import { answerAll, closeStage, onStage, openStage, raise, type Stage } from './harness';
import { alertOf, principalOf, World } from './world';

/** A cloud of one person and the helper that the attacker made there. Its name is all that is new outside of this file. */
interface Cloud {
  blocked: Set<string>;
  gone: Set<string>;
}
const NIMBUS = 'nimbus' as ProviderId;
const target = (id: string): Target => ({ provider: NIMBUS, account: '111122223333', region: null, kind: 'user', id, name: id });

const action = (id: string, row: string, tier: Action<Cloud>['tier'], set: keyof Cloud): Action<Cloud> => ({
  id: `nimbus.${id}`, row, title: id, tier, reversible: tier === 'automatic', queue: 'cloud', human: false, permissions: [],
  plan: (cloud, { target: { id: who } }) => Promise.resolve({ before: {}, change: [`${id} ${who}`], needed: !cloud[set].has(who) }),
  apply: (cloud, { target: { id: who } }) => Promise.resolve({ changed: cloud[set].add(who).size }),
  verify: (cloud, { target: { id: who } }) => Promise.resolve({ holds: cloud[set].has(who), seen: {} }),
  undo: (cloud, { target: { id: who } }) => Promise.resolve({ seen: { freed: cloud[set].delete(who) }, left: [] }),
});

const wants: Partial<Record<Phase, Proposal>> = {
  containment: { action: 'nimbus.block-person', target: target('dana'), params: {}, because: 'the alert' },
  eradication: { action: 'nimbus.remove-helper', target: target('mallory'), params: {}, because: 'the investigation' },
};
const proposals = (phase: Phase) => () => Promise.resolve({ proposals: wants[phase] ? [wants[phase]] : [], left: [] });

const nimbus: Provider<Cloud> = {
  id: NIMBUS, actions: [action('block-person', '2.1.1', 'automatic', 'blocked'), action('remove-helper', '3.1', 'dual', 'gone')],
  checks: investigationChecks.map((id) => ({ id, permissions: [], run: () => Promise.resolve({ check: id, state: 'nothing', summary: '', error: null, artifacts: [], facts: {}, evidence: [] }) })),
  propose: { containment: proposals('containment'), eradication: proposals('eradication'), recovery: proposals('recovery'), root: proposals('root'), 'break-glass': proposals('break-glass') },
  lookUp: () => Promise.resolve({ principalIsAdmin: false, target: null, countries: {}, facts: {}, failed: [] }),
  baseline: () => Promise.reject(fail('NOT_SUPPORTED', 'it keeps no history')),
  watch: () => Promise.resolve({ until: new Date().toISOString(), moves: [], error: null }),
  classify: () => null,
};

/** Its activities are the provider's own, made as the worker makes them. */
class ThirdWorld extends World {
  private readonly raw = new Map<string, Uint8Array>();

  constructor(private readonly stage: Stage, private readonly cloud: Cloud) {
    super(NIMBUS);
  }

  override providerActivities(): Record<string, (input: never) => Promise<unknown>> {
    const evidence: EvidenceSink = {
      keep: (_case, _kind, content) => {
        const sha256 = sha256Hex(Buffer.from(content as Uint8Array).toString('utf8'));
        this.raw.set(sha256, content as Uint8Array);
        return Promise.resolve({ key: sha256, sha256, bytes: 1 });
      },
      read: ({ key }) => Promise.resolve(this.raw.get(key)!),
      record: (_case, list) => Promise.resolve(void this.entries.push(...list)),
    };
    return createProviderActivities(nimbus, { evidence, approvals: approvalProof(this.stage.client), now: () => new Date(), withContext: (_input, use) => use(this.cloud) });
  }
}

let stage: Stage;
beforeAll(async () => void (stage = await openStage()), 60_000);
afterAll(() => closeStage(stage));

test('a provider that no workflow has ever heard of is contained, eradicated, watched and closed by the same workflow', async () => {
  const cloud: Cloud = { blocked: new Set(), gone: new Set() };
  const world = new ThirdWorld(stage, cloud);
  await onStage(stage, world, async () => {
    const answers = answerAll(stage, world, () => ({ people: ['ada', 'ben'], decision: 'approve' }));
    const principal = principalOf(NIMBUS);
    const handle = await raise(stage, principal, [alertOf(principal)]);
    const result = await handle.result();
    await answers.stop();
    expect(result.outcome).toBe('contained-and-recovered');
  });
  expect([...cloud.blocked, ...cloud.gone]).toEqual(['dana', 'mallory']);
  expect(world.shown.filter(({ request }) => request.tier === 'dual').length).toBeGreaterThan(0);
  expect(world.entries.filter(({ text }) => /^(2\.1\.1 block-person|3\.1 remove-helper)/.test(text))).toHaveLength(2);
}, 120_000);
