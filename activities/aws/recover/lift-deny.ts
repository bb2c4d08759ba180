import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import type { AwsContext } from '../context';
import type { Verified } from '../define';
import { attach, attachedPolicies, deleteInline, detach, findIdentity, identityKind, inlinePolicy, putInline, readIdentity } from '../eradicate/identity';
import { assertSame, keepFirst, removed, text, texts, toJson } from '../eradicate/support';
import { guardedAction } from '../guarded';
import { accessKeys, statementsOf } from '../iam-read';

const hour = 3_600_000;
/** Temporary credentials from GetSessionToken and GetFederationToken live 36 h at most (STS API), whatever becomes of the key. */
const userSessionMs = 36 * hour;
/** A role's session lasts 12 h at most, whatever the role's limit was then (IAM: MaxSessionDuration). */
const roleSessionMs = 12 * hour;

/** Denies only credentials issued before the time; long-term keys and new sessions have nothing to do with it. */
export const olderSessions = (cutoff: string): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Sid: 'TourniquetRevokeOlderSessions', Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateLessThan: { 'aws:TokenIssueTime': cutoff } } }],
});

const denyManaged = (target: Target) => `arn:${target.id.split(':')[1] || 'aws'}:iam::aws:policy/AWSDenyAll`;

/** What of Tourniquet's denies is on the identity now. */
async function readDenies(ctx: AwsContext, target: Target) {
  const { iam } = ctx.access.clients(target.account);
  const { denyPolicy, revokePolicy } = ctx.access.config.names;
  const kind = identityKind(target);
  const [deny, revoke, attached] = await Promise.all([
    inlinePolicy(iam, kind, target.name, denyPolicy), inlinePolicy(iam, kind, target.name, revokePolicy), attachedPolicies(iam, kind, target.name),
  ]);
  return { deny, revoke, managed: attached.some((policy) => policy.arn === denyManaged(target)) };
}

/** The old credentials that still work. `params.oldKeys`: known to be the attacker's; every key from before `params.compromisedFrom` counts as well. */
async function oldKeysActive(ctx: AwsContext, target: Target, params: JsonObject): Promise<string[]> {
  if (target.kind !== 'user') return [];
  const keys = await accessKeys(ctx.access.clients(target.account).iam, target.name);
  const from = Date.parse(text(params, 'compromisedFrom'));
  return keys.filter((key) => key.active && (texts(params, 'oldKeys').includes(key.id) || Date.parse(key.createdAt) < from)).map((key) => key.id);
}

/** The time before which a policy of ours denies sessions, or null. */
function cutoffOf(policy: JsonObject | null): string | null {
  const time = statementsOf(policy)[0]?.Condition?.DateLessThan?.['aws:TokenIssueTime'];
  return typeof time === 'string' && Number.isFinite(Date.parse(time)) ? time : null;
}

/** When the last session that was issued before the cut-off has ended by itself. */
const sessionsEnd = (target: Target, cutoff: string): Date => new Date(Date.parse(cutoff) + (target.kind === 'role' ? roleSessionMs : userSessionMs));

/**
 * Row 4.2, last. Target: the user or role that must live on; `params.compromisedFrom`: ISO time of the first alert,
 * `params.oldKeys`: the stolen keys and those that the attacker made. Refused while an old key is active (STILL_IN_USE).
 * Old temporary sessions outlive their key, so the deny of everything is exchanged for the deny of sessions issued until now, which is taken away
 * when they have all ended.
 */
