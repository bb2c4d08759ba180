import type { Command } from 'commander';
import { awsJitPermissions, awsPermissions } from '../activities/aws';
import { azureArmRole, azureGraphPermissions, azureJitArmRole, azureJitGraphPermissions } from '../activities/azure';
import { configOf, globals } from './context';
import { azureConfig } from '../workers/config/azure';
import { awsConfig } from '../workers/config/settings';
import { existsSync } from 'node:fs';

/** What the actions and checks declare, as a policy that can be attached to the responder role. */
export function permissionsCommands(program: Command): void {
  const permissions = program.command('permissions').description('the least privilege that the actions need');
  permissions
    .command('aws')
    .description('the responder role’s IAM policy, generated from the actions (with the protected list of tourniquet.yaml when there is one)')
    .option('--jit', 'what just-in-time access needs besides: a second policy, for installations that use it', false)
    .action((options: { jit: boolean }, command: Command) => {
      const protectedNames = existsSync(globals(command).config) ? awsConfig(configOf(command))?.protected : [];
      process.stdout.write(`${JSON.stringify((options.jit ? awsJitPermissions : awsPermissions)({ protected: protectedNames }), null, 2)}\n`);
    });
  permissions
    .command('graph')
    .description('the Microsoft Graph application permissions of the responder’s application, generated from the actions')
    .option('--jit', 'what just-in-time access needs besides', false)
    .action((options: { jit: boolean }) => void process.stdout.write(`${JSON.stringify((options.jit ? azureJitGraphPermissions : azureGraphPermissions)(), null, 2)}\n`));
  permissions
    .command('arm')
    .description('the responder’s custom role in Azure, generated from the actions (for the subscriptions of tourniquet.yaml when there is one)')
    .option('--jit', 'what just-in-time access needs besides: a second custom role', false)
    .action((options: { jit: boolean }, command: Command) => {
      const azure = existsSync(globals(command).config) ? azureConfig(configOf(command)) : null;
      const subscriptions = (azure?.tenants ?? []).flatMap((tenant) => tenant.subscriptions.map((one) => one.id));
      process.stdout.write(`${JSON.stringify((options.jit ? azureJitArmRole : azureArmRole)(subscriptions), null, 2)}\n`);
    });
}
