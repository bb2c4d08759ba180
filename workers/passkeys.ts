import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/client';
import { Enrolment, fingerprintOf, PasskeyDesk, PasskeyRefused, Register } from '../approvals/passkey';
import { createApprovalPort } from '../approvals/temporal';
import type { PasskeyPort } from '../console';
import type { JsonObject } from '../playbook/json';
import { digestOf } from '../playbook/digest';
import { queues } from '../playbook/queues';
import type { notice } from '../workflows';
import { registerKeys, relyingParty } from './config/passkeys';
import type { Config } from './config/schema';
import { evidenceStore } from './evidence';

/** The register of passkeys beside the evidence: public keys only, sealed. */
export const passkeyRegister = (config: Config): Register => new Register(evidenceStore(config).objects, registerKeys(config));

/** What the console proves with passkeys; null where no browser would take part (see `relyingParty`). */
export function passkeyDesk(config: Config, client: Client): PasskeyDesk | null {
  const party = relyingParty(config);
  if (!party) return null;
  return new PasskeyDesk({
    party, store: evidenceStore(config).objects, keys: registerKeys(config), people: () => Promise.resolve(config.people), approvals: createApprovalPort(client, 10_000),
    tell: async (one) => {
      await client.workflow
        .start<typeof notice>('notice', { taskQueue: queues.workflows, workflowId: `ntc-${digestOf(one.key).slice(0, 20)}`, workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE, args: [{ caseKey: null, ...one }], staticSummary: one.title.slice(0, 200) })
        .catch((error: unknown) => {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        });
    },
  });
}

/** The desk as the console sees it. */
export function passkeyPort(desk: PasskeyDesk | null): PasskeyPort | null {
  if (!desk) return null;
  const enrolment = new Enrolment(desk);
  return {
    invitation: (token) => enrolment.question(token),
    register: async (token, nonce, response) => {
      const { person, credentialId } = await enrolment.register(token, nonce, response as JsonObject);
      return { person, fingerprint: fingerprintOf(credentialId) };
    },
    signInQuestion: () => desk.signInQuestion(),
    signIn: (nonce, assertion) => desk.signIn(nonce, assertion as JsonObject),
    question: (approval) => desk.stateOf(approval),
    confirmQuestion: (approval) => desk.confirmQuestion(approval),
    confirm: async (approval, nonce, assertion) => {
      const decided = await desk.confirm(approval, nonce, assertion as JsonObject);
      if (!decided.ok) throw new PasskeyRefused(decided.message);
      return { person: decided.person, said: decided.state.waitingFor };
    },
  };
}
