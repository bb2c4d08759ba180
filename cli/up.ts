import type { Command } from 'commander';
import { once } from 'node:events';
import { rolesFor, type RoleName } from '../workers/roles';
import { environmentOf } from '../workers/roles/environment';
import { startSupervisor } from '../workers/supervisor';
import { configOf, globals } from './context';

/** All roles on this machine, each its own process. In production each is its own service (docker-compose.yml, deploy/). */
export function upCommand(program: Command): void {
  program
    .command('up')
    .description('run every role of tourniquet.yaml on this machine, each as its own process with its own secrets')
    .option('--only <roles>', 'comma-separated roles')
    .action(async (options: { only?: string }, command: Command) => {
      const config = configOf(command);
      const wanted = options.only ? (options.only.split(',') as RoleName[]) : rolesFor(config);
      const say = (line: string): void => void process.stderr.write(`${line}\n`);
      const supervisor = await startSupervisor({ program: __filename.replace(/up\.js$/, 'main.js'), config: globals(command).config, roles: wanted, env: (role) => environmentOf(role, config, process.env), say, logFile: null });
      say(`up: ${wanted.join(', ')}`);
      if (config.console?.url) say(`console: ${config.console.url}`);
      await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
      say('draining');
      await supervisor.stop();
    });
}
