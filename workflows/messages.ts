import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Link } from '../playbook/campaign';
import type { Alert } from '../playbook/model/alert';
import type { ApprovalResult } from '../playbook/model/approval';
import type { Piece } from '../playbook/triage/bursts';
import type { Principal } from '../playbook/model/principal';
import type { BackstopState, Place } from './backstop';
import type { BreakGlassResult, IncidentStatus, UndoRequest } from './incident/state';

/** Alerts of one principal, as many as intake had at hand: one history event however many they are. */
export interface AlertsSignal {
  principal: Principal;
  alerts: Alert[];
}

/** Parts of bursts, as many as intake had at hand; `part` is one of their alerts. */
export interface PiecesSignal {
  principal: Principal;
  pieces: Piece[];
  part: Alert;
}

export const piecesSignal = defineSignal<[PiecesSignal]>('pieces');
export const alertsSignal = defineSignal<[AlertsSignal]>('alerts');
/** From the approval workflow to whoever asked; survives the asker's continue-as-new. */
export const approvalDecidedSignal = defineSignal<[ApprovalResult]>('approvalDecided');
export const breakGlassEndedSignal = defineSignal<[BreakGlassResult]>('breakGlassEnded');
/** A person says that it was a false positive; asks for an approval, then undoes. */
export const undoUpdate = defineUpdate<{ accepted: true }, [UndoRequest]>('undo');
export const statusQuery = defineQuery<IncidentStatus>('status');

/** A source spoke: a sign of life, at most one a minute and source. */
export const heardSignal = defineSignal<[{ source: string; account: string; at: string }]>('heard');
/** The configuration that a worker was started with. */
export const placesSignal = defineSignal<[{ places: Place[]; everyMs: number }]>('places');
export const backstopQuery = defineQuery<BackstopState>('backstop');

/** One critical incident, told to the organisation's campaign. */
export interface CampaignMember {
  incident: string;
  caseKey: string;
  provider: string;
  account: string;
  /** ISO time of the first event. */
  at: string;
  /** Public addresses that its alerts came from. */
  addresses?: string[];
  /** This many accounts … */
  accounts: number;
  /** … within this long are one major incident. */
  windowMs: number;
}

export const joinCampaignSignal = defineSignal<[CampaignMember]>('joinCampaign');
export const campaignQuery = defineQuery<{ members: CampaignMember[]; escalated: boolean; links: Link[] }>('campaign');
