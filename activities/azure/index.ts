import type { Provider } from '../provider';
import { azureAudit, azureAuditActions } from './audit';
import { containActions } from './contain';
import { proposeContainment, proposalPermissions } from './contain/propose';
import type { AzureContext } from './context';
import { eradicateActions } from './eradicate';
import { proposeEradication } from './eradicate/propose';
import { baseline, baselinePermissions } from './baseline';
import { classifyAzure } from './errors';
import { azureChecks } from './investigate';
import { azureGrantExecutors } from './jit';
import { lookUp, lookUpPermissions } from './look-up';
import { armRoleOf, graphPermissionsOf, type ArmRole, type GraphPermissions } from './permissions';
import { recoverActions } from './recover';
import { proposeRecovery } from './recover/propose';
import { rootActions } from './root';
import { proposeBreakGlass, proposeRoot } from './root/propose';
import { selfCheckPermissions } from './self-check';
import { watch, watchPermissions } from './watch';

/** Azure and Entra, as the incident sees them. */
export const azureProvider: Provider<AzureContext> = {
  id: 'azure',
  actions: [...containActions, ...rootActions, ...eradicateActions, ...recoverActions, ...azureAuditActions],
  checks: azureChecks,
  propose: { containment: proposeContainment, root: proposeRoot, 'break-glass': proposeBreakGlass, eradication: proposeEradication, recovery: proposeRecovery },
  lookUp,
  baseline,
  watch: (ctx, input) => watch(ctx, input, input.findings, input.since),
  classify: classifyAzure,
};

const users = [...azureProvider.actions, ...azureChecks, azureAudit, { permissions: proposalPermissions }, { permissions: watchPermissions }, { permissions: lookUpPermissions }, { permissions: baselinePermissions }, { permissions: selfCheckPermissions }];

/** The application permissions that the responder's application needs. */
export const azureGraphPermissions = (): GraphPermissions => graphPermissionsOf(users);

/** The custom role that the responder's application needs in the subscriptions. */
export const azureArmRole = (subscriptions: readonly string[] = []): ArmRole => armRoleOf(users, subscriptions);

/** What just-in-time access needs besides, of Graph and of Azure: granted only where it is used. */
export const azureJitGraphPermissions = (kinds: readonly string[] = azureGrantExecutors.map((one) => one.kind)): GraphPermissions => graphPermissionsOf(azureGrantExecutors.filter((one) => kinds.includes(one.kind)));
export const azureJitArmRole = (subscriptions: readonly string[] = []): ArmRole => ({ ...armRoleOf(azureGrantExecutors, subscriptions), Name: 'Tourniquet Just-in-time' });
