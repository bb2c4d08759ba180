import {
  DeactivateMFADeviceCommand, DeleteAccessKeyCommand, DeleteLoginProfileCommand, DeleteServiceSpecificCredentialCommand, DeleteSigningCertificateCommand,
  DeleteSSHPublicKeyCommand, DeleteVirtualMFADeviceCommand, GetLoginProfileCommand, ListServiceSpecificCredentialsCommand, paginateListAccessKeys,
  paginateListGroupsForUser, paginateListMFADevices, paginateListSigningCertificates, paginateListSSHPublicKeys, RemoveUserFromGroupCommand, UpdateAccessKeyCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import type { JsonObject } from '../../../playbook/json';
import { attachedPolicies, deleteInline, detach, inlinePolicies } from './identity';
import { all, orNull, removed } from './support';

/** Everything that hangs on a user and would stop DeleteUser (IAM User Guide: “Removing an IAM user”). Holds no secret. */
export interface UserParts {
  loginProfile: boolean;
  accessKeys: { id: string; status: string; createdAt: string }[];
  attached: { name: string; arn: string }[];
  inline: { name: string; document: JsonObject }[];
  mfa: string[];
  groups: string[];
  sshKeys: string[];
  certificates: string[];
  serviceCredentials: { id: string; service: string }[];
}

export async function readUserParts(iam: IAMClient, user: string): Promise<UserParts> {
  const client = { client: iam };
  const of = { UserName: user };
  const [login, keys, attached, inline, mfa, groups, sshKeys, certificates, serviceCredentials] = await Promise.all([
    orNull(iam.send(new GetLoginProfileCommand(of))),
    all(paginateListAccessKeys(client, of), (page) => page.AccessKeyMetadata),
    attachedPolicies(iam, 'user', user),
    inlinePolicies(iam, 'user', user),
    all(paginateListMFADevices(client, of), (page) => page.MFADevices),
    all(paginateListGroupsForUser(client, of), (page) => page.Groups),
    all(paginateListSSHPublicKeys(client, of), (page) => page.SSHPublicKeys),
    all(paginateListSigningCertificates(client, of), (page) => page.Certificates),
    iam.send(new ListServiceSpecificCredentialsCommand(of)),
  ]);
  return {
    loginProfile: login !== null,
    accessKeys: keys.map((key) => ({ id: key.AccessKeyId ?? '', status: key.Status ?? '', createdAt: key.CreateDate?.toISOString() ?? '' })),
    attached,
    inline,
    mfa: mfa.map((device) => device.SerialNumber ?? ''),
    groups: groups.map((group) => group.GroupName ?? ''),
    sshKeys: sshKeys.map((key) => key.SSHPublicKeyId ?? ''),
    certificates: certificates.map((certificate) => certificate.CertificateId ?? ''),
    serviceCredentials: (serviceCredentials.ServiceSpecificCredentials ?? []).map((one) => ({ id: one.ServiceSpecificCredentialId ?? '', service: one.ServiceName ?? '' })),
  };
}

/** Removes every part, in the order that leaves the least usable access at any moment; what is gone already is passed over. */
export async function removeUserParts(iam: IAMClient, user: string, parts: UserParts): Promise<void> {
  const of = { UserName: user };
  if (parts.loginProfile) await removed(iam.send(new DeleteLoginProfileCommand(of)));
  for (const key of parts.accessKeys) {
    await removed(iam.send(new UpdateAccessKeyCommand({ ...of, AccessKeyId: key.id, Status: 'Inactive' })));
    await removed(iam.send(new DeleteAccessKeyCommand({ ...of, AccessKeyId: key.id })));
  }
  for (const policy of parts.attached) await removed(detach(iam, 'user', user, policy.arn));
  for (const policy of parts.inline) await removed(deleteInline(iam, 'user', user, policy.name));
  for (const serial of parts.mfa) {
    await removed(iam.send(new DeactivateMFADeviceCommand({ ...of, SerialNumber: serial })));
    // Only a virtual device is an object of its own and stays behind when deactivated.
    if (/:mfa\//.test(serial)) await removed(iam.send(new DeleteVirtualMFADeviceCommand({ SerialNumber: serial })));
  }
  for (const group of parts.groups) await removed(iam.send(new RemoveUserFromGroupCommand({ ...of, GroupName: group })));
  for (const id of parts.sshKeys) await removed(iam.send(new DeleteSSHPublicKeyCommand({ ...of, SSHPublicKeyId: id })));
  for (const id of parts.certificates) await removed(iam.send(new DeleteSigningCertificateCommand({ ...of, CertificateId: id })));
  for (const one of parts.serviceCredentials) await removed(iam.send(new DeleteServiceSpecificCredentialCommand({ ...of, ServiceSpecificCredentialId: one.id })));
}

/** One line for each kind of part that there is. */
export function describeParts(parts: UserParts): string[] {
  const list = (label: string, names: string[]) => (names.length > 0 ? [`with its ${label}: ${names.join(', ')}`] : []);
  return [
    ...(parts.loginProfile ? ['with its console password'] : []),
    ...list('access keys', parts.accessKeys.map((key) => key.id)),
    ...list('managed policies (detached)', parts.attached.map((policy) => policy.name)),
    ...list('inline policies', parts.inline.map((policy) => policy.name)),
    ...list('MFA devices', parts.mfa),
    ...list('group memberships', parts.groups),
    ...list('SSH keys', parts.sshKeys),
    ...list('signing certificates', parts.certificates),
    ...list('service credentials', parts.serviceCredentials.map((one) => `${one.id} (${one.service})`)),
  ];
}
