import { fingerprintOf } from '../../approvals/passkey';
import { approversOf } from '../../playbook/approvers';
import { missingSecondFactor, relyingParty, secondFactorRequired } from '../config/passkeys';
import { passkeyRegister } from '../passkeys';
import { examine, type Examine } from './types';

/** The second factor of break-glass: required, and every approver has a passkey. */
export const examinePasskeys: Examine = async (config) => {
  if (!config.vault) return [];
  const warning = missingSecondFactor(config);
  if (warning) return [{ what: 'second factor', ok: false, text: warning }];
  return [
    await examine('second factor', async () => {
      const passkeys = await passkeyRegister(config).all();
      const { approvers, backup } = config.approvals['break-glass'];
      const set = { approvers, backup };
      const may = approversOf(config.people, { approve: set, dual: set, 'break-glass': set }, { tier: 'break-glass', requester: null, recused: [] }, true);
      const without = may.filter((person) => !passkeys.some((one) => one.person === person.id)).map((one) => one.id);
      if (without.length > 0) throw new Error(`no passkey: ${without.join(', ')} (tourniquet passkey invite --person <id>)`);
      return `${relyingParty(config)?.rpId ?? ''}: ${passkeys.map((one) => `${one.person} ${fingerprintOf(one.credentialId)}`).join(', ')}${secondFactorRequired(config) ? '' : ', not required'}`;
    }),
  ];
};
