import { createActionActivities } from '../../activities/actions';
import { createAuditActivities } from '../../activities/audit/provider';
import { azureAudit, azureAuditActions } from '../../activities/azure/audit';
import { classifyAzure } from '../../activities/azure/errors';
import type { EvidenceSink } from '../../activities/evidence/sink';
import { createReviewPort, type ReviewPort } from '../../approvals/reviews';
import { sha256Hex } from '../../playbook/digest';
import { canonicalJson, type Json } from '../../playbook/json';
import type { AuditProgress, ReviewView } from '../../playbook/permission-audit/model';
import type { UnifiedRoleAssignment } from '@microsoft/microsoft-graph-types';
import { reviewIdOf } from '../../playbook/permission-audit/rules';
import { approvalProof } from '../../workers/approval-proof';
import { makeBed, type Bed } from '../azure-contain/bed';
import { signIn } from '../azure-investigate/support';
import { openStage, startWorkers, until, voteOn, type Stage } from '../workflows/harness';
import { give, person, userSubject } from './azure-support';
import { AuditWorld, settings } from './world';

jest.setTimeout(180_000);

let bed: Bed;
let stage: Stage;
let world: AuditWorld;
let port: ReviewPort;
let stop: () => Promise<void>;

/** What a plan is kept in, and read from again by the guard. */
function memory(): EvidenceSink {
  const kept = new Map<string, Uint8Array>();
  return {
    keep: async (_case, _kind, content) => {
      const bytes = content instanceof Uint8Array ? content : Buffer.from(canonicalJson(content as Json));
      const sha256 = sha256Hex(Buffer.from(bytes).toString('utf8'));
      kept.set(sha256, bytes);
      return { key: sha256, sha256, bytes: bytes.length };
    },
    read: async ({ key }) => kept.get(key)!,
    record: async () => undefined,
  };
}

beforeEach(async () => {
  bed = await makeBed();
  stage = await openStage();
  world = new AuditWorld();
  const evidence = memory();
  const withContext = <T>(_input: object, use: (context: ReturnType<Bed['context']>) => Promise<T>): Promise<T> => use({ ...bed.context(), evidence });
  world.providerActivities = () => ({
    ...createAuditActivities(azureAudit, { evidence, withContext }),
    ...createActionActivities({ actions: azureAuditActions, evidence, approvals: approvalProof(stage.client), classify: classifyAzure, now: () => new Date(), withContext }),
  });
  port = createReviewPort(stage.client);
  stop = await startWorkers(stage, world, 'azure');
}, 120_000);
afterEach(async () => {
  await stop();
  await bed.stop();
});

const roles = (id: string) => bed.azure.sim.shelf<UnifiedRoleAssignment>('roleAssignments').truth().filter((one) => one.principalId === id).length;

test('the workflows of AWS on a real directory: the unused administrator is asked about, loses the role, and for good only after a second yes; who works is left alone', async () => {
  const [idle, busy, kept] = [person(bed), person(bed), person(bed)];
  for (const one of [idle, busy, kept]) give(bed, one.id, 'Security Administrator');
  await signIn(bed.azure, busy, '203.0.113.9', 'graph');
  const audit = await port.audit({ places: [{ provider: 'azure', account: bed.tenant }], requester: null });
  const progress = (await stage.client.workflow.getHandle(audit).result()) as AuditProgress;
  expect(progress.done).toBe(true);
  expect(world.started).toEqual(expect.arrayContaining([idle.upn, kept.upn]));
  expect(world.started).not.toContain(busy.upn);
  expect(world.started).not.toContain(bed.azure.world.emergency.upn);

  const viewOf = (one: { id: string; upn: string }) => stage.client.workflow.getHandle(reviewIdOf(userSubject(bed, one))).query<ReviewView>('review').catch(() => null);
  const asked = (one: { id: string; upn: string }, not?: string) => until(async () => { const id = (await viewOf(one))?.approval; return id && id !== not ? id : null; }, 'it is asked', 60_000);
  for (const one of [idle, kept]) await port.start({ subject: userSubject(bed, one), requester: null, finding: null });
  const [first, second] = [await asked(idle), await asked(kept)];
  expect(roles(idle.id)).toBe(1);
  await voteOn(stage, first, { person: 'olga', decision: 'approve' });
  const final = await asked(idle, first);
  expect(roles(idle.id)).toBe(0);
  await expect(voteOn(stage, final, { person: 'olga', decision: 'approve' })).rejects.toThrow();
  await voteOn(stage, second, { person: 'olga', decision: 'approve' });
  const undone = await asked(kept, second);
  expect(roles(kept.id)).toBe(0);
  await voteOn(stage, undone, { person: 'ben', decision: 'deny' });
  await until(async () => (await viewOf(kept))?.stage === 'restored', 'the role is back', 60_000);
  expect(roles(kept.id)).toBe(1);
  await voteOn(stage, final, { person: 'ada', decision: 'approve' });
  await stage.env.sleep(settings.quarantineMs);
  await until(async () => (await viewOf(idle))?.stage === 'removed', 'it is final', 60_000);
  expect(roles(idle.id)).toBe(0);
});
