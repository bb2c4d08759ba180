import { diffPolicies, outsiders } from '../../../playbook/policy-diff';
import type { JsonObject } from '../../../playbook/json';
import type { Artifact } from '../../../playbook/model/finding';
import { artifactOf } from './artifact';
import type { Attributed } from './attribution';
import { documentIn, object, text } from './record';

export type EntityKind = 'user' | 'role' | 'group';

/** What is known of the account besides the trail. */
export interface Around {
  partition: string;
  /** Accounts that are ours: configured or of the organization. */
  knownAccounts: readonly string[];
}

type Extract = (event: Attributed, around: Around) => Artifact[];

/** Artifacts of IAM, one entry per CloudTrail event name (IAM API Reference; `requestParameters` are the API's, in lower camel case). */
const extracts: Record<string, Extract> = {
  CreateUser: (event, around) => entity(event, around, 'user', 'created'),
  DeleteUser: (event, around) => entity(event, around, 'user', 'deleted'),
  CreateGroup: (event, around) => entity(event, around, 'group', 'created'),
  CreateRole: (event, around) => {
    const document = documentIn(event.record.request, 'assumeRolePolicyDocument');
    return entity(event, around, 'role', 'created', { document, outside: outsiders(document, [event.record.account, ...around.knownAccounts]), crossAccount: outsiders(document, [event.record.account]) });
  },
  DeleteRole: (event, around) => entity(event, around, 'role', 'deleted'),
  CreateAccessKey: (event) => key(event, text(object(event.record.response, 'accessKey'), 'accessKeyId'), 'created'),
  // Switching a key on again is as good as a new one.
  UpdateAccessKey: (event) => (text(event.record.request, 'status') === 'Active' ? key(event, text(event.record.request, 'accessKeyId'), 'changed') : []),
  DeleteAccessKey: (event) => key(event, text(event.record.request, 'accessKeyId'), 'deleted'),
  CreateLoginProfile: (event, around) => login(event, around, 'created'),
  UpdateLoginProfile: (event, around) => login(event, around, 'changed'),
  ChangePassword: (event, around) => login(event, around, 'changed'),
  CreateVirtualMFADevice: (event) => mfa(event, text(object(event.record.response, 'virtualMFADevice'), 'serialNumber'), 'created'),
  EnableMFADevice: (event) => mfa(event, text(event.record.request, 'serialNumber'), 'created'),
  DeactivateMFADevice: (event) => mfa(event, text(event.record.request, 'serialNumber'), 'deleted'),
  DeleteVirtualMFADevice: (event) => mfa(event, text(event.record.request, 'serialNumber'), 'deleted'),
  AddUserToGroup: (event, around) => membership(event, around, 'changed'),
  RemoveUserFromGroup: (event, around) => membership(event, around, 'deleted'),
  CreatePolicy: ({ record, ...rest }) => {
    const arn = text(object(record.response, 'policy'), 'arn');
    const name = text(record.request, 'policyName');
    const document = documentIn(record.request, 'policyDocument');
    return arn && name ? [artifactOf({ record, ...rest }, { kind: 'policy', id: arn, name, how: 'created', region: null, details: { document, grantsAdmin: diffPolicies(null, document).grantsAdmin.after } })] : [];
  },
  CreatePolicyVersion: (event) => version(event, text(object(event.record.response, 'policyVersion'), 'versionId')),
  SetDefaultPolicyVersion: (event) => version(event, null),
  DeletePolicy: (event) => policy(event, 'deleted'),
  UpdateAssumeRolePolicy: (event, around) => {
    const role = text(event.record.request, 'roleName');
    const document = documentIn(event.record.request, 'policyDocument');
    const outside = outsiders(document, [event.record.account, ...around.knownAccounts]);
    return role
      ? [artifactOf(event, { kind: 'trust', id: arnOf(event, around, 'role', role), name: role, how: 'changed', region: null, details: { role, document, outside, crossAccount: outsiders(document, [event.record.account]) } })]
      : [];
  },
  CreateServiceSpecificCredential: (event) => other(event, text(object(event.record.response, 'serviceSpecificCredential'), 'serviceSpecificCredentialId')),
  UploadSSHPublicKey: (event) => other(event, text(object(event.record.response, 'sSHPublicKey'), 'sSHPublicKeyId')),
  UploadSigningCertificate: (event) => other(event, text(object(event.record.response, 'certificate'), 'certificateId')),
  CreateOpenIDConnectProvider: (event) => other(event, text(event.record.response, 'openIDConnectProviderArn')),
  CreateSAMLProvider: (event) => other(event, text(event.record.response, 'sAMLProviderArn')),
  UpdateSAMLProvider: (event) => other(event, text(event.record.response, 'sAMLProviderArn'), 'changed'),
  CreateInstanceProfile: (event) => other(event, text(object(event.record.response, 'instanceProfile'), 'arn')),
  CreateAccountAssignment: (event) => other(event, text(object(event.record.response, 'accountAssignmentCreationStatus'), 'requestId')),
  AttachManagedPolicyToPermissionSet: (event) => other(event, text(event.record.request, 'permissionSetArn'), 'changed'),
  PutInlinePolicyToPermissionSet: (event) => other(event, text(event.record.request, 'permissionSetArn'), 'changed'),
};
for (const kind of ['user', 'role', 'group'] as const) {
  const Name = kind[0]!.toUpperCase() + kind.slice(1);
  extracts[`Attach${Name}Policy`] = (event, around) => attachment(event, around, kind, 'changed');
  extracts[`Detach${Name}Policy`] = (event, around) => attachment(event, around, kind, 'deleted');
  extracts[`Put${Name}Policy`] = (event, around) => inline(event, around, kind, 'created');
  extracts[`Delete${Name}Policy`] = (event, around) => inline(event, around, kind, 'deleted');
  if (kind === 'group') continue;
  extracts[`Put${Name}PermissionsBoundary`] = (event, around) => boundary(event, around, kind, 'changed');
  extracts[`Delete${Name}PermissionsBoundary`] = (event, around) => boundary(event, around, kind, 'deleted');
}

