import type { Command } from 'commander';
import { awsPermissions } from '../activities/aws';
import { configOf, globals } from './context';
import { awsConfig } from '../workers/config/settings';
import { existsSync } from 'node:fs';

/** What the actions and checks declare, as a policy that can be attached to the responder role. */
export function permissionsCommands(program: Command): void {
  program
    .command('permissions')
    .description('the least privilege that the actions need')
    .command('aws')
    .description('the responder role’s IAM policy, generated from the actions (with the protected list of tourniquet.yaml when there is one)')
    .action((_options: object, command: Command) => {
      const protectedNames = existsSync(globals(command).config) ? awsConfig(configOf(command)).protected : [];
      process.stdout.write(`${JSON.stringify(awsPermissions({ protected: protectedNames }), null, 2)}\n`);
    });
}
