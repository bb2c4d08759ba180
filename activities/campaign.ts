import { reachOf } from '../playbook/net';
import { isKnown, type KnownAddresses } from './address';
import type { CaseActivities } from './contract';

type Member = Parameters<CaseActivities['joinCampaign']>[0];

/** Hands a critical incident to the organisation's campaign workflow; the composition root gives the way there. Our own and documented addresses link nobody. */
export function createCampaignActivities(deps: { signal(member: Member): Promise<void> } & KnownAddresses): Pick<CaseActivities, 'joinCampaign'> {
  return {
    joinCampaign: ({ addresses = [], ...member }) => deps.signal({ ...member, addresses: addresses.filter((address) => reachOf(address) === 'public' && !isKnown(deps, address)) }),
  };
}
