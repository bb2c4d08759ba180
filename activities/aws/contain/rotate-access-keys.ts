import { CreateAccessKeyCommand, DeleteAccessKeyCommand, GetAccessKeyLastUsedCommand, UpdateAccessKeyCommand, type IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { JsonObject } from '../../../playbook/json';
import type { Step, Target } from '../../../playbook/model/plan';
import { fail } from '../../boundary';
import { createDirectAccess } from '../clients';
import type { AwsContext, RotatedKeyVault } from '../context';
import { defineAwsAction, type Verified } from '../define';
import { readIdentity } from '../eradicate/identity';
import { keepFirst, orNull, removed, texts } from '../eradicate/support';
import { accessKeys, type AccessKey } from '../iam-read';
import { protectedBy, refuseProtected } from '../protect';
import { onlyUsers } from './deny-user';

/** How long a new key may take to work everywhere (IAM is eventually consistent; seconds as a rule). */
const PROOF_MS = 30_000;

/**
 * Row 2.1.3. Target: an affected user; `params.compromised`: key ids that the attacker made or holds; `params.replaceCompromised`: also when no other key is left.
 * New key made, kept in the vault, proven to log in, only then the old ones are set Inactive. A user has two slots: the attacker's key is
 * deleted for one, after its evidence; an honest key never is.
 */
export const rotateAccessKeys = defineAwsAction('aws.rotate-access-keys', {
  permissions: ['iam:GetUser', 'iam:ListAccessKeys', 'iam:GetAccessKeyLastUsed', 'iam:CreateAccessKey', 'iam:UpdateAccessKey', 'iam:DeleteAccessKey'],
  async plan(ctx, { target, params }) {
    onlyUsers(target);
    refuseProtected(ctx, target);
    const { iam } = ctx.access.clients(target.account);
    const [user, keys] = await Promise.all([readIdentity(iam, target), accessKeys(iam, target.name)]);
    refuseProtected(ctx, target, user.arn, ...keys.map((key) => key.id));
    const compromised = texts(params, 'compromised');
    const old = keys.filter((key) => key.active);
    const slot = keys.length < 2 ? null : freeable(keys, compromised, target.name);
    const needed = old.some((key) => !compromised.includes(key.id)) || (old.length > 0 && params.replaceCompromised === true);
    return {
      needed, before: { keys: keys.map((key) => ({ ...key })) }, params: { ...params, compromised },
      change: needed ? [
        ...(slot ? [`delete access key ${slot} of user ${target.name}, which the attacker made or holds, to free a slot (its evidence is kept)`] : []),
        `make a new access key for user ${target.name}, keep it in the vault, and prove that it logs in`,
        ...old.filter((key) => key.id !== slot).map((key) => `then set access key ${key.id} Inactive`),
      ] : [],
    };
  },
  async apply(ctx, step): Promise<JsonObject> {
    const { target } = step;
    const { vault } = ctx;
    if (!vault) throw fail('INVALID_CONFIG', 'keys are rotated on the break-glass worker, which has the vault');
    const { iam } = ctx.access.clients(target.account);
    const keys = await accessKeys(iam, target.name);
    refuseProtected(ctx, target, ...keys.map((key) => key.id));
    const ours = await ourNewKey(ctx, vault, step, keys);
    const old = keys.filter((key) => key.active && key.id !== ours && before(step).some((one) => one.id === key.id));
    if (ours && old.length === 0) return { newKey: ours, already: true };
    // A key of ours that has logged in was proven before a crash; any other cannot be proven any more, since its secret is not read back.
    const proven = ours && (await lastUse(iam, ours)) !== null ? ours : null;
    if (ours && !proven) await remove(iam, target.name, ours);
    const fresh = proven ?? (await makeKey(ctx, vault, step));
    await Promise.all(old.map((key) => removed(iam.send(new UpdateAccessKeyCommand({ UserName: target.name, AccessKeyId: key.id, Status: 'Inactive' })))));
    return { newKey: fresh, inactive: old.map((key) => key.id) };
  },
  async verify(ctx, step): Promise<Verified> {
    const keys = await accessKeys(ctx.access.clients(step.target.account).iam, step.target.name);
    const old = before(step).filter((key) => keys.some((one) => one.id === key.id && one.active)).map((key) => key.id);
    const fresh = keys.filter((key) => key.active && !before(step).some((one) => one.id === key.id)).map((key) => key.id);
    return { holds: old.length === 0 && fresh.length === 1, seen: { oldStillActive: old, fresh } };
  },
  async undo(_ctx, step) {
    const old = before(step).filter((key) => key.active).map((key) => key.id);
    return { seen: {}, left: [`the old keys of ${step.target.name} (${old.join(', ')}) stay Inactive, because somebody else may know them; the new key is in the vault and works`] };
  },
});

const before = (step: Step): AccessKey[] => step.before.keys as unknown as AccessKey[];

/** The one of two keys that may be deleted. Throws LIMIT_EXCEEDED when both are honest. */
function freeable(keys: readonly AccessKey[], compromised: readonly string[], user: string): string {
  const slot = keys.find((key) => compromised.includes(key.id))?.id;
  if (!slot) throw fail('LIMIT_EXCEEDED', `user ${user} has two access keys and neither is known to be the attacker’s: delete one by hand, then retry`);
  return slot;
}

/** The key that an earlier try kept in the vault. One that the vault does not have, and that nobody has worked with, is an orphan of a crash: deleted. Throws STILL_IN_USE. */
async function ourNewKey(ctx: AwsContext, vault: RotatedKeyVault, step: Step, keys: readonly AccessKey[]): Promise<string | null> {
  const { target } = step;
  const { iam } = ctx.access.clients(target.account);
  let ours: string | null = null;
  for (const { id } of keys.filter((key) => !before(step).some((one) => one.id === key.id))) {
    if (await vault.holdsRotatedKey({ account: target.account, user: target.name, accessKeyId: id })) {
      ours = id;
      continue;
    }
    const used = await lastUse(iam, id);
    // Our own proof is a call to STS; anything else is somebody's work.
    if (used !== null && used !== 'sts') throw fail('STILL_IN_USE', `access key ${id} of ${target.name} was made since the plan and is in use (${used}): decide by hand whose it is`);
    await remove(iam, target.name, id);
  }
  return ours;
}

async function makeKey(ctx: AwsContext, vault: RotatedKeyVault, step: Step): Promise<string> {
  const { target, params } = step;
  const { iam } = ctx.access.clients(target.account);
  const keys = await accessKeys(iam, target.name);
  if (keys.length >= 2) {
    const slot = freeable(keys, texts(params, 'compromised'), target.name);
    if (protectedBy(ctx.access.config, slot)) throw fail('PROTECTED_PRINCIPAL', `${slot} is on the protected list`);
    await keepFirst(ctx, step, 'access-key', { user: target.id, keys: keys.map((key) => ({ ...key })), deleted: slot, lastUsed: await lastUse(iam, slot) });
    await remove(iam, target.name, slot);
  }
  const made = (await iam.send(new CreateAccessKeyCommand({ UserName: target.name }))).AccessKey;
  const accessKeyId = made?.AccessKeyId ?? '';
  await vault.storeRotatedKey({ account: target.account, user: target.name, accessKeyId, secret: made?.SecretAccessKey ?? '' });
  await prove(ctx, target, { accessKeyId, secretAccessKey: made?.SecretAccessKey ?? '' });
  return accessKeyId;
}

/** Logs in with the new key: GetCallerIdentity needs no permission and works under a deny too. Throws ROTATION_UNPROVEN. */
async function prove(ctx: AwsContext, target: Target, credential: { accessKeyId: string; secretAccessKey: string }): Promise<void> {
  const { sts } = createDirectAccess(ctx.access.config, credential).clients(target.account);
  const end = Date.now() + PROOF_MS;
  for (let wait = 250; ; wait = Math.min(wait * 2, 4_000)) {
    const seen = await sts.send(new GetCallerIdentityCommand({})).catch((error: unknown) => (error instanceof Error ? error.name : 'error'));
    if (typeof seen === 'object' && seen.Account === target.account) return;
    if (Date.now() + wait > end) throw fail('ROTATION_UNPROVEN', `the new key of ${target.name} does not log in yet (${typeof seen === 'string' ? seen : 'another account'})`);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** The service that the key last called, or null when it was never used. */
async function lastUse(iam: IAMClient, AccessKeyId: string): Promise<string | null> {
  const used = (await orNull(iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))))?.AccessKeyLastUsed;
  return used?.LastUsedDate ? (used.ServiceName ?? '').toLowerCase() : null;
}

async function remove(iam: IAMClient, user: string, id: string): Promise<void> {
  await removed(iam.send(new UpdateAccessKeyCommand({ UserName: user, AccessKeyId: id, Status: 'Inactive' })));
  await removed(iam.send(new DeleteAccessKeyCommand({ UserName: user, AccessKeyId: id })));
}
