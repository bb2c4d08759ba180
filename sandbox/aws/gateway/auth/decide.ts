import type { runSimulation, Simulation } from '@cloud-copilot/iam-simulate';
import { Fault } from '../protocol/faults';
import type { Call } from '../protocol/request';
import { textOf } from '../protocol/shapes';
import type { Credential, Identity } from './credentials';
import { fullAccess, type Entity, type Estate, type Role } from './estate';
import { targetsOf, type Target } from './targets';

/** Who calls, as authorisation and the audit record see them. Null identity = unsigned. */
export interface Caller {
  credential: Credential | null;
  identity: Identity | null;
  account: string;
  sourceIp: string;
  userAgent: string;
}

export type Decision = { allowed: true } | { allowed: false; explicit: boolean; message: string };

export type ManagedDocument = (arn: string, account: string) => Promise<object | null>;

const allowAll = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** The evaluator (AGPL, development only) is loaded when a sandbox starts, never with the product. */
export type Simulate = typeof runSimulation;
export async function loadSimulator(): Promise<Simulate> {
  return (await import('@cloud-copilot/iam-simulate')).runSimulation;
}

export class Authorizer {
  constructor(private readonly estate: Estate, private readonly simulate: Simulate, private readonly managed: ManagedDocument, private readonly now: () => number) {}

  /** AWS's own evaluation order over every resource that the call names; one refusal refuses the call. */
  async decide(call: Call, caller: Caller): Promise<Decision> {
    this.estate.settle();
    const { service, operation } = call;
    // Documented: GetCallerIdentity needs no permission and works under an explicit deny.
    if (service.name === 'sts' && operation.name === 'GetCallerIdentity') return { allowed: true };
    const targets = await targetsOf(call, { account: caller.account, region: call.region, estate: this.estate, identity: caller.identity });
    for (const target of targets) {
      const decision = await this.#one(call, caller, target);
      if (!decision.allowed) return decision;
    }
    return { allowed: true };
  }

