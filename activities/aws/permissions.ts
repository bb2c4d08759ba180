import { proposalPermissions } from './contain/propose';
import { breakGlassPermissions } from './root/propose-break-glass';
import { defaultNames } from './config';

export interface PolicyStatement {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Action: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: PolicyStatement[];
}

export interface PermissionOptions {
  /** The protected list: ARNs and names that the policy denies every change to, whatever the code does. */
  protected?: readonly string[];
  /** 12 digits, or `*` for a policy that fits every account. */
  account?: string;
  partition?: string;
  /** Name of the IP sets that Tourniquet makes. */
  ipSet?: string;
}

interface Scope {
  /** Resource ARNs, with P and A for partition and account. */
  resources: string[];
  /** Calls that IAM lets nobody narrow (Service Authorization Reference: no resource types), or not usefully. */
  unscoped: RegExp;
}

const scopes: Record<string, Scope> = {
  budgets: { resources: ['arn:P:budgets::A:budget/*'], unscoped: /^$/ },
  ce: { resources: ['arn:P:ce::A:anomalymonitor/*', 'arn:P:ce::A:anomalysubscription/*'], unscoped: /^(Create|GetCost|GetDimension|Get(Anomalies|AnomalyMonitors|AnomalySubscriptions)$)/ },
  cloudtrail: { resources: ['arn:P:cloudtrail:*:*:trail/*'], unscoped: /^(DescribeTrails|ListTrails|LookupEvents)$/ },
  ec2: { resources: ['arn:P:ec2:*:A:*', 'arn:P:ec2:*::snapshot/*'], unscoped: /^(Describe|Get.*Encryption)/ },
  guardduty: { resources: ['arn:P:guardduty:*:A:detector/*'], unscoped: /^(CreateDetector|ListDetectors)$/ },
  iam: {
    resources: ['user', 'role', 'group', 'policy', 'instance-profile', 'mfa'].map((kind) => `arn:P:iam::A:${kind}/*`).concat('arn:P:iam::aws:policy/*'),
    unscoped: /^(GetAccount|List(Users|Roles|Groups|Policies|VirtualMFADevices|SAMLProviders|OpenIDConnectProviders|AccountAliases|InstanceProfiles)$|Generate|GetCredentialReport|GetServiceLastAccessedDetails|SimulateCustomPolicy)/,
  },
  identitystore: { resources: ['arn:P:identitystore::*:identitystore/*', 'arn:P:identitystore:::user/*', 'arn:P:identitystore:::group/*', 'arn:P:identitystore:::membership/*'], unscoped: /^$/ },
  lambda: { resources: ['arn:P:lambda:*:A:function:*', 'arn:P:lambda:*:A:event-source-mapping:*'], unscoped: /^(ListFunctions|ListEventSourceMappings|GetAccountSettings)$/ },
  organizations: { resources: ['account', 'ou', 'policy', 'root'].map((kind) => `arn:P:organizations::*:${kind}/*`).concat('arn:P:organizations::aws:policy/*'), unscoped: /^(ListAccounts|ListPolicies|ListRoots|DescribeOrganization|ListAWSServiceAccessForOrganization|ListDelegatedAdministrators|EnablePolicyType)$/ },
  s3: { resources: ['arn:P:s3:::*'], unscoped: /^(ListAllMyBuckets|GetAccountPublicAccessBlock|PutAccountPublicAccessBlock)$/ },
  sso: { resources: ['arn:P:sso:::instance/*', 'arn:P:sso:::permissionSet/*', 'arn:P:sso:::account/*'], unscoped: /^ListInstances$/ },
  wafv2: { resources: ['regional', 'global'].flatMap((scope) => [`arn:P:wafv2:*:A:${scope}/ipset/*`, `arn:P:wafv2:*:A:${scope}/webacl/*`]), unscoped: /^List(IPSets|WebACLs)$/ },
};

const rootTasks = ['IAMAuditRootUserCredentials', 'IAMDeleteRootUserCredentials'];

/** Narrower than their service: a set of ours only, two privileged tasks only, and a role passed to EC2 only (an instance's own profile is given back). */
const special: Record<string, (options: Required<PermissionOptions>) => Pick<PolicyStatement, 'Resource' | 'Condition'>> = {
  'wafv2:CreateIPSet': ({ ipSet }) => ({ Resource: ['regional', 'global'].map((scope) => `arn:P:wafv2:*:A:${scope}/ipset/${ipSet}-*`) }),
  'wafv2:UpdateIPSet': ({ ipSet }) => ({ Resource: ['regional', 'global'].map((scope) => `arn:P:wafv2:*:A:${scope}/ipset/${ipSet}-*`) }),
  'wafv2:DeleteIPSet': ({ ipSet }) => ({ Resource: ['regional', 'global'].map((scope) => `arn:P:wafv2:*:A:${scope}/ipset/${ipSet}-*`) }),
  // Which member account is not known beforehand; which task is.
  'sts:AssumeRoot': () => ({ Resource: ['*'], Condition: { StringEquals: { 'sts:TaskPolicyArn': rootTasks.map((task) => `arn:P:iam::aws:policy/root-task/${task}`) } } }),
  // Just-in-time roles have a path of their own: nothing else is made.
  'iam:CreateRole': () => ({ Resource: ['arn:P:iam::A:role/tourniquet-jit/*'] }),
  'iam:TagRole': () => ({ Resource: ['arn:P:iam::A:role/tourniquet-jit/*'] }),
  'iam:PassRole': () => ({ Resource: ['arn:P:iam::A:role/*'], Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } } }),
};

