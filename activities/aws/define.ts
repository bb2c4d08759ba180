import { awsCatalogue, type AwsActionId } from '../../playbook/catalogue';
import type { Action } from '../action';
import type { AwsContext } from './context';

export type AwsAction = Action<AwsContext>;

/** Joins an action's code to its line in the catalogue, so that row, title and tier are written once. */
export function defineAwsAction(id: AwsActionId, behaviour: Pick<AwsAction, 'permissions' | 'plan' | 'apply' | 'verify' | 'undo'>): AwsAction {
  return { id, ...awsCatalogue[id], ...behaviour };
}