  async #one(call: Call, caller: Caller, target: Target): Promise<Decision> {
    const simulation = await this.#simulation(call, caller, target);
    if (!simulation) return this.#denied(caller, target, false);
    const run = await this.simulate(simulation, {});
    if (run.resultType === 'error') throw new Error(`policy evaluation of ${target.action} on ${target.resource}: ${JSON.stringify(run.errors)}`);
    return run.overallResult === 'Allowed' ? { allowed: true } : this.#denied(caller, target, run.overallResult === 'ExplicitlyDenied');
  }

  /** What SimulatePrincipalPolicy asks: identity policies, boundary and SCPs of a user, group or role. */
  async simulatePrincipal(arn: string, account: string, action: string, resource: string, context: Record<string, string | string[]>): Promise<'allowed' | 'explicitDeny' | 'implicitDeny' | null> {
    this.estate.settle();
    const iam = this.estate.account(account);
    const entity = [...iam.users.values(), ...iam.roles.values(), ...iam.groups.values()].find((one) => one.arn === arn);
    if (!entity) return null;
    return this.#asked(action, resource, async (on) => ({
      request: { action, principal: arn.replace(':group/', ':user/'), resource: { resource: on, accountId: account }, contextVariables: context },
      identityPolicies: await this.#policiesOf(entity, account),
      serviceControlPolicies: this.#scps(account),
      resourceControlPolicies: [],
      permissionBoundaryPolicies: entity.boundary ? await this.#documents([entity.boundary], account) : undefined,
    }));
  }

  /** What SimulateCustomPolicy asks: these documents and nothing else. */
  simulateDocuments(documents: readonly object[], account: string, action: string, resource: string, context: Record<string, string | string[]>): Promise<'allowed' | 'explicitDeny' | 'implicitDeny'> {
    return this.#asked(action, resource, async (on) => ({
      request: { action, principal: `arn:aws:iam::${account}:user/simulated`, resource: { resource: on, accountId: account }, contextVariables: context },
      identityPolicies: documents.map((policy, at) => ({ name: `PolicyInputList.${at + 1}`, policy })), serviceControlPolicies: [], resourceControlPolicies: [],
    }));
  }

  async #asked(action: string, resource: string, simulation: (on: string) => Promise<Simulation>): Promise<'allowed' | 'explicitDeny' | 'implicitDeny'> {
    const ask = async (on: string): ReturnType<Simulate> => this.simulate(await simulation(on), {});
    const first = await ask(resource);
    // Actions without resources are decided on `*`, whatever resource the question names.
    const run = first.resultType === 'error' && first.errors.message === 'must.use.wildcard' ? await ask('*') : first;
    // A thing of a kind that the action never touches: allowed by nothing.
    if (run.resultType === 'error' && run.errors.message === 'no.resource.types') return 'implicitDeny';
    if (run.resultType === 'error') throw new Fault('InvalidInput', `${action} cannot be simulated on ${resource}: ${run.errors.message}`);
    return run.overallResult === 'Allowed' ? 'allowed' : run.overallResult === 'ExplicitlyDenied' ? 'explicitDeny' : 'implicitDeny';
  }

  #denied(caller: Caller, target: Target, explicit: boolean): Decision {
    const who = caller.identity ? principalArn(this.estate, caller.identity) : 'anonymous';
    const why = explicit ? 'with an explicit deny' : 'because no identity-based policy allows the action';
    return { allowed: false, explicit, message: `User: ${who} is not authorized to perform: ${target.action} on resource: ${target.resource} ${why}` };
  }

  async #simulation(call: Call, caller: Caller, target: Target): Promise<Simulation | null> {
    const { identity } = caller;
    const resourcePolicy = this.#resourcePolicy(call, caller, target);
    const request = {
      action: target.action,
      resource: { resource: target.resource, accountId: target.account },
      contextVariables: this.#context(call, caller, target),
    };
    if (!identity) {
      const { anonymousPrincipal } = await import('@cloud-copilot/iam-simulate');
      return { request: { ...request, principal: anonymousPrincipal }, identityPolicies: [], serviceControlPolicies: [], resourceControlPolicies: [], resourcePolicy, additionalSettings: this.#s3(call) };
    }
    const entity = entityOf(this.estate, identity);
    if ((identity.kind === 'user' || identity.kind === 'role') && !entity) return null;
    const sessionPolicies = caller.credential?.sessionPolicies ?? [];
    return {
      request: { ...request, principal: principalArn(this.estate, identity) },
      // Root may everything; a session of AssumeRoot only its one task.
      identityPolicies: entity ? await this.#policiesOf(entity, identity.account) : [{ name: 'root', policy: identity.kind === 'assumed-root' ? merged(sessionPolicies) : allowAll }],
      serviceControlPolicies: this.#scps(identity.account),
      resourceControlPolicies: [],
      resourcePolicy,
      sessionPolicy: identity.kind === 'role' && sessionPolicies.length ? merged(sessionPolicies) : undefined,
      permissionBoundaryPolicies: entity?.boundary ? await this.#documents([entity.boundary], identity.account) : undefined,
      additionalSettings: this.#s3(call),
    };
  }

  async #policiesOf(entity: Entity, account: string): Promise<{ name: string; policy: object }[]> {
    const iam = this.estate.account(account);
    const holders: Entity[] = [entity];
    if ('groups' in entity) for (const name of entity.groups as Set<string>) {
      const group = iam.groups.get(name);
      if (group) holders.push(group);
    }
    const inline = holders.flatMap((holder) => [...holder.inline].map(([name, policy]) => ({ name: `${holder.name}/${name}`, policy })));
    return [...inline, ...(await this.#documents([...new Set(holders.flatMap((holder) => [...holder.attached]))], account))];
  }

  async #documents(arns: string[], account: string): Promise<{ name: string; policy: object }[]> {
    const found = await Promise.all(arns.map(async (arn) => {
      const own = this.estate.account(account).policies.get(arn);
      const policy = own ? own.versions.get(own.current) : await this.managed(arn, account);
      return policy ? { name: arn, policy } : null;
    }));
    return found.filter((one) => one !== null);
  }

  #scps(account: string): Simulation['serviceControlPolicies'] {
    const { organization } = this.estate;
    return organization.levels(account).map(({ target, policies }) => ({
      orgIdentifier: target,
      policies: policies.map((id) => ({ name: id, policy: id === fullAccess ? allowAll : (organization.documents.get(id) ?? { Version: '2012-10-17', Statement: [] }) })),
    }));
  }

  #resourcePolicy(call: Call, caller: Caller, target: Target): object | undefined {
    if (call.service.name === 'sts' && call.operation.name === 'AssumeRole') {
      const role = roleByArn(this.estate, target.resource);
      // A role that does not exist trusts nobody; AWS answers AccessDenied, not NoSuchEntity.
      return role?.trust ?? { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' }] };
    }
    // S3UnlockBucketPolicy is there for buckets whose policy shuts everybody out.
    if (caller.identity?.kind === 'assumed-root') return undefined;
    if (call.service.name === 's3') return this.estate.buckets.get(String(call.input.Bucket))?.policy ?? undefined;
    return undefined;
  }

  #s3(call: Call): Simulation['additionalSettings'] {
    if (call.service.name !== 's3') return undefined;
    return { s3: { blockPublicAccess: this.estate.buckets.get(String(call.input.Bucket))?.block.restrict ?? false } };
  }

  #context(call: Call, caller: Caller, target: Target): Record<string, string | string[]> {
    const { identity, credential } = caller;
    const now = this.now();
    const context: Record<string, string | string[]> = {
      'aws:SourceIp': caller.sourceIp, 'aws:UserAgent': caller.userAgent, 'aws:SecureTransport': 'true', 'aws:RequestedRegion': call.region, 'aws:ViaAWSService': 'false', 'aws:PrincipalIsAWSService': 'false',
      'aws:CurrentTime': new Date(now).toISOString(), 'aws:EpochTime': String(Math.floor(now / 1000)), 'aws:ResourceAccount': target.account,
    };
    if (identity) {
      context['aws:PrincipalArn'] = policyArn(this.estate, identity);
      context['aws:PrincipalAccount'] = identity.account;
      context['aws:PrincipalType'] = identity.kind === 'user' ? 'User' : identity.kind === 'role' ? 'AssumedRole' : 'Account';
      context['aws:userid'] = identity.kind === 'user' ? identity.id : identity.kind === 'role' ? `${identity.id}:${identity.session}` : identity.account;
      if (identity.kind === 'user') context['aws:username'] = identity.name;
      if (identity.kind === 'assumed-root') context['aws:AssumedRoot'] = 'true';
      const { organization } = this.estate;
      if (organization.id && (identity.account === organization.management || organization.parents.has(identity.account))) context['aws:PrincipalOrgID'] = organization.id;
    }
    // Present on temporary credentials only (IAM User Guide, "Global condition context keys").
    if (credential?.issuedAt != null) {
      context['aws:TokenIssueTime'] = new Date(credential.issuedAt).toISOString();
      context['aws:MultiFactorAuthPresent'] = String(credential.mfa);
      if (credential.mfa) context['aws:MultiFactorAuthAge'] = String(Math.floor((now - credential.issuedAt) / 1000));
    }
    if (credential?.userId) context['identitystore:UserId'] = credential.userId;
    const add = (key: string, member: string): void => {
      const value = textOf(call.input, member);
      if (value !== undefined) context[key] = value;
    };
    if (call.service.name === 'sts') {
      add('sts:ExternalId', 'ExternalId');
      add('sts:RoleSessionName', 'RoleSessionName');
      const task = call.input.TaskPolicyArn;
      if (typeof task === 'object' && task !== null && 'arn' in task) context['sts:TaskPolicyArn'] = String(task.arn);
    }
    if (call.service.name === 'iam') {
      add('iam:PolicyARN', 'PolicyArn');
      add('iam:PermissionsBoundary', 'PermissionsBoundary');
    }
    if (target.action === 'iam:PassRole') context['iam:PassedToService'] = `${call.service.name}.amazonaws.com`;
    return context;
  }
}

