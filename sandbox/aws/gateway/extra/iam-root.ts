import { mint } from '../auth/credentials';
import { Fault } from '../protocol/faults';
import { textOf, type Json } from '../protocol/shapes';
import { rootOf } from '../world';
import { trustsIam } from './organizations';
import type { Extra, Handler, Handlers } from './types';

const isRoot = ({ caller }: Extra): boolean => caller.identity?.kind === 'root' || caller.identity?.kind === 'assumed-root';
const missing = (what: string): Fault => new Fault('NoSuchEntity', `${what} cannot be found.`, 404);

/** Root's own credentials: calls that root (or AssumeRoot) makes without a user name. moto has no root. */
const ofRoot = (act: (extra: Extra, account: string) => Json | null): Handler => (extra) =>
  isRoot(extra) && textOf(extra.call.input, 'UserName') === undefined ? act(extra, extra.caller.account) : null;

const keyShape = (key: { id: string; status: string; createdAt: Date }): Json => ({ UserName: undefined, AccessKeyId: key.id, Status: key.status, CreateDate: key.createdAt });

export const iamRoot: Handlers = {
  CreateAccessKey: ofRoot(({ world }, account) => {
    const root = rootOf(world, account);
    if (root.keys.length >= 2) throw new Fault('LimitExceeded', 'Cannot exceed quota for AccessKeysPerUser: 2', 409);
    const credential = mint({ kind: 'root', account });
    const key = { id: credential.accessKeyId, status: 'Active', createdAt: new Date(world.now()) };
    root.keys.push(key);
    world.estate.later(() => world.credentials.add(credential));
    return { AccessKey: { ...keyShape(key), UserName: 'root', SecretAccessKey: credential.secret } };
  }),
  ListAccessKeys: ofRoot(({ world }, account) => ({ AccessKeyMetadata: rootOf(world, account).keys.map(keyShape), IsTruncated: false })),
  UpdateAccessKey: ofRoot(({ call, world }, account) => {
    const key = rootOf(world, account).keys.find((one) => one.id === call.input.AccessKeyId);
    if (!key) throw missing(`The Access Key with id ${String(call.input.AccessKeyId)}`);
    key.status = call.input.Status === 'Active' ? 'Active' : 'Inactive';
    return {};
  }),
  DeleteAccessKey: ofRoot(({ call, world }, account) => {
    const root = rootOf(world, account);
    if (!root.keys.some((one) => one.id === call.input.AccessKeyId)) throw missing(`The Access Key with id ${String(call.input.AccessKeyId)}`);
    root.keys = root.keys.filter((one) => one.id !== call.input.AccessKeyId);
    return {};
  }),
  ListSigningCertificates: ofRoot(() => ({ Certificates: [], IsTruncated: false })),
  ListMFADevices: ofRoot(({ world }, account) => {
    const serial = rootOf(world, account).mfa;
    return { MFADevices: serial ? [{ UserName: 'root', SerialNumber: serial, EnableDate: new Date(world.now()) }] : [], IsTruncated: false };
  }),
  DeactivateMFADevice: ofRoot(({ call, world }, account) => {
    const root = rootOf(world, account);
    if (root.mfa !== call.input.SerialNumber) throw missing(`MFA device with serial number ${String(call.input.SerialNumber)}`);
    root.mfa = null;
    return {};
  }),
  GetUser: ofRoot(({ world }, account) => ({ User: { UserName: 'root', UserId: account, Arn: `arn:aws:iam::${account}:root`, Path: '/', CreateDate: new Date(world.now() - 86_400_000 * 400) } })),
  GetLoginProfile: ofRoot(({ world }, account) => {
    if (!rootOf(world, account).password) throw missing('Login Profile for root');
    return { LoginProfile: { UserName: 'root', CreateDate: new Date(world.now() - 86_400_000 * 400), PasswordResetRequired: false } };
  }),
  CreateLoginProfile: ofRoot(({ world }, account) => {
    const root = rootOf(world, account);
    if (root.password) throw new Fault('EntityAlreadyExists', 'Login Profile for root already exists.', 409);
    root.password = true;
    return { LoginProfile: { UserName: 'root', CreateDate: new Date(world.now()), PasswordResetRequired: false } };
  }),
  DeleteLoginProfile: ofRoot(({ world }, account) => {
    const root = rootOf(world, account);
    if (!root.password) throw missing('Login Profile for root');
    root.password = false;
    return {};
  }),
};

const central: Handler = (extra) => {
  const { world, caller } = extra;
  const { organization } = world.estate;
  if (!organization.management) throw new Fault('OrganizationNotFoundException', 'The account is not in an organization.');
  if (caller.account !== organization.management && !organization.delegatedAdmins.has(caller.account)) throw new Fault('CallerIsNotManagementAccountException', 'Only the management account or a delegated administrator may do this.');
  if (!trustsIam(world)) throw new Fault('ServiceAccessNotEnabledException', 'Trusted access for iam.amazonaws.com is not enabled in Organizations.');
  return features(extra);
};
const features = ({ world }: Extra): Json => ({ OrganizationId: world.estate.organization.id, EnabledFeatures: [...world.rootFeatures] });
const change = (apply: (features: Set<string>) => void): Handler => (extra) => {
  void central(extra);
  apply(extra.world.rootFeatures);
  return features(extra);
};

/** Centralised root access (IAM User Guide, "Centrally manage root access for member accounts"). */
export const iamCentralRoot: Handlers = {
  EnableOrganizationsRootCredentialsManagement: change((on) => void on.add('RootCredentialsManagement')),
  EnableOrganizationsRootSessions: change((on) => void on.add('RootSessions')),
  DisableOrganizationsRootCredentialsManagement: change((on) => void on.delete('RootCredentialsManagement')),
  DisableOrganizationsRootSessions: change((on) => void on.delete('RootSessions')),
  ListOrganizationsFeatures: central,
};
