import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { AccessRequest, ExtendRequest, GrantsView, GrantView, ReturnRequest } from '../../playbook/jit/model';

/** Refused before they enter history with INVALID_INPUT or GRANT_REFUSED. The request's own id is the update id. */
export const requestGrantUpdate = defineUpdate<GrantView, [AccessRequest]>('request');
export const extendGrantUpdate = defineUpdate<GrantView, [ExtendRequest]>('extend');
export const returnGrantUpdate = defineUpdate<GrantView, [ReturnRequest]>('return');
/** An incident is open on the person: everything ends, and nothing new is given while it is. */
export const blockGrantsSignal = defineSignal<[{ incident: string }]>('block');
export const grantsQuery = defineQuery<GrantsView>('grants');
