import { applicationRoutes } from './applications';
import { credentialRoutes } from './credentials';
import { deletedRoutes } from './deleted';
import { deviceRoutes } from './devices';
import { grantRoutes } from './grants';
import { groupRoutes } from './groups';
import { logRoutes } from './logs';
import { methodRoutes } from './methods';
import { pimRoutes } from './pim';
import { pimActiveRoutes } from './pim-active';
import { policyRoutes } from './policies';
import { roleRoutes } from './roles';
import type { Making } from './routes';
import { signInActivityRoutes } from './sign-in-activity';
import { tenantRoutes } from './tenant';
import { userRoutes } from './users';

/** Everything of Graph that the sandbox has. */
export const graphRoutes: readonly ((making: Making) => void)[] = [userRoutes, deletedRoutes, groupRoutes, roleRoutes, pimRoutes, pimActiveRoutes, methodRoutes, deviceRoutes, applicationRoutes, credentialRoutes, grantRoutes, policyRoutes, logRoutes, signInActivityRoutes, tenantRoutes];
