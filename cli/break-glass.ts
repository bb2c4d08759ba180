import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { isPersonalId } from '../playbook/break-glass-person';
import { duration } from '../workers/config/duration';
import { requestOf, startRequest } from '../workers/personal-request';
import { giveBackUpdate, personalQuery, type PersonalView } from '../workflows/break-glass-person/messages';
import { plain, print, withClient } from './context';
import { CommandError, exit } from './exit';
import { personFromKey } from './identity';

/** Credentials that only people can use: asked for here, approved as all break-glass, shown once on the console's page. */
export function breakGlassCommands(program: Command): void {
  const breakGlass = program.command('break-glass').description('a credential that only people can use (root’s password): ask for it, give it back');

  breakGlass
    .command('request')
    .description('ask for one; approved, it is shown once, on the page that this prints, to your own passkey')
    .requiredOption('--credential <name>', 'its name in vault.people')
    .requiredOption('--reason <text>', 'what for; approvers see it, and it is recorded')
    .requiredOption('--as <person>', 'who you are (needs your key in TOURNIQUET_APPROVER_KEY)')
    .option('--for <duration>', 'how long you need it (at most 1h)', '30m')
    .option('--bypass', 'when nobody answers, use it all the same (only where approvals.break-glass.bypass allows it)', false)
    .action(async (options: { credential: string; reason: string; as: string; for: string; bypass: boolean }, command: Command) =>
      withClient(command, async (client, config) => {
        const person = personFromKey(config, options.as);
        const ttl = duration.safeParse(options.for);
        if (!ttl.success) throw new CommandError(`--for: ${ttl.error.issues[0]?.message ?? ''}`, exit.usage);
        const made = requestOf(config, { person: person.id, credential: options.credential, reason: options.reason, ttlMs: ttl.data, bypass: options.bypass });
        if ('refused' in made) throw new CommandError(made.refused, exit.failed);
        const id = `bgp-${randomBytes(10).toString('hex')}`;
        await startRequest(client, config, id, made.request);
        const link = `${config.console!.url!.replace(/\/$/, '')}/claim/${id}`;
        print(command, { id, link }, [`asked: ${id}. The managers are asked now; when they say yes, open`, `  ${link}`]);
      }));

  breakGlass
    .command('list')
    .description('requests that are under way')
    .action(async (_options: object, command: Command) =>
      withClient(command, async (client) => {
        const open: PersonalView[] = [];
        for await (const one of client.workflow.list({ query: "WorkflowType = 'breakGlassForPerson' AND ExecutionStatus = 'Running'" })) open.push(await client.workflow.getHandle(one.workflowId).query(personalQuery));
        print(command, open, open.length ? open.map((view) => `${view.id}  ${view.status.padEnd(8)} ${view.requester.padEnd(12)} ${view.what}${view.until ? `  until ${view.until}` : ''}${view.bypassed ? '  BYPASS' : ''}`) : ['nothing is asked for']);
      }));

  breakGlass
    .command('return <request>')
    .description('give it back before its time is over, or take the request back')
    .requiredOption('--as <person>', 'who you are (needs your key in TOURNIQUET_APPROVER_KEY)')
    .action(async (id: string, options: { as: string }, command: Command) =>
      withClient(command, async (client, config) => {
        const person = personFromKey(config, options.as);
        if (!isPersonalId(id)) throw new CommandError('a request looks like bgp-…', exit.usage);
        try {
          const view = await client.workflow.getHandle(id).executeUpdate(giveBackUpdate, { args: [{ by: person.id }], updateId: `give-back-${person.id}` });
          print(command, view, [`${id}: given back; what was shown must be changed`]);
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) throw new CommandError(`there is no request ${plain(id)} under way`, exit.failed);
          if (error instanceof WorkflowUpdateFailedError) throw new CommandError(`refused: ${error.cause?.message ?? error.message}`, exit.failed);
          throw error;
        }
      }));
}
