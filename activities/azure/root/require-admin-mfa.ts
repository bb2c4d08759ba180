import type { Fido2AuthenticationMethod } from '@microsoft/microsoft-graph-types';
import type { JsonObject } from '../../../playbook/json';
import type { Target } from '../../../playbook/model/plan';
import type { AzureContext } from '../context';
import { readUser } from '../contain/users';
import { defineAzureAction, type Verified } from '../define';
import { at } from '../graph';

/**
 * Row 2.2.1. Target: a Global Administrator; `params.firstAlert` (ISO). A person does it: a key is registered by who holds it. Proof is the directory’s own record of an attested
 * FIDO2 key, registered before the first alert or after planning: one from between may be the attacker’s, and one without attestation may be a synchronised passkey.
 */
export const requireAdminMfa = defineAzureAction('azure.require-admin-mfa', {
  permissions: ['UserAuthenticationMethod.Read.All', 'User.Read.All'],
  async plan(ctx, { target, params }) {
    await readUser(ctx, target);
    const kept = { ...params, since: ctx.now().toISOString() };
    const keys = await keysOf(ctx, target);
    const needed = !keys.some((key) => counts(key, kept));
    return {
      needed, before: { keys: asJson(keys) }, params: kept,
      change: needed ? [
        `Give ${target.name} a new password or a Temporary Access Pass (https://entra.microsoft.com, Users, the person, “Authentication methods”), in person and not by mail; a pass is taken away again at Tourniquet’s next look`,
        'Let the person sign in at https://mysignins.microsoft.com/security-info on a clean device; while the account is disabled, provision the key for the person instead (Graph: fido2Methods)',
        'Remove every method there that the person does not hold in hand: the attacker may have registered one',
        '“Add sign-in method”, “Security key”: a FIDO2 key with attestation, and a second one as spare',
        'Require phishing-resistant strength for administrators by Conditional Access, the emergency accounts excluded',
      ] : [],
    };
  },
  apply: async (_ctx, step) => ({ waitingFor: 'a person', instructions: step.change }),
  async verify(ctx, { target, params }): Promise<Verified> {
    const keys = await keysOf(ctx, target);
    return { holds: keys.some((key) => counts(key, params)), seen: { keys: asJson(keys) } };
  },
  undo: async (_ctx, { target }) => ({ seen: {}, left: [`${target.name} keeps the security key: take it away by hand if it is not wanted`] }),
});

const keysOf = (ctx: AzureContext, { account, id }: Target): Promise<Fido2AuthenticationMethod[]> => ctx.access.graph(account).list<Fido2AuthenticationMethod>(at`/users/${id}/authentication/fido2Methods`);

const asJson = (keys: readonly Fido2AuthenticationMethod[]): JsonObject[] => keys.map((key) => ({ id: key.id ?? '', model: key.model ?? null, createdAt: key.createdDateTime ?? null, attestation: key.attestationLevel ?? null }));

function counts(key: Fido2AuthenticationMethod, params: JsonObject): boolean {
  const made = Date.parse(key.createdDateTime ?? '');
  if (key.attestationLevel !== 'attested' || Number.isNaN(made)) return false;
  return made >= Date.parse(String(params.since)) || (typeof params.firstAlert === 'string' && made < Date.parse(params.firstAlert));
}
