import type { Command } from 'commander';
import { createLogger } from '../workers/log';
import { roles, type RoleName } from '../workers/roles';
import { configOf } from './context';
import { CommandError, exit } from './exit';

/** One role in this process: what a container runs. */
export function workerCommand(program: Command): void {
  program
    .command('worker <role>')
    .description(`run one role: ${Object.entries(roles).map(([name, { needs }]) => `${name} (${needs})`).join(', ')}`)
    .action(async (name: string, _options: object, command: Command) => {
      if (!Object.hasOwn(roles, name)) throw new CommandError(`there is no role ${name}; roles: ${Object.keys(roles).join(', ')}`, exit.usage);
      const log = createLogger(name);
      const role = await roles[name as RoleName].start(configOf(command));
      log.info('ready');
      process.send?.({ ready: name });
      const stop = (): void => {
        log.info('draining');
        role.stop().then(() => process.exit(exit.ok), (error: unknown) => {
          log.error({ error: String(error) }, 'did not drain');
          process.exit(exit.failed);
        });
      };
      process.once('SIGTERM', stop);
      process.once('SIGINT', stop);
      // A role started by `up` goes with it.
      if (process.send) process.once('disconnect', stop);
      await role.ended;
    });
}
