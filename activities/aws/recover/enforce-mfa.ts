import { codeOf, fail, toFailure } from '../../boundary';
import type { AwsContext } from '../context';
import { defineAwsAction } from '../define';
import { attach, attachedPolicies, detach } from '../eradicate/identity';
import { inParallel, orNull, removed, sameDocument, texts, toJson } from '../eradicate/support';
import { classifyAws } from '../errors';
import { protectedBy } from '../protect';
import { requireMfaDocument } from './mfa-policy';
import { dropOwnPolicy, ensureOwnPolicy, ownPolicyArn, ownPolicyDocument, ownPolicyPermissions } from './own-policy';
import { humanUsers } from './people-of-account';

function policyArn(ctx: AwsContext, id: string): string {
  const account = ctx.access.config.accounts.find((one) => one.id === id);
  if (!account) throw fail('INVALID_CONFIG', `account ${id} is not in tourniquet.yaml (aws.accounts)`);
  return ownPolicyArn(account, ctx.access.config.names.mfaPolicy);
}

const wanted = (arn: string) => requireMfaDocument(arn.split(':')[1]!);

/** Row 4.1. Target: the account. People (users with a console password) can do nothing but enrol MFA until they used it; protected users and services are left alone. */
export const enforceMfa = defineAwsAction('aws.enforce-mfa', {
  permissions: [...ownPolicyPermissions, 'iam:ListUsers', 'iam:GetLoginProfile', 'iam:ListMFADevices', 'iam:ListAttachedUserPolicies', 'iam:AttachUserPolicy', 'iam:DetachUserPolicy'],
  async plan(ctx, { target }) {
    const { iam } = ctx.access.clients(target.account);
    const arn = policyArn(ctx, target.account);
    const [people, document] = await Promise.all([humanUsers(iam), ownPolicyDocument(iam, arn)]);
    const bound = people.filter((user) => !protectedBy(ctx.access.config, user.arn, user.name));
    const without = await usersWithout(ctx, target.account, arn, bound.map((user) => user.name));
    const stale = document !== null && !sameDocument(document, wanted(arn));
    const named = (label: string, users: { name: string }[]) => (users.length > 0 ? [`${label}: ${users.map((user) => user.name).join(', ')}`] : []);
    const change = [
      ...named('attach TourniquetRequireMfa to', without.map((name) => ({ name }))), ...(stale ? ['set the document of TourniquetRequireMfa anew'] : []),
      ...named('have no MFA yet and can only enrol it from then on', bound.filter((user) => user.mfa === 'none')),
      ...named('are administrators without a hardware key (the playbook wants one; a person hands it out)', people.filter((user) => user.admin && user.mfa !== 'hardware')),
      ...named('are protected and left alone', people.filter((user) => !bound.includes(user))),
    ];
    const needed = without.length > 0 || stale;
    return {
      needed, change: needed ? change : [],
      before: { policy: arn, existed: document !== null, document, people: people.map(toJson) },
      params: { users: bound.map((user) => user.name), attach: without },
    };
  },
  async apply(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const arn = policyArn(ctx, step.target.account);
    const policy = await ensureOwnPolicy(iam, arn, wanted(arn), 'Nothing without MFA, except to enrol it');
    const failed: string[] = [];
    // Users that are gone since, or have it by now, need nothing.
    const missing = await usersWithout(ctx, step.target.account, arn, texts(step.params, 'attach'));
    await inParallel(missing, 4, async (name) => {
      try {
        await orNull(attach(iam, 'user', name, arn));
      } catch (error) {
        failed.push(`${name} (${codeOf(toFailure(error, classifyAws))})`);
      }
    });
    if (failed.length > 0) throw fail(failed.every((one) => one.endsWith('(LIMIT_EXCEEDED)')) ? 'LIMIT_EXCEEDED' : 'REJECTED_BY_CLOUD', `TourniquetRequireMfa could not be attached to ${failed.join(', ')}; all others have it`);
    return { policy, attached: missing };
  },
  async verify(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const arn = policyArn(ctx, step.target.account);
    const [document, without] = await Promise.all([ownPolicyDocument(iam, arn), usersWithout(ctx, step.target.account, arn, texts(step.params, 'users'))]);
    const policyAsWanted = sameDocument(document, wanted(arn));
    return { holds: policyAsWanted && without.length === 0, seen: { policyAsWanted, without } };
  },
  async undo(ctx, step) {
    const { iam } = ctx.access.clients(step.target.account);
    const arn = policyArn(ctx, step.target.account);
    for (const name of texts(step.params, 'attach')) await removed(detach(iam, 'user', name, arn));
    const holders = step.before.existed === true ? [] : await dropOwnPolicy(iam, arn);
    return { seen: { detached: texts(step.params, 'attach') }, left: holders.length > 0 ? [`the policy stays: ${holders.join(', ')} had it attached otherwise`] : [] };
  },
});

/** Those of the users that do not have the policy; users that are gone are left out. */
async function usersWithout(ctx: AwsContext, account: string, arn: string, users: readonly string[]): Promise<string[]> {
  const { iam } = ctx.access.clients(account);
  const read = await inParallel(users, 6, async (name) => ({ name, attached: await orNull(attachedPolicies(iam, 'user', name)) }));
  return read.filter(({ attached }) => attached !== null && !attached.some((policy) => policy.arn === arn)).map(({ name }) => name);
}
