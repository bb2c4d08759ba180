import type { Propose, Provider } from '../provider';
import { classifyAws } from './errors';
import type { AwsContext } from './context';
import { containActions } from './contain';
import { proposeContainment } from './contain/propose';
import { eradicateActions } from './eradicate';
import { describeListed, proposeEradication } from './eradicate/propose';
import { awsChecks } from './investigate';
import { auditActions, awsAudit } from './audit';
import { awsGrantExecutors } from './jit';
import { backstopPermissions } from './backstop';
import { baseline, baselinePermissions } from './baseline';
import { lookUp, lookUpPermissions } from './look-up';
import { permissionsOf, proposing, type PermissionOptions, type PolicyDocument } from './permissions';
import { recoverActions } from './recover';
import { proposeRecovery } from './recover/propose';
import { rootActions } from './root';
import { proposeBreakGlass } from './root/propose-break-glass';
import { proposeRoot } from './root/propose';
import { selfCheckPermissions } from './self-check';
import { watch, watchPermissions } from './watch';

const eradication: Propose<AwsContext> = async (ctx, input, findings) => {
  const { proposals, unattributed } = await proposeEradication(ctx, input, findings);
  return { proposals, left: unattributed.map(describeListed) };
};

/** AWS, as the incident sees it. */
export const awsProvider: Provider<AwsContext> = {
  id: 'aws',
  actions: [...containActions, ...rootActions, ...eradicateActions, ...recoverActions, ...auditActions],
  checks: awsChecks,
  propose: {
    containment: proposeContainment,
    root: proposeRoot,
    'break-glass': proposeBreakGlass,
    eradication,
    recovery: async (ctx, input, findings) => ({ proposals: await proposeRecovery(ctx, input, findings), left: [] }),
  },
  lookUp,
  baseline: (ctx, input) => baseline(ctx, input),
  watch: (ctx, input) => watch(ctx, input, input.findings, input.since),
  classify: classifyAws,
};

const users = [...awsProvider.actions, ...awsChecks, awsAudit, proposing, { permissions: watchPermissions }, { permissions: lookUpPermissions }, { permissions: baselinePermissions }, { permissions: backstopPermissions }, { permissions: selfCheckPermissions }];

/** The responder role's policy: exactly what actions, checks and proposals declare. */
export const awsPermissions = (options: PermissionOptions = {}): PolicyDocument => permissionsOf(users, options);

/** What just-in-time access needs besides: attached only where it is used. */
export const awsJitPermissions = (options: PermissionOptions = {}): PolicyDocument => permissionsOf(awsGrantExecutors, options);

/** Every declared permission, sorted. */
export const awsDeclaredPermissions = (): string[] => [...new Set(users.flatMap((one) => [...one.permissions]))].sort();
