import { requestProblem } from '../approvals/policy';
import { REQUEST_NAMESPACE, requestStatement, type Signature, type SignedAct } from '../playbook/signed-request';
import type { Command } from 'commander';
import type { Config } from '../workers/config/schema';
import { ed25519Of } from '../workers/config/signing-key';
import { CommandError, exit } from './exit';
import { signStatement } from './sign';

export interface Who {
  as: string;
  key: string;
}

export const keyHelp = 'your own key, registered as people[].signingKeys: an SSH key (ssh-ed25519; its .pub lets the agent sign) or Ed25519 in PEM';

/** `--as` and `--key`, which every command has that asks for something in a person's name. */
export const asPerson = (command: Command): Command => command
  .requiredOption('--as <person>', 'who you are', process.env['TOURNIQUET_PERSON'])
  .requiredOption('--key <file>', keyHelp, process.env['TOURNIQUET_KEY']);

/** The act, signed with the person's own key. Judged here by tourniquet.yaml, so that a wrong key is said at once, and again by the workflow that it is for. */
export function signed(config: Config, { as, key }: Who, act: SignedAct): Signature {
  const at = new Date();
  const signature = { at: at.toISOString(), sshsig: signStatement(requestStatement(act, at.toISOString()), REQUEST_NAMESPACE, key) };
  const person = config.people.find((one) => one.id === as && one.active);
  const problem = requestProblem(act, signature, (person?.signingKeys ?? []).flatMap((line) => ed25519Of(line) ?? []), at.getTime());
  if (problem) throw new CommandError(`that key is not ${as}’s: ${problem}`, exit.failed);
  return signature;
}
