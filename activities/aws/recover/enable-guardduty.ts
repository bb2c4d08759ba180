import { CreateDetectorCommand, DeleteDetectorCommand, GetDetectorCommand, paginateListDetectors, UpdateDetectorCommand, type GuardDutyClient } from '@aws-sdk/client-guardduty';
import type { JsonObject } from '../../../playbook/json';
import { defineAwsAction } from '../define';
import { all, orNull, removed } from '../eradicate/support';

interface Detector {
  id: string;
  enabled: boolean;
  frequency: string;
}
const wanted = 'FIFTEEN_MINUTES';

/** The region's detector (there is one at most), or null. */
async function findDetector(guardduty: GuardDutyClient): Promise<Detector | null> {
  const [id] = await all(paginateListDetectors({ client: guardduty }, {}), (page) => page.DetectorIds);
  const found = id ? await orNull(guardduty.send(new GetDetectorCommand({ DetectorId: id }))) : null;
  return found ? { id: id!, enabled: found.Status === 'ENABLED', frequency: found.FindingPublishingFrequency ?? '' } : null;
}

const holds = (detector: Detector | null) => detector !== null && detector.enabled && detector.frequency === wanted;

/** Row 4.3. Target: the account in one region. GuardDuty on, and its updated findings published every fifteen minutes instead of six hours. */
export const enableGuardduty = defineAwsAction('aws.enable-guardduty', {
  permissions: [
    'guardduty:ListDetectors', 'guardduty:GetDetector', 'guardduty:CreateDetector', 'guardduty:UpdateDetector', 'guardduty:DeleteDetector', 'guardduty:TagResource', 'iam:CreateServiceLinkedRole',
  ],
  async plan(ctx, { target }) {
    const detector = await findDetector(ctx.access.clients(target.account, target.region).guardduty);
    const needed = !holds(detector);
    const what = detector ? `enable GuardDuty detector ${detector.id} in ${target.region}, findings every fifteen minutes` : `make a GuardDuty detector in ${target.region}, findings every fifteen minutes`;
    return { needed, before: { detector: detector ? { ...detector } : null }, change: needed ? [what] : [] };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const { guardduty } = ctx.access.clients(step.target.account, step.target.region);
    const detector = await findDetector(guardduty);
    if (holds(detector)) return { detector: detector!.id, already: true };
    if (detector) await guardduty.send(new UpdateDetectorCommand({ DetectorId: detector.id, Enable: true, FindingPublishingFrequency: wanted }));
    else await guardduty.send(new CreateDetectorCommand({ Enable: true, FindingPublishingFrequency: wanted, ClientToken: step.id.slice(-12), Tags: { 'made-by': 'tourniquet' } }));
    return { detector: (await findDetector(guardduty))?.id ?? null };
  },
  async verify(ctx, step) {
    const detector = await findDetector(ctx.access.clients(step.target.account, step.target.region).guardduty);
    return { holds: holds(detector), seen: { detector: detector ? { ...detector } : null } };
  },
  async undo(ctx, step) {
    const { guardduty } = ctx.access.clients(step.target.account, step.target.region);
    const now = await findDetector(guardduty);
    const before = step.before.detector as { id: string; enabled: boolean; frequency: string } | null;
    if (now && !before) await removed(guardduty.send(new DeleteDetectorCommand({ DetectorId: now.id })));
    if (now && before) {
      await guardduty.send(new UpdateDetectorCommand({ DetectorId: now.id, Enable: before.enabled, FindingPublishingFrequency: before.frequency === 'ONE_HOUR' ? 'ONE_HOUR' : before.frequency === wanted ? wanted : 'SIX_HOURS' }));
    }
    return { seen: { detector: before ? { ...before } : null }, left: [] };
  },
});
