import { objectDetail, textDetail } from '../../../playbook/artifacts';
import type { JsonObject } from '../../../playbook/json';
import type { Artifact } from '../../../playbook/model/finding';
import type { Proposal, Target } from '../../../playbook/model/plan';

/** The order in which things can go: what runs before who started it, attachments before what they hang on, identities before policies. */
export const deletionOrder = [
  'aws.delete-function', 'aws.remove-function-permission', 'aws.terminate-instance', 'aws.revoke-security-group-rule', 'aws.delete-security-group',
  'aws.restore-bucket-policy', 'aws.delete-bucket', 'aws.remove-group-member', 'aws.detach-policy', 'aws.delete-inline-policy', 'aws.restore-policy-version',
  'aws.delete-access-key', 'aws.remove-login-profile', 'aws.remove-rogue-mfa', 'aws.restore-trust', 'aws.delete-user', 'aws.delete-role', 'aws.delete-group',
  'aws.delete-policy',
] as const;

export interface Proposed {
  proposals: Proposal[];
  /** For a person: not attributable, or attributable and without a safe action; `details.listedBecause` says why. */
  unattributed: Artifact[];
}

export const lastName = (arnOrName: string): string => arnOrName.split('/').pop() ?? arnOrName;

/** `user/mallory`, as the parameters of delete-policy name a holder. */
const ownerOf = (artifact: Artifact): string | null => {
  const entity = textDetail(artifact, 'entity');
  if (entity) return `${textDetail(artifact, 'entityKind') ?? 'user'}/${lastName(entity)}`;
  if (artifact.kind === 'trust') return `role/${lastName(artifact.id)}`;
  const user = textDetail(artifact, 'user');
  if (artifact.kind === 'group' || !user) return null;
  return `user/${lastName(user)}`;
};

/** What was made by the attacker and is still there, by account: `123456789012 user/mallory`. */
function madeThings(artifacts: readonly Artifact[]): Set<string> {
  return new Set(
    artifacts.filter((one) => one.how === 'created' && ['user', 'role', 'group'].includes(one.kind) && !memberOf(one)).map((one) => `${one.account} ${one.kind}/${lastName(one.name)}`),
  );
}

/** The user that was put into a group, for a `group` artifact that says so. */
const memberOf = (artifact: Artifact): string | null => (artifact.kind === 'group' ? textDetail(artifact, 'user') : null);

export const listed = (artifact: Artifact, because: string): Artifact => ({ ...artifact, details: { ...artifact.details, listedBecause: because } });

/**
 * Section 3 as a table: one proposal, or a line for a person, for each artifact. Pure. Only `attribution: 'attacker'` is ever proposed;
 * parts of an identity that is deleted as a whole go with it.
 */
export function proposalsFor(artifacts: readonly Artifact[]): Proposed {
  const attackers = artifacts.filter((one) => one.attribution === 'attacker' && one.provider === 'aws' && one.how !== 'read' && one.details.exists !== false);
  const made = madeThings(attackers);
  const context = { attackers, made };
  const proposals = new Map<string, Proposal>();
  const unattributed = artifacts.filter((one) => one.attribution !== 'attacker' && one.how !== 'read').map((one) => listed(one, textDetail(one, 'why') ?? 'no recorded call of the attacker leads to it'));
  for (const artifact of attackers) {
    const owner = ownerOf(artifact);
    if (owner && made.has(`${artifact.account} ${owner}`)) continue;
    const answer = row(artifact, context);
    if (answer === null) continue;
    if (typeof answer === 'string') {
      unattributed.push(listed(artifact, answer));
      continue;
    }
    const key = `${answer.action} ${answer.target.account} ${answer.target.region} ${answer.target.id} ${partKey(answer.params)}`;
    const known = proposals.get(key);
    proposals.set(key, known ? { ...known, params: merged(known.params, answer.params) } : answer);
  }
  const rank = (proposal: Proposal) => deletionOrder.indexOf(proposal.action as (typeof deletionOrder)[number]);
  return { proposals: [...proposals.values()].sort((a, b) => rank(a) - rank(b)), unattributed };
}

/** The parameters that make two steps on one target different; the rest is merged. */
const partKey = (params: JsonObject): string => ['policyArn', 'policyName', 'user', 'statementId'].map((name) => String(params[name] ?? '')).join('|');

function merged(a: JsonObject, b: JsonObject): JsonObject {
  const both = { ...b, ...a };
  for (const [name, value] of Object.entries(b)) {
    const known = a[name];
    if (Array.isArray(known) && Array.isArray(value)) both[name] = [...new Set([...known, ...value])];
  }
  return both;
}

