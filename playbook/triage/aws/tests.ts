import type { Alert } from '../../model/alert';
import type { AwsTest, Kin } from '../../risk/types';
import { callOf, fires, type Outcome } from '../reading';
import { acl, functionPermission, madePublic, networkAcl, outsideAccount, publicAccessBlock, resourcePolicy, securityGroup, sharedWith } from './exposure';
import { assumeRole, attachedPolicy, identityPolicy, loginToken, managedPolicyWritten, otherThanActor, policyRemoved, roleTrust } from './identity';
import {
  bucketLifecycle, bucketLogging, bucketVersioning, databaseChanged, eventSelectors, foreignKeyEncryption, functionChanged, instanceChanged, instances, manySecrets, runCommand,
  shortLivedLogs, startScriptRead, switchedOff, trailChanged,
} from './resources';

/** The function behind each `test` of the kin tables: looks past the call's name into the record. Pure; reads only the alert. */
export const awsTests: Record<AwsTest, (alert: Alert, kin: Kin) => Outcome> = {
  always: (alert) => fires('high-risk-call', `${callOf(alert)} is high risk whatever it says`),
  'other-than-actor': otherThanActor,
  'identity-policy': identityPolicy,
  'managed-policy-written': managedPolicyWritten,
  'attached-policy': attachedPolicy,
  'policy-removed': policyRemoved,
  'role-trust': roleTrust,
  'assume-role': assumeRole,
  'resource-policy': resourcePolicy,
  acl,
  'public-access-block': publicAccessBlock,
  'shared-with': sharedWith,
  'made-public': madePublic,
  'security-group': securityGroup,
  'network-acl': networkAcl,
  instances,
  'trail-changed': trailChanged,
  'event-selectors': eventSelectors,
  'switched-off': switchedOff,
  'short-lived-logs': shortLivedLogs,
  'bucket-versioning': bucketVersioning,
  'bucket-logging': bucketLogging,
  'bucket-lifecycle': bucketLifecycle,
  'database-changed': databaseChanged,
  'instance-changed': instanceChanged,
  'function-permission': functionPermission,
  'function-changed': functionChanged,
  'run-command': runCommand,
  'start-script-read': startScriptRead,
  'many-secrets': manySecrets,
  'foreign-key-encryption': foreignKeyEncryption,
  'login-token': loginToken,
  'outside-account': outsideAccount,
};
