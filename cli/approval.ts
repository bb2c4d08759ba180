import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Vote } from '../playbook/model/approval';
import { voteStatement } from '../playbook/vote-statement';
import { approvalStateQuery, decideUpdate } from '../workflows/approval-messages';
import { plain, print, withClient } from './context';
import { CommandError, exit } from './exit';
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
        print(command, open, open.length ? open.map((view) => `${view.id}  ${view.tier.padEnd(11)} until ${view.deadline}  ${view.title}  (digest ${view.digest.slice(0, 12)})${view.unconfirmed.length ? `\n    ${view.waitingFor}` : ''}`) : ['nothing is asked']);
      }));

  for (const decision of ['approve', 'deny'] as const) {
    approval
      .command(`${decision} <approval>`)
      .description(`${decision} one question; what you decide on is the plan whose digest you name`)
      .requiredOption('--as <person>', 'who you are')
      .requiredOption('--key <file>', 'your own key, registered as people[].signingKeys: an SSH key (ssh-ed25519; its .pub lets the agent sign) or Ed25519 in PEM')
      .requiredOption('--digest <digest>', 'first 12 or more digits of the plan digest that `approval list` shows')
      .requiredOption('--reason <text>', 'recorded with your vote')
      .action(async (id: string, options: { as: string; key: string; digest: string; reason: string }, command: Command) =>
        withClient(command, async (client) => {
          const handle = client.workflow.getHandle(id);
          try {
            const asked = await handle.query(approvalStateQuery);
            if (options.digest.length < 12 || !asked.digest.startsWith(options.digest)) throw new CommandError('the digest is not that of the question: look at it again with `approval list`', exit.failed);
            const vote: Vote = { person: options.as, decision, digest: asked.digest, reason: options.reason, via: 'cli', voteId: `cli-${randomUUID()}` };
            const at = new Date().toISOString();
            // Who may sign is judged by the workflow, with the keys that the directory holds then: this process proves nothing.
            const signature = { at, sshsig: signStatement(voteStatement(id, vote, at), options.key) };
            const view = await handle.executeUpdate(decideUpdate, { updateId: vote.voteId, args: [{ ...vote, signature }] });
            print(command, view, [`${decision} of ${id} is recorded; ${view.status === 'open' ? view.waitingFor : view.status}`]);
          } catch (error) {
            if (error instanceof WorkflowNotFoundError) throw new CommandError(`there is no question ${plain(id)}`, exit.failed);
            if (error instanceof WorkflowUpdateFailedError) throw new CommandError(`refused: ${error.cause?.message ?? error.message}`, exit.failed);
            throw error;
          }
        }));
  }
}