const merged = (documents: object[]): object => ({ Version: '2012-10-17', Statement: documents.flatMap((document) => [(document as { Statement: object | object[] }).Statement].flat()) });

/** The user or role behind an identity, only if it is still the same one: a namesake made later has another id. */
export function entityOf(estate: Estate, identity: Identity): Entity | null {
  const iam = estate.account(identity.account);
  const found = identity.kind === 'user' ? [...iam.users.values()].find((user) => user.id === identity.id) : identity.kind === 'role' ? iam.roles.get(identity.role) : null;
  return found && 'id' in identity && found.id === identity.id ? found : null;
}

export function roleByArn(estate: Estate, arn: string): Role | null {
  const account = /^arn:aws:iam::(\d{12}):role\//.exec(arn)?.[1];
  if (!account) return null;
  return [...estate.account(account).roles.values()].find((role) => role.arn === arn) ?? null;
}

/** The caller's own ARN, as GetCallerIdentity gives it. */
export function principalArn(estate: Estate, identity: Identity): string {
  switch (identity.kind) {
    case 'user': return entityOf(estate, identity)?.arn ?? `arn:aws:iam::${identity.account}:user/${identity.name}`;
    case 'role': return `arn:aws:sts::${identity.account}:assumed-role/${identity.role}/${identity.session}`;
    default: return `arn:aws:iam::${identity.account}:root`;
  }
}

/** aws:PrincipalArn is the role's ARN for a role session. */
const policyArn = (estate: Estate, identity: Identity): string => (identity.kind === 'role' ? (entityOf(estate, identity)?.arn ?? `arn:aws:iam::${identity.account}:role/${identity.role}`) : principalArn(estate, identity));
