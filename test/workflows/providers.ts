import type { ProviderId } from '../../playbook/model/principal';

/**
 * The whole suite of the incident runs over each of these from one set of cases. What is one cloud's alone says so in its own file: the chain of role sessions and the storm (AWS's
 * sessions), `azure/` (Entra's hard cases against the sandbox), `federated` (both in one incident); approvals, campaign and break-glass for a person know no cloud.
 */
export const providers: readonly ProviderId[] = ['aws', 'azure'];
