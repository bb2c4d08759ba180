import type { GrantExecutor } from '../../jit/executor';
import type { AwsContext } from '../context';
import { identityCenterExecutor } from './identity-center';
import { roleExecutor } from './role';

export const awsGrantExecutors: readonly GrantExecutor<AwsContext>[] = [identityCenterExecutor, roleExecutor];