export function iamChanges(events: readonly Attributed[], around: Around): Artifact[] {
  return events.flatMap((event) => (event.record.errorCode === null && /^(iam|sso)\.amazonaws\.com$/.test(event.record.eventSource) ? (extracts[event.record.eventName]?.(event, around) ?? []) : []));
}

/** Names that this module turns into artifacts; the general check leaves them out. */
export const iamEventNames: ReadonlySet<string> = new Set(Object.keys(extracts));

/** The entity's ARN as the response gives it; without one, the ARN without a path. */
function arnOf({ record }: Attributed, { partition }: Around, kind: EntityKind, name: string): string {
  return text(object(record.response, kind), 'arn') ?? `arn:${partition}:iam::${record.account}:${kind}/${name}`;
}

function entity(event: Attributed, around: Around, kind: EntityKind, how: Artifact['how'], details: JsonObject = {}): Artifact[] {
  const name = text(event.record.request, `${kind}Name`);
  return name ? [artifactOf(event, { kind, id: arnOf(event, around, kind, name), name, how, region: null, details })] : [];
}

function key(event: Attributed, id: string | null, how: Artifact['how']): Artifact[] {
  const { record } = event;
  const named = text(record.request, 'userName');
  // Without a user name it is the caller's own key; root is no user.
  const user = named ?? (record.identity.type === 'Root' ? null : (text(object(record.response, 'accessKey'), 'userName') ?? record.identity.userName));
  return id ? [artifactOf(event, { kind: 'access-key', id, name: id, how, region: null, details: { user } })] : [];
}

function login(event: Attributed, around: Around, how: Artifact['how']): Artifact[] {
  const user = text(event.record.request, 'userName') ?? event.record.identity.userName;
  return user ? [artifactOf(event, { kind: 'login-profile', id: arnOf(event, around, 'user', user), name: user, how, region: null, details: { user } })] : [];
}

function mfa(event: Attributed, serial: string | null, how: Artifact['how']): Artifact[] {
  const user = text(event.record.request, 'userName');
  return serial ? [artifactOf(event, { kind: 'mfa-device', id: serial, name: serial, how, region: null, details: user ? { user } : {} })] : [];
}

function membership(event: Attributed, around: Around, how: Artifact['how']): Artifact[] {
  const group = text(event.record.request, 'groupName');
  const user = text(event.record.request, 'userName');
  return group && user ? [artifactOf(event, { kind: 'group', id: arnOf(event, around, 'group', group), name: group, how, region: null, details: { group, user } })] : [];
}

function policy(event: Attributed, how: Artifact['how'], details: JsonObject = {}): Artifact[] {
  const arn = text(event.record.request, 'policyArn');
  return arn ? [artifactOf(event, { kind: 'policy', id: arn, name: arn.split('/').pop()!, how, region: null, details })] : [];
}

function version(event: Attributed, versionId: string | null): Artifact[] {
  const document = documentIn(event.record.request, 'policyDocument');
  return policy(event, 'changed', { ...(versionId ? { addedVersions: [versionId] } : {}), ...(document ? { document } : {}), versionNow: versionId ?? text(event.record.request, 'versionId') });
}

function attachment(event: Attributed, around: Around, kind: EntityKind, how: 'changed' | 'deleted'): Artifact[] {
  const name = text(event.record.request, `${kind}Name`);
  const arn = text(event.record.request, 'policyArn');
  return name && arn
    ? [artifactOf(event, { kind: 'policy-attachment', id: arn, name: arn.split('/').pop()!, how: how === 'changed' ? 'created' : 'deleted', region: null, details: { entityKind: kind, entity: name, entityArn: arnOf(event, around, kind, name), policyArn: arn } })]
    : [];
}

function inline(event: Attributed, around: Around, kind: EntityKind, how: 'created' | 'deleted'): Artifact[] {
  const name = text(event.record.request, `${kind}Name`);
  const policyName = text(event.record.request, 'policyName');
  if (!name || !policyName) return [];
  const entityArn = arnOf(event, around, kind, name);
  const document = documentIn(event.record.request, 'policyDocument');
  return [artifactOf(event, { kind: 'inline-policy', id: `${entityArn}/${policyName}`, name: policyName, how, region: null, details: { entityKind: kind, entity: name, entityArn, policyName, ...(document ? { document } : {}) } })];
}

function boundary(event: Attributed, around: Around, kind: 'user' | 'role', how: 'changed' | 'deleted'): Artifact[] {
  const name = text(event.record.request, `${kind}Name`);
  return name ? [artifactOf(event, { kind: 'other', id: `${arnOf(event, around, kind, name)}/permissions-boundary`, name: `permissions boundary of ${name}`, how, region: null, details: { entityKind: kind, entity: name, boundary: text(event.record.request, 'permissionsBoundary') } })] : [];
}

function other(event: Attributed, id: string | null, how: Artifact['how'] = 'created'): Artifact[] {
  const { record } = event;
  return id ? [artifactOf(event, { kind: 'other', id, name: text(record.request, 'name') ?? text(record.request, 'userName') ?? id, how, region: null, details: { service: record.eventSource, ...(text(record.request, 'userName') ? { user: text(record.request, 'userName')! } : {}) } })] : [];
}
