import type { Command } from 'commander';
import { CommandError } from './exit';
import { runTriage } from './triage';

export function triageCommand(program: Command): void {
  program
    .command('triage')
    .description('raw events as JSON lines on standard input, one verdict a line on standard output; touches nothing')
    .action(async () => {
      const code = await runTriage(process.stdin, process.stdout);
      if (code !== 0) throw new CommandError('', code);
    });
}
