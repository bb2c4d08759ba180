import { awsCatalogue, type AwsActionId } from '../../playbook/catalogue';
import type { JsonObject } from '../../playbook/json';
import type { Action } from '../action';
import type { AwsContext } from './context';

export type AwsAction = Action<AwsContext>;

/** What `verify` answers; named so that several return statements agree on it. */
export type Verified = { holds: boolean; seen: JsonObject };

/** What `undo` answers. */
export type Undone = { seen: JsonObject; left: string[] };

/** Joins an action's code to its line in the catalogue, so that row, title and tier are written once. */
export function defineAwsAction(id: AwsActionId, behaviour: Pick<AwsAction, 'permissions' | 'plan' | 'apply' | 'verify' | 'undo'>): AwsAction {
  return { id, ...awsCatalogue[id], ...behaviour };
}
