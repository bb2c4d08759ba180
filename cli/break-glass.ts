import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { isPersonalId } from '../playbook/break-glass-person';
import { duration } from '../workers/config/duration';
import { requestOf, startRequest } from '../workers/personal-request';
import { giveBackUpdate, personalQuery, type PersonalView } from '../workflows/break-glass-person/messages';
import { plain, print, withClient } from './context';
import { CommandError, exit } from './exit';
import { asPerson, signed, type Who } from './identity';

/** Credentials that only people can use: asked for here, approved as all break-glass, shown once on the console's page. */
export function breakGlassCommands(program: Command): void {
  const breakGlass = program.command('break-glass').description('a credential that only people can use (root’s password): ask for it, give it back');

  asPerson(breakGlass.command('request').description('ask for one; approved, it is shown once, on the page that this prints, to your own passkey'))
    .requiredOption('--credential <name>', 'its name in vault.people')
    .requiredOption('--reason <text>', 'what for; approvers see it, and it is recorded')
    .option('--for <duration>', 'how long you need it (at most 1h)', '30m')
    .option('--bypass', 'when nobody answers, use it all the same (only where approvals.break-glass.bypass allows it)', false)
    .action(async (options: Who & { credential: string; reason: string; for: string; bypass: boolean }, command: Command) =>
      withClient(command, async (client, config) => {
        const { as: person, credential, reason, bypass } = options;
        const ttl = duration.safeParse(options.for);
        if (!ttl.success) throw new CommandError(`--for: ${ttl.error.issues[0]?.message ?? ''}`, exit.usage);
        const id = `bgp-${randomBytes(10).toString('hex')}`;
        const made = requestOf(config, { person, credential, reason, ttlMs: ttl.data, bypass });
        if ('refused' in made) throw new CommandError(made.refused, exit.failed);
        const { request } = made;
        await startRequest(client, config, id, request, signed(config, options, { act: 'break-glass-request', person, request: id, credential: request.credential, forMs: request.ttlMs, bypass: request.bypass !== null, reason: request.reason }));
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

  asPerson(breakGlass.command('return <request>').description('give it back before its time is over, or take the request back'))
    .action(async (id: string, options: Who, command: Command) =>
      withClient(command, async (client, config) => {
        if (!isPersonalId(id)) throw new CommandError('a request looks like bgp-…', exit.usage);
        const signature = signed(config, options, { act: 'break-glass-return', person: options.as, request: id });
        try {
          const view = await client.workflow.getHandle(id).executeUpdate(giveBackUpdate, { args: [{ by: options.as, via: 'cli', signature }] });
          print(command, view, [`${id}: given back; what was shown must be changed`]);
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) throw new CommandError(`there is no request ${plain(id)} under way`, exit.failed);
          if (error instanceof WorkflowUpdateFailedError) throw new CommandError(`refused: ${error.cause?.message ?? error.message}`, exit.failed);
          throw error;
        }
      }));
}
