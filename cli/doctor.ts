import type { Command } from 'commander';
import { diagnose } from '../workers/doctor';
import { configOf, print } from './context';
import { CommandError, exit } from './exit';

export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check every dependency and every permission; changes nothing')
    .action(async (_options: object, command: Command) => {
      const found = await diagnose(configOf(command));
      print(command, found, found.map((one) => `${one.ok ? 'good' : 'BAD '}  ${one.what}: ${one.text}`));
      const bad = found.filter((one) => !one.ok).length;
      if (bad > 0) throw new CommandError(`${bad} of ${found.length} need attention`, exit.checkFailed);
    });
}