/** What proposing reads, besides the actions; give it to `permissionsOf` with them. */
export const proposing = { permissions: [...proposalPermissions, ...breakGlassPermissions] };

/**
 * The IAM policy that lets exactly these actions, checks and proposals work: the union of what each declares, by service, narrowed where IAM can narrow, and
 * an explicit Deny of every change to what is protected. Source of the service table: AWS Service Authorization Reference.
 */
export function permissionsOf(users: readonly { permissions: readonly string[] }[], given: PermissionOptions = {}): PolicyDocument {
  const options = { protected: [], account: '*', partition: 'aws', ipSet: defaultNames.ipSet, ...given };
  const permissions = [...new Set(users.flatMap((one) => one.permissions))].sort();
  const groups = new Map<string, PolicyStatement>();
  for (const permission of permissions) {
    const [service = '', call = ''] = permission.split(':');
    const scope = scopes[service];
    const own = special[permission]?.(options);
    const where = own ?? (scope && !scope.unscoped.test(call) ? { Resource: scope.resources } : { Resource: ['*'] });
    const key = `${service} ${JSON.stringify(where)}`;
    const known = groups.get(key);
    if (known) known.Action.push(permission);
    else groups.set(key, { Sid: '', Effect: 'Allow', Action: [permission], ...where });
  }
  const place = (arn: string): string => arn.replace(/^arn:P:/, `arn:${options.partition}:`).replace(/:A:/, `:${options.account}:`);
  const allows = [...groups.values()].map((statement) => ({ ...statement, Sid: sidOf(statement), Resource: statement.Resource.map(place), ...(statement.Condition ? { Condition: placed(statement.Condition, place) } : {}) }));
  return { Version: '2012-10-17', Statement: numbered([...allows, ...denials(permissions, options)]) };
}

const placed = (condition: NonNullable<PolicyStatement['Condition']>, place: (arn: string) => string): NonNullable<PolicyStatement['Condition']> =>
  Object.fromEntries(Object.entries(condition).map(([operator, keys]) => [operator, Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, Array.isArray(value) ? value.map(place) : place(value)]))]));

const changing = (permission: string): boolean => !/^[^:]+:(Get|List|Describe|Lookup|View|Generate|Head)/.test(permission);

/** No responder role may change a protected identity or bucket: the last wall, behind plan and apply. A name means a user, a role, and a bucket of that name. */
function denials(permissions: readonly string[], options: Required<PermissionOptions>): PolicyStatement[] {
  const arns = [...new Set(options.protected.flatMap((entry) => protectedArns(entry, options)))].sort();
  const deny = (sid: string, service: string, Resource: string[]): PolicyStatement[] => {
    // By verb, which also covers what the next version will call, and keeps the policy under the 10,240 characters of a role's inline policies.
    const verbs = permissions.filter((permission) => permission.startsWith(`${service}:`) && changing(permission)).map((permission) => /^[^:]+:[A-Z][a-z]+/.exec(permission)![0]);
    const Action = [...new Set(verbs)].map((verb) => `${verb}*`);
    return Resource.length > 0 && Action.length > 0 ? [{ Sid: sid, Effect: 'Deny', Action, Resource }] : [];
  };
  return [...deny('ProtectedIdentities', 'iam', arns.filter((arn) => arn.split(':')[2] === 'iam')), ...deny('ProtectedBuckets', 's3', arns.filter((arn) => arn.split(':')[2] === 's3').flatMap((arn) => [arn, `${arn}/*`]))];
}

function protectedArns(entry: string, { partition, account }: Required<PermissionOptions>): string[] {
  if (/^arn:[^:]+:(iam|s3):/.test(entry)) return entry.endsWith(':root') ? [] : [entry];
  // Access-key ids and other services' ARNs are held by the code alone.
  if (entry.startsWith('arn:') || /^A(KIA|SIA)/.test(entry)) return [];
  if (!/^[\w+=,.@*-]+$/.test(entry)) return [];
  const iam = ['user', 'role'].flatMap((kind) => [`arn:${partition}:iam::${account}:${kind}/${entry}`, `arn:${partition}:iam::${account}:${kind}/*/${entry}`]);
  return /^[a-z0-9.-]{3,63}$/.test(entry) ? [...iam, `arn:${partition}:s3:::${entry}`] : iam;
}

function sidOf({ Action, Resource, Condition }: PolicyStatement): string {
  const service = Action[0]!.split(':')[0]!;
  const name = service[0]!.toUpperCase() + service.slice(1);
  return name + (Condition ? 'Held' : Resource[0] === '*' ? 'Reads' : Resource.length === 1 && special[Action[0]!] ? 'Own' : '');
}

/** Sids must be unique within a policy. */
function numbered(statements: PolicyStatement[]): PolicyStatement[] {
  const seen = new Map<string, number>();
  return statements.map((statement) => {
    const count = (seen.get(statement.Sid) ?? 0) + 1;
    seen.set(statement.Sid, count);
    return count === 1 ? statement : { ...statement, Sid: `${statement.Sid}${count}` };
  });
}