interface Context {
  attackers: readonly Artifact[];
  made: ReadonlySet<string>;
}

/** A proposal, the reason why a person must look, or null when another phase has it in hand (2.1.5 restores logging, 4.3 GuardDuty). */
function row(artifact: Artifact, context: Context): Proposal | string | null {
  const { how, kind } = artifact;
  const propose = (action: string, params: JsonObject = {}, target: Partial<Target> = {}, also = ''): Proposal => ({
    action,
    target: { provider: 'aws', account: artifact.account, region: artifact.region, kind, id: artifact.id, name: artifact.name, ...target },
    params,
    because: `${textDetail(artifact, 'why') ?? `the attacker ${how} it`}${also}`,
  });
  const entity = (): Partial<Target> | null => {
    const name = textDetail(artifact, 'entity');
    const entityKind = textDetail(artifact, 'entityKind');
    if (!name || !entityKind) return null;
    return { kind: entityKind, id: textDetail(artifact, 'entityArn') ?? `${partition(artifact)}iam::${artifact.account}:${entityKind}/${lastName(name)}`, name: lastName(name), region: null };
  };
  if (kind === 'trail' || kind === 'detector') return how === 'created' ? 'the attacker made it: see what it records and where to' : null;
  if (how === 'deleted' && !['bucket-policy', 'bucket-acl', 'public-access-block'].includes(kind)) return 'the attacker removed it: put it back by hand';
  switch (kind) {
    case 'user':
    case 'role':
      if (how !== 'created') return 'the attacker changed it: compare and put back by hand';
      return propose(`aws.delete-${kind}`, kind === 'role' ? roleUsers(artifact, context) : {}, { region: null });
    case 'group': {
      const user = memberOf(artifact);
      if (user) return context.made.has(`${artifact.account} user/${lastName(user)}`) ? null : propose('aws.remove-group-member', { user: lastName(user) }, { region: null });
      return how === 'created' ? propose('aws.delete-group', { users: membersOf(artifact, context) }, { region: null }) : 'the attacker changed it: compare and put back by hand';
    }
    case 'access-key': {
      const user = textDetail(artifact, 'user');
      if (!user) return 'a key of root: see 2.2, only root or sts:AssumeRoot can remove it';
      return how === 'created' ? propose('aws.delete-access-key', { user: lastName(user) }, { region: null }) : 'a key that was there before was changed: rotate it (2.1.3)';
    }
    case 'login-profile':
    case 'mfa-device': {
      const user = lastName(textDetail(artifact, 'user') ?? '');
      if (!user) return 'whose it is is not recorded (root, or never enabled): see 2.2.1';
      const id = artifact.id.includes(':user/') ? artifact.id : `${partition(artifact)}iam::${artifact.account}:user/${user}`;
      const target = { kind: 'user', id, name: user, region: null };
      return kind === 'login-profile' ? propose('aws.remove-login-profile', {}, target) : propose('aws.remove-rogue-mfa', { devices: [artifact.id] }, target);
    }
    case 'policy-attachment': {
      const target = entity();
      return target ? propose('aws.detach-policy', { policyArn: textDetail(artifact, 'policyArn') ?? artifact.id }, target) : 'it is not known what it was attached to';
    }
    case 'inline-policy': {
      const target = entity();
      const previous = objectDetail(artifact, 'previousDocument');
      if (!target) return 'it is not known whose it is';
      if (how === 'changed' && !previous) return 'the document that the attacker overwrote is not known';
      return propose('aws.delete-inline-policy', { policyName: textDetail(artifact, 'policyName') ?? artifact.name, ...(previous ? { previous } : {}) }, target, artifact.details.previousKnown === false ? '; whether it overwrote another is not known' : '');
    }
    case 'policy': {
      if (how === 'created') return propose('aws.delete-policy', { holders: holdersOf(artifact, context) }, { region: null });
      const previous = textDetail(artifact, 'previousVersion');
      const versions = list(artifact, 'addedVersions');
      if (!previous && versions.length === 0) return 'the version before the attacker is not known';
      return propose('aws.restore-policy-version', { ...(previous ? { previous } : {}), versions }, { region: null });
    }
    case 'trust': {
      const previous = objectDetail(artifact, 'previousDocument');
      return previous ? propose('aws.restore-trust', { previous }, { kind: 'role', name: lastName(artifact.id), region: null }) : 'the trust policy before the attacker is not known';
    }
    case 'instance':
    case 'bucket':
    case 'security-group':
    case 'function':
      if (how === 'created') return propose(created[kind], kind === 'security-group' ? groupUsers(artifact, context) : kind === 'bucket' ? { trails: idsOf('trail', artifact, context) } : {});
      if (kind === 'function' && textDetail(artifact, 'change') === 'permission' && textDetail(artifact, 'statementId')) {
        return propose('aws.remove-function-permission', { statementId: textDetail(artifact, 'statementId'), ...(textDetail(artifact, 'qualifier') ? { qualifier: textDetail(artifact, 'qualifier') } : {}) });
      }
      return 'the attacker changed it: compare and put back by hand';
    case 'bucket-policy':
    case 'bucket-acl':
    case 'public-access-block': {
      const bucket = textDetail(artifact, 'bucket');
      if (!bucket) return 'the account’s own public access block: put it back by hand';
      if (context.attackers.some((one) => one.kind === 'bucket' && one.how === 'created' && one.name === bucket)) return null;
      if (artifact.details.previousKnown !== true) return 'what it was before the attacker is not known (containment closed it to the public)';
      return propose('aws.restore-bucket-policy', { [parts[kind]]: objectDetail(artifact, 'previous') }, { kind: 'bucket', id: `${partition(artifact)}s3:::${bucket}`, name: bucket });
    }
    case 'security-group-rule': {
      if (context.attackers.some((one) => one.kind === 'security-group' && one.how === 'created' && one.id === textDetail(artifact, 'groupId'))) return null;
      const rule = textDetail(artifact, 'ruleId');
      return rule ? propose('aws.revoke-security-group-rule', {}, { id: rule, name: rule }) : 'the rule’s id is not known: find it by its addresses and ports';
    }
    default:
      return 'there is no action for this kind of thing';
  }
}

