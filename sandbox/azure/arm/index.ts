import type { Making } from '../graph/routes';
import { authorizationRoutes } from './authorization';
import { computeRoutes } from './compute';
import { governanceRoutes } from './governance';
import { groupRoutes } from './groups';
import { monitorRoutes } from './monitor';
import { networkRoutes } from './network';
import { operationRoutes } from './operations';
import { armPimRoutes } from './pim';
import { storageRoutes } from './storage';
import { webRoutes } from './web';

/** Everything of Azure Resource Manager that the sandbox has. */
export const armRoutes: readonly ((making: Making) => void)[] = [operationRoutes, groupRoutes, authorizationRoutes, armPimRoutes, networkRoutes, computeRoutes, storageRoutes, webRoutes, monitorRoutes, governanceRoutes];
