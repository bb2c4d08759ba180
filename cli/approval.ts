import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Vote } from '../playbook/model/approval';
import { VOTE_NAMESPACE, voteNonce, voteStatement } from '../playbook/vote-statement';
import type { Config } from '../workers/config/schema';
import { approvalStateQuery, decideUpdate } from '../workflows/approval-messages';
import { plain, print, withClient } from './context';
import { CommandError, exit } from './exit';
import { sendVote, signIn } from './oidc';
import { signStatement } from './sign';

export function approvalCommands(program: Command): void {
  const approval = program.command('approval').description('the same questions as in Slack, for when Slack is away');

  approval
    .command('list')
    .description('open questions')
    .action(async (_options: object, command: Command) =>
      withClient(command, async (client) => {
        const open = [];
        for await (const one of client.workflow.list({ query: "WorkflowType = 'approval' AND ExecutionStatus = 'Running'" })) {
          open.push(await client.workflow.getHandle(one.workflowId).query(approvalStateQuery));
        }
        print(command, open, open.length ? open.map((view) => `${view.id}  ${view.tier.padEnd(11)} until ${view.deadline}  ${view.title}${view.words ? `  (approve = ${view.words.approve}, deny = ${view.words.deny})` : ''}  (digest ${view.digest.slice(0, 12)})${view.unconfirmed.length ? `\n    ${view.waitingFor}` : ''}`) : ['nothing is asked']);
      }));

  for (const decision of ['approve', 'deny'] as const) {
    approval
      .command(`${decision} <approval>`)
      .description(`${decision} one question; what you decide on is the plan whose digest you name`)
      .requiredOption('--as <person>', 'who you are')
      .option('--key <file>', 'your own key, registered as people[].signingKeys: an SSH key (ssh-ed25519; its .pub lets the agent sign) or Ed25519 in PEM')
      .option('--oidc', 'instead of a key: sign in at the organisation’s identity provider (oidc in tourniquet.yaml); the vote goes through the console')
      .requiredOption('--digest <digest>', 'first 12 or more digits of the plan digest that `approval list` shows')
      .requiredOption('--reason <text>', 'recorded with your vote')
      .option('--until <date>', 'with a deny, where the question takes one: the day until which it holds (YYYY-MM-DD)')
      .action(async (id: string, options: { as: string; key?: string; oidc?: boolean; digest: string; reason: string; until?: string }, command: Command) =>
        withClient(command, async (client, config) => {
          if ((options.key === undefined) === (options.oidc !== true)) throw new CommandError('your own key (--key) or your own sign-in (--oidc), one of them', exit.usage);
          const handle = client.workflow.getHandle(id);
          try {
            const asked = await handle.query(approvalStateQuery);
            if (options.digest.length < 12 || !asked.digest.startsWith(options.digest)) throw new CommandError('the digest is not that of the question: look at it again with `approval list`', exit.failed);
            const vote: Vote = { person: options.as, decision, digest: asked.digest, reason: options.reason, via: 'cli', voteId: `cli-${randomUUID()}`, ...(options.until !== undefined && { until: options.until }) };
            const at = new Date().toISOString();
            // Who may vote is judged elsewhere, by the directory’s keys or the provider’s: this process proves nothing.
            const view = options.key === undefined
              ? await afterSignIn(config, id, vote, at).then(() => handle.query(approvalStateQuery))
              : await handle.executeUpdate(decideUpdate, { updateId: vote.voteId, args: [{ ...vote, signature: { at, sshsig: signStatement(voteStatement(id, vote, at), VOTE_NAMESPACE, options.key) } }] });
            print(command, view, [`${decision} of ${id} is recorded; ${view.status === 'open' ? view.waitingFor : view.status}`]);
          } catch (error) {
            if (error instanceof WorkflowNotFoundError) throw new CommandError(`there is no question ${plain(id)}`, exit.failed);
            if (error instanceof WorkflowUpdateFailedError) throw new CommandError(`refused: ${error.cause?.message ?? error.message}`, exit.failed);
            throw error;
          }
        }));
  }
}

async function afterSignIn({ oidc, console }: Config, approval: string, { person, decision, digest, reason, voteId }: Vote, at: string): Promise<void> {
  if (!oidc || !console?.url) throw new CommandError('--oidc: tourniquet.yaml has no oidc, or no console.url', exit.usage);
  const vote = { person, decision, digest, reason, voteId };
  const idToken = await signIn(oidc, voteNonce(approval, vote, at), (line) => void process.stderr.write(`${line}\n`));
  await sendVote(console.url, approval, { vote, at, idToken });
}