const created = { instance: 'aws.terminate-instance', bucket: 'aws.delete-bucket', 'security-group': 'aws.delete-security-group', function: 'aws.delete-function' } as const;
const parts = { 'bucket-policy': 'policy', 'bucket-acl': 'acl', 'public-access-block': 'publicAccessBlock' } as const;

const partition = (artifact: Artifact): string => `arn:${/^arn:([^:]+):/.exec(artifact.id)?.[1] ?? 'aws'}:`;
const list = (artifact: Artifact, name: string): string[] => {
  const value = artifact.details[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
};

/** Who holds the policy by the attacker's doing: what the attacker attached it to, and every identity that the attacker made. */
function holdersOf(artifact: Artifact, { attackers, made }: Context): string[] {
  const attached = attackers.filter((one) => one.kind === 'policy-attachment' && one.account === artifact.account && (textDetail(one, 'policyArn') ?? one.id) === artifact.id);
  const own = [...made].filter((key) => key.startsWith(`${artifact.account} `)).map((key) => key.slice(artifact.account.length + 1));
  return [...new Set([...attached.flatMap((one) => ownerOf(one) ?? []), ...own])].sort();
}

function membersOf(artifact: Artifact, { attackers, made }: Context): string[] {
  const put = attackers.filter((one) => one.account === artifact.account && one.kind === 'group' && one.id === artifact.id).flatMap((one) => memberOf(one) ?? []);
  const own = [...made].filter((key) => key.startsWith(`${artifact.account} user/`)).map((key) => lastName(key));
  return [...new Set([...put.map(lastName), ...own])].sort();
}

/** Ids of what else of one kind the attacker made in the same account. */
const idsOf = (kind: Artifact['kind'], { account }: Artifact, { attackers }: Context): string[] =>
  [...new Set(attackers.filter((one) => one.kind === kind && one.how === 'created' && one.account === account).map((one) => one.id))].sort();

const groupUsers = (artifact: Artifact, context: Context): JsonObject => ({
  instances: idsOf('instance', artifact, context),
  groups: [...new Set(context.attackers.filter((one) => one.kind === 'security-group-rule' && textDetail(one, 'source') === artifact.id).flatMap((one) => textDetail(one, 'groupId') ?? []))].sort(),
});

/** The attacker's workloads that act under the role, and instance profiles by their CreateInstanceProfile (kind `other`). */
const roleUsers = (artifact: Artifact, context: Context): JsonObject => ({
  functions: idsOf('function', artifact, context),
  instances: idsOf('instance', artifact, context),
  instanceProfiles: context.attackers
    .filter((one) => one.kind === 'other' && one.account === artifact.account && textDetail(one, 'event') === 'CreateInstanceProfile').map((one) => lastName(one.name)).sort(),
});
