import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowIdReusePolicy } from '@temporalio/client';
import { folderObjects } from '../activities/evidence';
import { Claims, Enrolment, fingerprintOf, type ClaimPort, PasskeyDesk, PasskeyRefused, Register, type RegisterStore } from '../approvals/passkey';
import { createApprovalPort } from '../approvals/temporal';
import type { PasskeyPort } from '../console';
import type { JsonObject } from '../playbook/json';
import { digestOf } from '../playbook/digest';
import { queues } from '../playbook/queues';
import type { notice } from '../workflows';
import { registerKeys, relyingParty } from './config/passkeys';
import type { Config } from './config/schema';
import { evidenceStore } from './evidence';

/** The register of passkeys: public keys only, sealed; beside the evidence unless it has a folder of its own. */
export const passkeyRegister = (config: Config): Register => new Register(storeOf(config), registerKeys(config));

const storeOf = (config: Config): RegisterStore => (config.passkeys.folder ? folderObjects(config.passkeys.folder) : evidenceStore(config).objects);

/** What the console proves with passkeys; null where no browser would take part (see `relyingParty`). */
export function passkeyDesk(config: Config, client: Client): PasskeyDesk | null {
  const party = relyingParty(config);
  if (!party) return null;
  return new PasskeyDesk({
    party, store: storeOf(config), keys: registerKeys(config), people: () => Promise.resolve(config.people), approvals: createApprovalPort(client, 10_000),
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
export function passkeyPort(desk: PasskeyDesk | null, port: ClaimPort): PasskeyPort | null {
  if (!desk) return null;
  const enrolment = new Enrolment(desk);
  const claims = new Claims(desk, port);
  return {
    invitation: (token) => enrolment.question(token),
    register: async (token, nonce, response) => {
      const { person, credentialId } = await enrolment.register(token, nonce, response as JsonObject);
      return { person, fingerprint: fingerprintOf(credentialId) };
    },
    claims: {
      stateOf: (id) => claims.stateOf(id), question: (id, sealTo) => claims.question(id, sealTo), sealed: (id) => claims.sealed(id),
      claim: (id, nonce, assertion) => claims.claim(id, nonce, assertion as JsonObject), say: (verb, id, by) => claims.say(verb, id, by),
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
