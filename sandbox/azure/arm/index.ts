import type { Making } from '../graph/routes';
import { groupRoutes } from './groups';

/** Everything of Azure Resource Manager that the sandbox has. */
export const armRoutes: readonly ((making: Making) => void)[] = [groupRoutes];
