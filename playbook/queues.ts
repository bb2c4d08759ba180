import type { ProviderId } from './model/principal';

/** One task queue per set of credentials: the strongest wall that Temporal gives. */
export const queues = {
  /** Workflow code only: no credentials at all. */
  workflows: 'tourniquet-workflows',
  /** Evidence, tickets, messages to people. */
  case: 'tourniquet-case',
  /** The only process that reaches the vault. */
  breakGlass: 'tourniquet-break-glass',
  /** One per cloud. */
  cloud: (provider: ProviderId): string => `tourniquet-${provider}`,
} as const;
