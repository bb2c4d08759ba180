import { globMatches } from './glob';
import { statementsOf, type Statement } from './policy-analysis';

/** Calls with which an identity gives itself or another more rights. Source: MITRE ATT&CK T1098, T1548.005; AWS IAM service authorization reference (permissions management). */
export const ESCALATING_ACTIONS: readonly string[] = [
  'iam:AddUserToGroup', 'iam:AttachGroupPolicy', 'iam:AttachRolePolicy', 'iam:AttachUserPolicy', 'iam:CreateAccessKey', 'iam:CreateLoginProfile', 'iam:CreatePolicyVersion',
  'iam:CreateServiceSpecificCredential', 'iam:DeactivateMFADevice', 'iam:DeleteRolePermissionsBoundary', 'iam:DeleteUserPermissionsBoundary', 'iam:PassRole',
  'iam:PutGroupPolicy', 'iam:PutRolePolicy', 'iam:PutUserPolicy', 'iam:PutUserPermissionsBoundary', 'iam:ResetServiceSpecificCredential', 'iam:SetDefaultPolicyVersion',
  'iam:UpdateAssumeRolePolicy', 'iam:UpdateLoginProfile', 'sts:AssumeRole', 'sts:AssumeRoot', 'sts:GetFederationToken',
  'sso:AttachManagedPolicyToPermissionSet', 'sso:CreateAccountAssignment', 'sso:PutInlinePolicyToPermissionSet', 'organizations:AttachPolicy', 'organizations:LeaveOrganization',
];

const READING = ['get', 'list', 'describe', 'head', 'view', 'lookup', 'search', 'batchget', 'query', 'scan', 'simulate', 'select', 'check', 'estimate', 'preview'];
/** Reads that hand out secrets or credentials, or all data. */
const SECRET_READS = [
  'secretsmanager:getsecretvalue', 'secretsmanager:batchgetsecretvalue', 'ssm:getparameter', 'ssm:getparameters', 'ssm:getparametersbypath', 'kms:decrypt', 'sts:getfederationtoken',
  'sts:getsessiontoken', 'ecr:getauthorizationtoken', 'rds:getdbpassword', 'ec2:getpassworddata', 'lightsail:getinstanceaccessdetails', 'sso:getrolecredentials', 'codeartifact:getauthorizationtoken',
];

export type GrantLevel = 'none' | 'read' | 'write' | 'escalation' | 'admin';

export interface Grant {
  level: GrantLevel;
  /** The statement's own words that make it so, bounded. */
  because: string;
}

const RANK: Record<GrantLevel, number> = { none: 0, read: 1, write: 2, escalation: 3, admin: 4 };

/**
 * The strongest thing an identity policy gives: `admin` (everything on everything, or all but a list), `escalation` (calls that lead there), `write`, `read`, `none`
 * (only denies). Null when it is no policy document. Conditions do not weaken it: they bind a session, not a right.
 */
export function grantOf(document: unknown): Grant | null {
  const statements = statementsOf(document);
  if (!statements) return null;
  let strongest: Grant = { level: 'none', because: 'it grants nothing' };
  for (const statement of statements) {
    if (statement.effect !== 'Allow') continue;
    const grant = grantOfStatement(statement);
    if (RANK[grant.level] > RANK[strongest.level]) strongest = grant;
  }
  return strongest;
}

/** Is everything allowed on everything? Null when it is no policy document. */
export function grantsAdmin(document: unknown): boolean | null {
  const grant = grantOf(document);
  return grant === null ? null : grant.level === 'admin';
}

function grantOfStatement({ actions, notActions, resources, notResources }: Statement): Grant {
  const everywhere = resources.some((resource) => /^\*+$/.test(resource)) || notResources.length > 0;
  if (notActions.length > 0) return everywhere ? { level: 'admin', because: `allows all but ${short(notActions)}` } : { level: 'write', because: `allows all but ${short(notActions)} on ${short(resources)}` };
  const all = actions.find((action) => /^[*?]+(:[*?]+)?$/.test(action));
  if (all !== undefined) return everywhere ? { level: 'admin', because: `allows ${all} on *` } : { level: 'write', because: `allows ${all} on ${short(resources)}` };
  if (actions.some((action) => globMatches(action, 'iam:*') || action.toLowerCase() === 'iam:*') && everywhere) return { level: 'admin', because: 'allows iam:* on *' };
  const openRole = resources.some((resource) => /^\*+$/.test(resource) || /:role\/\*+$/.test(resource)) || notResources.length > 0;
  const escalating = actions.find((action) => ESCALATING_ACTIONS.some((one) => globMatches(action, one) && (openRole || !['iam:PassRole', 'sts:AssumeRole'].includes(one))));
  if (escalating !== undefined) return { level: 'escalation', because: `allows ${escalating.slice(0, 60)}` };
  const writing = actions.find((action) => !reads(action));
  if (writing !== undefined) return { level: 'write', because: `allows ${writing.slice(0, 60)}` };
  return actions.length > 0 ? { level: 'read', because: `allows ${short(actions)}` } : { level: 'none', because: 'it grants nothing' };
}

function reads(action: string): boolean {
  const lower = action.toLowerCase();
  const call = lower.slice(lower.indexOf(':') + 1);
  if (SECRET_READS.some((secret) => globMatches(lower, secret) && lower !== 'kms:*')) return false;
  return READING.some((verb) => call.startsWith(verb));
}

const short = (values: string[]): string => {
  const text = values.slice(0, 3).join(', ');
  return (text.length > 80 ? `${text.slice(0, 77)}…` : text) + (values.length > 3 ? ` and ${values.length - 3} more` : '');
};

/** AWS managed policies by name: nobody can edit them, so that the name is the content. Source: AWS managed policy reference. */
export function managedGrantOf(policyArn: string): Grant | null {
  if (!/^arn:[a-z-]+:iam::aws:policy\//.test(policyArn)) return null;
  const path = policyArn.slice(policyArn.indexOf(':policy/') + ':policy/'.length);
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^(AdministratorAccess.*|PowerUserAccess|IAMFullAccess|SystemAdministrator|AWSOrganizationsFullAccess|AWSSSO(Master|Member)AccountAdministrator|AWSIdentityCenter.*FullAccess.*)$/.test(name)) return { level: 'admin', because: `${name} is an administrator policy` };
  if (/^AWSCompromisedKeyQuarantine/.test(name)) return { level: 'none', because: `${name} only denies` };
  if (/ReadOnly|ViewOnly|^SecurityAudit$|^Billing.*Read|^AWSSupportAccess$|^IAMUserChangePassword$|^IAMSelfManage/.test(name)) return { level: 'read', because: `${name} only reads` };
  if (/FullAccess|Administrator|^DatabaseAdministrator$|^NetworkAdministrator$|^DataScientist$|PowerUser/.test(name)) return { level: 'escalation', because: `${name} gives full access to its service` };
  if (path.startsWith('service-role/') || path.startsWith('aws-service-role/') || /ServiceRole|^AmazonSSMManagedInstanceCore$|^CloudWatchAgentServerPolicy$|^AmazonEKS.*Policy$/.test(name)) return { level: 'read', because: `${name} is what a workload needs to run` };
  return { level: 'write', because: `${name} is an AWS managed policy` };
}