export const liftDeny = guardedAction('aws.lift-deny', {
  permissions: [
    'iam:GetUser', 'iam:GetRole', 'iam:GetUserPolicy', 'iam:GetRolePolicy', 'iam:ListAttachedUserPolicies', 'iam:ListAttachedRolePolicies', 'iam:ListAccessKeys',
    'iam:PutUserPolicy', 'iam:PutRolePolicy', 'iam:DeleteUserPolicy', 'iam:DeleteRolePolicy', 'iam:DetachUserPolicy', 'iam:AttachUserPolicy', 'iam:DetachRolePolicy', 'iam:AttachRolePolicy',
  ],
  async plan(ctx, { target, params }) {
    const { iam } = ctx.access.clients(target.account);
    const identity = await readIdentity(iam, target);
    const [denies, active] = await Promise.all([readDenies(ctx, target), oldKeysActive(ctx, target, params)]);
    refuseActive(target, active);
    const there = cutoffOf(denies.revoke);
    const cutoff = there ?? ctx.now().toISOString().replace(/\.\d+Z$/, 'Z');
    const end = sessionsEnd(target, cutoff);
    const keepRevoke = there ? ctx.now() < end : denies.deny !== null || denies.managed;
    const { denyPolicy, revokePolicy } = ctx.access.config.names;
    const change = [
      ...(keepRevoke && !denies.revoke ? [`put inline policy ${revokePolicy} on ${target.kind} ${target.name}: sessions issued before ${cutoff} stay denied (the last ends ${end.toISOString()})`] : []),
      ...(denies.deny ? [`delete inline policy ${denyPolicy} of ${target.kind} ${target.name}`] : []),
      ...(denies.managed ? [`detach AWSDenyAll from ${target.kind} ${target.name}`] : []),
      ...(denies.revoke && !keepRevoke ? [`delete inline policy ${revokePolicy} of ${target.kind} ${target.name}: those sessions have ended`] : []),
    ];
    return { needed: change.length > 0, before: { ...toJson(identity), ...denies }, params: { ...params, cutoff, keepRevoke }, change };
  },
  async apply(ctx, step) {
    const { target, params } = step;
    const { iam } = ctx.access.clients(target.account);
    const kind = identityKind(target);
    assertSame(step, toJson(await readIdentity(iam, target)), ['id', 'arn']);
    refuseActive(target, await oldKeysActive(ctx, target, params));
    const { denyPolicy, revokePolicy } = ctx.access.config.names;
    const denies = await readDenies(ctx, target);
    const kept = await keepFirst(ctx, step, 'policy', { ...denies });
    if (params.keepRevoke === true && !denies.revoke) await putInline(iam, kind, target.name, revokePolicy, olderSessions(text(params, 'cutoff')));
    if (denies.deny) await removed(deleteInline(iam, kind, target.name, denyPolicy));
    if (denies.managed) await removed(detach(iam, kind, target.name, denyManaged(target)));
    if (params.keepRevoke !== true && denies.revoke) await removed(deleteInline(iam, kind, target.name, revokePolicy));
    return { lifted: true, olderSessionsStayDenied: params.keepRevoke === true, kept };
  },
  async verify(ctx, step): Promise<Verified> {
    const identity = await findIdentity(ctx.access.clients(step.target.account).iam, identityKind(step.target), step.target.name);
    if (!identity) return { holds: true, seen: { exists: false } };
    const { deny, revoke, managed } = await readDenies(ctx, step.target);
    const revokeAsWanted = step.params.keepRevoke === true ? revoke !== null : revoke === null;
    return { holds: deny === null && !managed && revokeAsWanted, seen: { deny: deny !== null, managed, revoke: revoke !== null } };
  },
  async undo(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const kind = identityKind(step.target);
    const { denyPolicy, revokePolicy } = ctx.access.config.names;
    // The deny first: then there is no moment without one.
    if (step.before.deny) await putInline(iam, kind, step.target.name, denyPolicy, step.before.deny);
    if (step.before.managed === true) await attach(iam, kind, step.target.name, denyManaged(step.target));
    if (step.before.revoke) await putInline(iam, kind, step.target.name, revokePolicy, step.before.revoke);
    else if (step.params.keepRevoke === true) await removed(deleteInline(iam, kind, step.target.name, revokePolicy));
    const { deny, managed, revoke } = await readDenies(ctx, step.target);
    return { seen: { deny: deny !== null, managed, revoke: revoke !== null }, left: [] };
  },
});

function refuseActive(target: Target, active: readonly string[]): void {
  if (active.length > 0) throw fail('STILL_IN_USE', `old access keys of ${target.name} are still active (${active.join(', ')}): the deny stays until they are disabled or deleted`);
}
