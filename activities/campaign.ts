import type { CaseActivities } from './contract';

/** Hands a critical incident to the organisation's campaign workflow; the composition root gives the way there. */
export function createCampaignActivities(deps: { signal(member: Parameters<CaseActivities['joinCampaign']>[0]): Promise<void> }): Pick<CaseActivities, 'joinCampaign'> {
  return { joinCampaign: (input) => deps.signal(input) };
}
