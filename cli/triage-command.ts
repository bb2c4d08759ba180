import type { Command } from 'commander';
import { CommandError } from './exit';
import { loadRules } from './sigma';
import { runTriage } from './triage';

export function triageCommand(program: Command): void {
  program
    .command('triage')
    .description('raw events as JSON lines on standard input, one verdict a line on standard output; touches nothing')
    .option('--sigma [folder]', 'also say which Sigma rules fire on the raw event (left out: detections/)')
    .action(async ({ sigma }: { sigma?: string | true }) => {
      const rules = sigma === undefined ? null : loadRules(sigma === true ? undefined : sigma);
      const code = await runTriage(process.stdin, process.stdout, undefined, rules);
      if (code !== 0) throw new CommandError('', code);
    });
}
