import { utf8ToBytes } from '@noble/hashes/utils';
import type { LeaseUse } from '../../playbook/lease-use';
import type { Principal } from '../../playbook/model/principal';
import type { Person } from '../../playbook/model/people';
import type { Federation } from '../../playbook/federation';
import type { IncidentSettings } from '../../playbook/model/settings';
import { planText } from '../../playbook/plan';
import { classified } from '../actions';
import type { CaseActivities } from '../contract';
import type { EvidenceStore } from '../evidence';
import type { Registers } from '../registers';
import type { TicketSystem } from '../tickets';
import { closeCase } from './close';
import { documentsFor } from './documents';
import { openHumanTask } from './human-task';
import { openIncident } from './open';

/** What the case worker needs; it holds no cloud credential. */
export interface CaseDeps {
  store: EvidenceStore;
  registers: Registers;
  /** Null when no ticket system is configured. */
  tickets: TicketSystem | null;
  settings: IncidentSettings;
  people: readonly Person[];
  federation: Federation;
  /** Credentials for people that sign in as this principal and were lent lately; left out where none are. */
  leases?(principal: Principal): Promise<LeaseUse[]>;
  now(): Date;
  /** How long opening a case waits for the evidence store before it goes on without; containment must not wait for it. Default 5 s. */
  storePatienceMs?: number;
  /** How long triage waits for the ticket system. Default 10 s. */
  ticketPatienceMs?: number;
}

export type OwnCaseActivities = Pick<CaseActivities, 'openIncident' | 'findDocuments' | 'record' | 'keepPlan' | 'openHumanTask' | 'closeCase'>;

/** The part of `CaseActivities` that is about the case itself; people are notified and asked elsewhere. Errors are the table's, classified once. */
export function createCaseActivities(deps: CaseDeps): OwnCaseActivities {
  const known = <I, O>(run: (input: I) => Promise<O>) => classified(() => null, run);
  return {
    openIncident: known((input) => openIncident(deps, input)),
    findDocuments: known(({ principal, alerts }) => documentsFor(deps, principal, alerts)),
    record: known(({ caseKey, entries }) => deps.store.record(caseKey, entries)),
    keepPlan: known(({ caseKey, incident, phase, steps }) => deps.store.keep(caseKey, 'plan', utf8ToBytes(planText(incident, phase, steps)), 'application/json')),
    openHumanTask: known((input) => openHumanTask(deps, input)),
    closeCase: known((input) => closeCase(deps, input)),
  };
}
