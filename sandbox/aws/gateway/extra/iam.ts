import { Fault } from '../protocol/faults';
import { isObject, listOf, textOf, type Json } from '../protocol/shapes';
import { rootOf } from '../world';
import { aged } from './aged';
import { asFault } from './as-fault';
import { iamCentralRoot, iamRoot } from './iam-root';
import { lastAccessed } from './last-accessed';
import type { Extra, Handler, Handlers } from './types';

const boundaryShape = (arn: string): Json => ({ PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: arn });
const boundaryOf = ({ world, caller }: Extra, user: string): string | null => world.estate.account(caller.account).users.get(user)?.boundary ?? null;

/** Throws moto's NoSuchEntity when there is no such user. */
const mustBeUser = async ({ ask, call }: Extra): Promise<void> => void (await asFault(ask('GetUser', { UserName: call.input.UserName })));

const putBoundary: Handler = async (extra) => {
  await mustBeUser(extra);
  const arn = textOf(extra.call.input, 'PermissionsBoundary') ?? '';
  if (!(await extra.world.managed(arn, extra.caller.account))) throw new Fault('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
  return {};
};
const deleteBoundary: Handler = async (extra) => {
  await mustBeUser(extra);
  if (!boundaryOf(extra, String(extra.call.input.UserName))) throw new Fault('NoSuchEntity', 'The user has no permissions boundary.', 404);
  return {};
};

/** moto takes an update without a password for a deletion. */
const updateLoginProfile: Handler = async (extra) => {
  const { call, ask, world, caller } = extra;
  if (call.input.Password === undefined) await asFault(ask('GetLoginProfile', { UserName: call.input.UserName }));
  const resets = world.shelf('login-reset', caller.account, () => new Map<string, boolean>());
  if (typeof call.input.PasswordResetRequired === 'boolean') resets.set(String(call.input.UserName), call.input.PasswordResetRequired);
  return call.input.Password === undefined ? {} : null;
};
const getLoginProfile: Handler = async (extra) => {
  const { call, ask, world, caller } = extra;
  const reset = world.shelf('login-reset', caller.account, () => new Map<string, boolean>()).get(String(call.input.UserName));
  if (reset === undefined) return null;
  const answer = await asFault(ask('GetLoginProfile', call.input));
  return { LoginProfile: { ...(answer.LoginProfile as Json), PasswordResetRequired: reset } };
};

const getUser: Handler = async (extra) => {
  const name = textOf(extra.call.input, 'UserName') ?? (extra.caller.identity?.kind === 'user' ? extra.caller.identity.name : '');
  const boundary = boundaryOf(extra, name);
  if (!boundary) return extra.call.input.UserName === undefined ? withIds(await asFault(extra.ask('GetUser', { UserName: name }))) : null;
  const answer = withIds(await asFault(extra.ask('GetUser', { UserName: name })));
  return { User: { ...(answer.User as Json), PermissionsBoundary: boundaryShape(boundary) } };
};
const withIds = (answer: Json): Json => (isObject(answer.User) ? { User: { ...answer.User, UserId: `AIDA${String(answer.User.UserId).slice(3).toUpperCase()}` } } : answer);

/** Calls that default to the caller's own user: moto would look for the key in its own store. */
const own = (operation: string): Handler => async (extra) => {
  const { identity } = extra.caller;
  if (extra.call.input.UserName !== undefined || identity?.kind !== 'user') return null;
  return asFault(extra.ask(operation, { ...extra.call.input, UserName: identity.name }));
};
const first = (...handlers: Handler[]): Handler => async (extra) => {
  for (const handler of handlers) {
    const answer = await handler(extra);
    if (answer) return answer;
  }
  return null;
};

const summary: Handler = async ({ ask, world, caller }) => {
  const answer = await ask('GetAccountSummary', {});
  const root = rootOf(world, caller.account);
  const map = { ...(answer.SummaryMap as Json), AccountMFAEnabled: root.mfa ? 1 : 0, AccountAccessKeysPresent: root.keys.length ? 1 : 0, AccountPasswordPresent: root.password ? 1 : 0, AccountSigningCertificatesPresent: 0 };
  return { SummaryMap: map };
};

const lastUsed: Handler = ({ call, world }) => {
  const id = String(call.input.AccessKeyId);
  const used = world.credentials.lastUsed.get(id);
  const owner = world.credentials.peek(id)?.identity;
  if (!used || owner?.kind !== 'user') return null;
  return { UserName: owner.name, AccessKeyLastUsed: { LastUsedDate: new Date(used.at), ServiceName: used.service, Region: used.region } };
};

const simulate: Handler = ({ call, world, caller }) => {
  const source = textOf(call.input, 'PolicySourceArn') ?? '';
  return simulated(call.input, async (action, resource, context) => {
    const decision = await world.simulatePrincipal(source, caller.account, action, resource, context);
    if (!decision) throw new Fault('NoSuchEntity', `No entity with ARN ${source}`, 404);
    return decision;
  });
};

/** The documents of the request alone decide: no identity, no boundary, no organisation (IAM API: SimulateCustomPolicy). */
const simulateCustom: Handler = ({ call, world, caller }) => {
  const documents = listOf(call.input.PolicyInputList).map((text) => JSON.parse(String(text)) as object);
  return simulated(call.input, (action, resource, context) => world.simulateDocuments(documents, caller.account, action, resource, context));
};

async function simulated(input: Json, decide: (action: string, resource: string, context: Record<string, string | string[]>) => Promise<string>): Promise<Json> {
  const resources = listOf(input.ResourceArns).map(String);
  const context: Record<string, string | string[]> = {};
  for (const entry of listOf(input.ContextEntries).filter(isObject)) {
    const values = listOf(entry.ContextKeyValues).map(String);
    context[String(entry.ContextKeyName)] = values.length === 1 ? values[0]! : values;
  }
  const results: Json[] = [];
  for (const action of listOf(input.ActionNames).map(String)) for (const resource of resources.length ? resources : ['*']) {
    results.push({ EvalActionName: action, EvalResourceName: resource, EvalDecision: await decide(action, resource, context), MatchedStatements: [], MissingContextValues: [] });
  }
  return { EvaluationResults: results, IsTruncated: false };
}

const authorizationDetails: Handler = async (extra) => {
  const bounded = [...extra.world.estate.account(extra.caller.account).users.values()].filter((user) => user.boundary);
  if (!bounded.length) return null;
  const answer = await extra.ask('GetAccountAuthorizationDetails', extra.call.input);
  const users = listOf(answer.UserDetailList).filter(isObject).map((user) => {
    const boundary = bounded.find((one) => one.name === user.UserName)?.boundary;
    return { ...user, UserId: `AIDA${String(user.UserId).slice(3).toUpperCase()}`, ...(boundary ? { PermissionsBoundary: boundaryShape(boundary) } : {}) };
  });
  return { ...answer, UserDetailList: users };
};

/** What moto's IAM lacks or gets wrong. */
export const iam: Handlers = {
  ...iamRoot, ...iamCentralRoot, ...lastAccessed,
  PutUserPermissionsBoundary: putBoundary,
  DeleteUserPermissionsBoundary: deleteBoundary,
  GetUser: aged('GetUser', first(iamRoot.GetUser!, getUser)),
  ListUsers: aged('ListUsers'),
  GetRole: aged('GetRole'),
  ListRoles: aged('ListRoles'),
  UpdateLoginProfile: updateLoginProfile,
  GetLoginProfile: first(iamRoot.GetLoginProfile!, getLoginProfile),
  CreateAccessKey: first(iamRoot.CreateAccessKey!, own('CreateAccessKey')),
  ListAccessKeys: aged('ListAccessKeys', first(iamRoot.ListAccessKeys!, own('ListAccessKeys'))),
  UpdateAccessKey: first(iamRoot.UpdateAccessKey!, own('UpdateAccessKey')),
  DeleteAccessKey: first(iamRoot.DeleteAccessKey!, own('DeleteAccessKey')),
  ListMFADevices: first(iamRoot.ListMFADevices!, own('ListMFADevices')),
  GetAccountSummary: summary,
  GetAccessKeyLastUsed: lastUsed,
  GetAccountAuthorizationDetails: authorizationDetails,
  ListServiceSpecificCredentials: async (extra) => {
    if (extra.call.input.UserName !== undefined) await mustBeUser(extra);
    return { ServiceSpecificCredentials: [] };
  },
  DeleteServiceSpecificCredential: ({ call }) => {
    throw new Fault('NoSuchEntity', `The credential with id ${String(call.input.ServiceSpecificCredentialId)} cannot be found.`, 404);
  },
  SimulatePrincipalPolicy: simulate,
  SimulateCustomPolicy: simulateCustom,
};

