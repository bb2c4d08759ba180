import { principalArn, roleByArn } from '../auth/decide';
import { mint, type Credential, type Identity } from '../auth/credentials';
import { rootArn } from '../auth/targets';
import { Fault } from '../protocol/faults';
import { isObject, listOf, textOf, type Json } from '../protocol/shapes';
import type { Extra, Handlers } from './types';

const seconds = (input: Json, fallback: number, min: number, max: number): number => {
  const value = typeof input.DurationSeconds === 'number' ? input.DurationSeconds : fallback;
  if (value < min || value > max) throw new Fault('ValidationError', `The requested DurationSeconds must be between ${min} and ${max}.`);
  return value;
};

function session({ world }: Extra, identity: Identity, duration: number, options: Partial<Credential>): { credential: Credential; shape: Json } {
  const issuedAt = Math.floor(world.now() / 1000) * 1000;
  const credential = mint(identity, { ...options, issuedAt, expiresAt: issuedAt + duration * 1000 });
  // Temporary credentials work at once; only IAM's own changes lag.
  world.credentials.add(credential);
  return { credential, shape: { AccessKeyId: credential.accessKeyId, SecretAccessKey: credential.secret, SessionToken: credential.token, Expiration: new Date(credential.expiresAt!) } };
}

/** The task policies of sts:AssumeRoot (IAM User Guide, "Track privileged tasks"). */
export const rootTasks: Record<string, string[]> = {
  IAMAuditRootUserCredentials: ['iam:GetUser', 'iam:GetLoginProfile', 'iam:ListAccessKeys', 'iam:ListSigningCertificates', 'iam:ListMFADevices', 'iam:GetAccountSummary', 'iam:GetAccessKeyLastUsed'],
  IAMCreateRootUserPassword: ['iam:CreateLoginProfile', 'iam:GetLoginProfile'],
  IAMDeleteRootUserCredentials: ['iam:DeleteAccessKey', 'iam:DeleteSigningCertificate', 'iam:DeleteLoginProfile', 'iam:DeactivateMFADevice', 'iam:ListAccessKeys', 'iam:ListSigningCertificates', 'iam:ListMFADevices', 'iam:GetLoginProfile', 'iam:GetAccountSummary', 'iam:GetUser'],
  S3UnlockBucketPolicy: ['s3:DeleteBucketPolicy', 's3:PutBucketPolicy', 's3:GetBucketPolicy', 's3:ListAllMyBuckets'],
  SQSUnlockQueuePolicy: ['sqs:SetQueueAttributes', 'sqs:GetQueueAttributes', 'sqs:ListQueues', 'sqs:GetQueueUrl'],
};

export const sts: Handlers = {
  GetCallerIdentity: ({ caller, world }) => {
    const identity = caller.identity!;
    const userId = identity.kind === 'user' ? identity.id : identity.kind === 'role' ? `${identity.id}:${identity.session}` : identity.account;
    return { Account: identity.account, Arn: principalArn(world.estate, identity), UserId: userId };
  },
  GetAccessKeyInfo: ({ call, world }) => {
    const known = world.credentials.peek(String(call.input.AccessKeyId));
    return known ? { Account: known.identity.account } : null;
  },
  GetSessionToken: (extra) => {
    const { caller, call } = extra;
    if (caller.identity!.kind === 'role') throw new Fault('AccessDenied', 'Cannot call GetSessionToken with session credentials', 403);
    const duration = seconds(call.input, 43_200, 900, caller.identity!.kind === 'root' ? 3600 : 129_600);
    const { shape } = session(extra, caller.identity!, duration, { mfa: typeof call.input.TokenCode === 'string' && typeof call.input.SerialNumber === 'string', sessionToken: caller.identity!.kind === 'user' });
    return { Credentials: shape };
  },
  AssumeRole: async (extra) => {
    const { call, caller, world } = extra;
    const role = roleByArn(world.estate, String(call.input.RoleArn));
    const name = textOf(call.input, 'RoleSessionName') ?? '';
    if (!/^[\w+=,.@-]{2,64}$/.test(name)) throw new Fault('ValidationError', `1 validation error detected: Value '${name}' at 'roleSessionName' failed to satisfy constraint`);
    if (!role) throw new Fault('AccessDenied', `User: ${principalArn(world.estate, caller.identity!)} is not authorized to perform: sts:AssumeRole on resource: ${String(call.input.RoleArn)}`, 403);
    const account = /::(\d{12}):/.exec(role.arn)![1]!;
    // Role chaining is limited to an hour (IAM User Guide, "Roles terms and concepts").
    const duration = seconds(call.input, 3600, 900, caller.identity!.kind === 'role' ? 3600 : 43_200);
    const own = textOf(call.input, 'Policy');
    const managed = await Promise.all(listOf(call.input.PolicyArns).filter(isObject).map((one) => world.managed(String(one.arn), account)));
    const sessionPolicies = [...(own ? [JSON.parse(own) as object] : []), ...managed.filter((one) => one !== null)];
    const identity: Identity = { kind: 'role', account, role: role.name, id: role.id, session: name };
    const { shape } = session(extra, identity, duration, { mfa: caller.credential?.mfa ?? false, sessionPolicies });
    return { Credentials: shape, AssumedRoleUser: { AssumedRoleId: `${role.id}:${name}`, Arn: principalArn(world.estate, identity) }, PackedPolicySize: sessionPolicies.length ? 6 : undefined };
  },
  AssumeRoot: async (extra) => {
    const { call, caller, world } = extra;
    const { organization } = world.estate;
    if (call.region === 'us-east-1' && call.raw.headers.host === 'sts.amazonaws.com') throw new Fault('AccessDenied', 'AssumeRoot is served by regional endpoints only.', 403);
    const account = /^arn:aws:iam::(\d{12}):root$/.exec(rootArn(String(call.input.TargetPrincipal)))?.[1];
    const task = isObject(call.input.TaskPolicyArn) ? String(call.input.TaskPolicyArn.arn).split('/').at(-1)! : '';
    const central = caller.account === organization.management || organization.delegatedAdmins.has(caller.account);
    const denied = new Fault('AccessDenied', `User: ${principalArn(world.estate, caller.identity!)} is not authorized to perform: sts:AssumeRoot on resource: ${rootArn(String(call.input.TargetPrincipal))}`, 403);
    if (!account || !central || account === organization.management || !organization.parents.has(account) || !world.rootFeatures.has('RootSessions')) throw denied;
    const actions = rootTasks[task];
    if (!actions) throw new Fault('ValidationError', 'The task policy is not one of the policies for privileged root tasks.');
    const duration = seconds(call.input, 900, 1, 900);
    const by = principalArn(world.estate, caller.identity!);
    const { shape } = session(extra, { kind: 'assumed-root', account, task, by }, duration, { sessionPolicies: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] }] });
    return { Credentials: shape, SourceIdentity: textOf(call.input, 'SourceIdentity') };
  },
  DecodeAuthorizationMessage: () => {
    throw new Fault('InvalidAuthorizationMessageException', 'The sandbox does not encode authorization messages.');
  },
};

/** Temporary credentials of a user without MFA may not call IAM, nor STS but for two calls (STS API reference, GetSessionToken). */
export function sessionTokenMay(credential: Credential, service: string, operation: string): boolean {
  if (!credential.sessionToken) return true;
  if (service === 'iam') return credential.mfa;
  return service !== 'sts' || operation === 'AssumeRole' || operation === 'GetCallerIdentity';
}

