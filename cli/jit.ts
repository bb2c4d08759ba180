import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { createGrantPort, type Asked } from '../approvals/grants';
import type { GrantView } from '../playbook/jit/model';
import { duration } from '../workers/config/duration';
import { print, withClient } from './context';
import { CommandError, exit } from './exit';
import { asPerson, signed, type Who } from './identity';

const LOOK_MS = 1_000;

export function jitCommands(program: Command): void {
  const jit = program.command('jit').description('just-in-time access: two hours at most, approved by somebody else, ended with its sessions');

  asPerson(jit.command('request').description('ask for a role; an approver other than you must say yes'))
    .requiredOption('--role <role>', 'a role of tourniquet.yaml (jit.roles)')
    .requiredOption('--account <account>', 'account, by name or id')
    .requiredOption('--for <duration>', 'how long, e.g. 90m; 2h at most, extensions included')
    .requiredOption('--reason <text>', 'why; the approver reads it')
    .option('--wait', 'stay until it is given or refused', false)
    .action(async (options: Who & { role: string; account: string; for: string; reason: string; wait: boolean }, command: Command) =>
      withClient(command, async (client, config) => {
        const { as, role, account, reason } = options;
        const port = createGrantPort(client);
        const asked = { request: `cli-${randomUUID()}`, role, account, forMs: lengthOf(options.for), reason };
        let grant = accepted(await port.request(as, { ...asked, via: 'cli', signature: signed(config, options, { act: 'jit-request', person: as, ...asked }) }));
        while (options.wait && ['asked', 'waiting', 'granting'].includes(grant.state)) {
          await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
          grant = (await port.grantsOf(as))?.grants.find((one) => one.grant === grant.grant) ?? grant;
        }
        print(command, grant, [line(as, grant), ...(options.wait ? [] : ['an approver is asked; see `tourniquet jit list`'])]);
        if (grant.state === 'refused' || grant.ended === 'failed') throw new CommandError('', exit.failed);
      }));

  jit
    .command('list')
    .description('what is asked and what is open, of everybody')
    .action(async (_options: object, command: Command) =>
      withClient(command, async (client) => {
        const views = await createGrantPort(client).all();
        const lines = views.flatMap((view) => [...view.grants.map((grant) => line(view.person, grant)), ...view.incidents.map((incident) => `${view.person} gets nothing while ${incident} is open`)]);
        print(command, views, lines.length > 0 ? lines : ['no grant is open']);
      }));

  asPerson(jit.command('extend <grant>').description('ask for a later end of your own grant; it is a new question to the approvers'))
    .requiredOption('--for <duration>', 'the new length in all, counted from the grant; 2h at most')
    .requiredOption('--reason <text>', 'why; the approver reads it')
    .action(async (id: string, options: Who & { for: string; reason: string }, command: Command) =>
      withClient(command, async (client, config) => {
        const { as, reason } = options;
        const forMs = lengthOf(options.for);
        const signature = signed(config, options, { act: 'jit-extend', person: as, grant: id, forMs, reason });
        const grant = accepted(await createGrantPort(client).extend(as, { grant: id, by: as, forMs, reason, signature }, `cli-${randomUUID()}`));
        print(command, grant, [line(as, grant), 'the extension is asked; until somebody says yes the end stays where it is']);
      }));

  asPerson(jit.command('return <grant>').description('end a grant now: your own, or one that you approved'))
    .option('--of <person>', 'whose grant it is, when it is not yours')
    .action(async (id: string, options: Who & { of?: string }, command: Command) =>
      withClient(command, async (client, config) => {
        const { as } = options;
        const grant = accepted(await createGrantPort(client).giveBack(options.of ?? as, { grant: id, by: as, signature: signed(config, options, { act: 'jit-return', person: as, grant: id }) }));
        print(command, grant, [`${id} ends now: the access is taken away, its sessions are ended, and both are read back`]);
      }));
}

function accepted(answer: Asked): GrantView {
  if (!answer.ok) throw new CommandError(`refused: ${answer.message}`, exit.failed);
  return answer.grant;
}

function lengthOf(text: string): number {
  const read = duration.safeParse(text);
  if (!read.success) throw new CommandError(`--for: ${read.error.issues[0]?.message ?? 'not a duration'}`, exit.usage);
  return read.data;
}

const line = (person: string, grant: GrantView): string =>
  `${grant.grant}  ${person}  ${grant.role} in ${grant.account}  ${grant.state}${grant.until ? ` until ${grant.until}` : ''}${grant.ended ? ` (${grant.ended})` : ''}${grant.approval && grant.state === 'waiting' ? `  ${grant.approval}` : ''}${grant.note ? `  ${grant.note}` : ''}`;
