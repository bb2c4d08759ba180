import { textDetail } from '../../../playbook/artifacts';
import type { JsonObject } from '../../../playbook/json';
import type { Artifact } from '../../../playbook/model/finding';
import { diffPolicies, outsiders, type PolicyDiff } from '../../../playbook/policy-diff';
import { managedGrantOf } from '../../../playbook/policy-grants';
import type { AwsContext } from '../context';
import { merged, withDetails } from './artifact';
import { createReader, each } from './check';
import { iamChanges, type Around, type EntityKind } from './iam-changes';
import type { Failed } from './looker';
import { inlineBefore, inlineDocument, managedDocument, trustBefore, versionBefore, versionDocument } from './policy-reader';
import type { Trail } from './trail';

export interface PermissionChange {
  artifact: Artifact;
  /** Null when a side could not be read. */
  diff: PolicyDiff | null;
  before: 'known' | 'unknown';
}

export const permissionPermissions = ['iam:GetPolicy', 'iam:GetPolicyVersion', 'iam:ListPolicyVersions', 'iam:GetUserPolicy', 'iam:GetRolePolicy', 'iam:GetGroupPolicy'] as const;

const kept = new WeakMap<Trail, Promise<{ changes: PermissionChange[]; failed: Failed[] }>>();

/** Every change to what somebody may do, with the difference between before and after; read once for 1.2.6 and 1.3.6. */
export function permissionChanges(ctx: AwsContext, trail: Trail): Promise<{ changes: PermissionChange[]; failed: Failed[] }> {
  const known = kept.get(trail);
  if (known) return known;
  const made = readChanges(ctx, trail);
  kept.set(trail, made);
  return made;
}

export function aroundOf(ctx: AwsContext, trail: Trail): Around {
  return { partition: trail.partition, knownAccounts: ctx.access.config.accounts.map((one) => one.id) };
}

const kinds: ReadonlySet<Artifact['kind']> = new Set(['policy', 'inline-policy', 'policy-attachment', 'trust']);

async function readChanges(ctx: AwsContext, trail: Trail): Promise<{ changes: PermissionChange[]; failed: Failed[] }> {
  const reader = createReader();
  const artifacts = merged(iamChanges(trail.events, aroundOf(ctx, trail))).filter((one) => kinds.has(one.kind));
  const changes = await each(artifacts, 4, async (artifact): Promise<PermissionChange> => {
    try {
      return (await reader.read(`iam of ${artifact.account}: ${artifact.kind} ${artifact.name}`, () => compare(ctx, trail, artifact))) ?? { artifact, diff: null, before: 'unknown' };
    } catch {
      return { artifact, diff: null, before: 'unknown' };
    }
  });
  return { changes, failed: reader.failed };
}

async function compare(ctx: AwsContext, trail: Trail, artifact: Artifact): Promise<PermissionChange> {
  const { account } = artifact;
  const { iam } = ctx.access.clients(account);
  const region = ctx.access.config.globalRegion;
  const since = textDetail(artifact, 'time') ?? trail.to;
  const document = artifact.details.document ?? null;
  const with_ = (details: JsonObject, diff: PolicyDiff | null, known: boolean): PermissionChange => ({
    artifact: withDetails(artifact, { ...details, ...(diff ? { diff: diff.lines.slice(0, 20), grantsAdmin: diff.grantsAdmin.after } : {}) }), diff, before: known ? 'known' : 'unknown',
  });
  switch (artifact.kind) {
    case 'policy-attachment': {
      const arn = textDetail(artifact, 'policyArn')!;
      const attached = artifact.how !== 'deleted';
      const { document: granted } = await managedDocument(iam, arn);
      const diff = attached ? diffPolicies(null, granted) : diffPolicies(granted, null);
      // AWS's own administrator policies are known by name even when their text cannot be read.
      return with_({ grantsAdmin: managedGrantOf(arn)?.level === 'admin' || diff.grantsAdmin.after }, diff, true);
    }
    case 'inline-policy': {
      const kind = textDetail(artifact, 'entityKind') as EntityKind;
      const previous = await inlineBefore(trail, region, account, textDetail(artifact, 'entity')!, textDetail(artifact, 'policyName')!, kind, since);
      const after = artifact.how === 'deleted' ? null : (document ?? (await inlineDocument(iam, kind, textDetail(artifact, 'entity')!, textDetail(artifact, 'policyName')!)));
      const changed = artifact.how === 'created' && previous.document !== null;
      const result = with_({ previousDocument: previous.document, previousKnown: previous.known }, previous.known || previous.document === null ? diffPolicies(previous.document, after) : null, previous.known);
      return changed ? { ...result, artifact: { ...result.artifact, how: 'changed' } } : result;
    }
    case 'trust': {
      const previous = await trustBefore(trail, region, account, artifact.name, since);
      const diff = previous.known ? diffPolicies(previous.document, document) : null;
      const known = [account, ...ctx.access.config.accounts.map((one) => one.id)];
      const before = new Set(previous.document ? outsiders(previous.document, known) : []);
      const letIn = outsiders(document, known).filter((one) => !before.has(one));
      return with_({ previousDocument: previous.document, previousKnown: previous.known, outside: letIn }, diff, previous.known);
    }
    default: {
      if (artifact.how !== 'changed') return with_({}, artifact.how === 'created' ? diffPolicies(null, document) : null, artifact.how === 'created');
      const previous = await versionBefore(trail, iam, region, account, artifact.id, since);
      const now = textDetail(artifact, 'versionNow');
      const [old, fresh] = await Promise.all([
        previous.version ? versionDocument(iam, artifact.id, previous.version) : null,
        document ?? (now ? versionDocument(iam, artifact.id, now) : null),
      ]);
      return with_(
        { previousVersion: previous.version, previousFrom: previous.from, previousDocument: old, versions: previous.versions.map((one) => one.VersionId ?? '') },
        previous.version ? diffPolicies(old, fresh) : null, previous.version !== null,
      );
    }
  }
}
