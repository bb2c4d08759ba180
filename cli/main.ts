#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { alertCommands } from './alert';
import { approvalCommands } from './approval';
import { auditCommands } from './audit';
import { breakGlassCommands } from './break-glass';
import { demoCommand } from './demo';
import { doctorCommand } from './doctor';
import { evidenceCommands } from './evidence';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../sandbox/tools';
import { CommandError, exit } from './exit';
import { incidentCommands } from './incident';
import { passkeyCommands } from './passkey';
import { jitCommands } from './jit';
import { permissionsCommands } from './permissions';
import { configCommands } from './schema';
import { triageCommand } from './triage-command';
import { upCommand } from './up';
import { workerCommand } from './worker';

const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };

const program = new Command('tourniquet')
  .description('Durable incident response for stolen cloud identities: playbook PB-16, carried out on Temporal, approved in Slack.')
  .version(version)
  .option('--config <file>', 'configuration', process.env['TOURNIQUET_CONFIG'] ?? 'tourniquet.yaml')
  .option('--json', 'one JSON value on standard output', false)
  .showHelpAfterError('(--help shows what there is)')
  .addHelpText('after', `
Try it:       tourniquet demo --auto
Run it:       tourniquet doctor && tourniquet up
Exit codes:   0 done · 1 refused or not found · 2 usage or configuration · 3 a check does not hold · 4 something cannot be reached`)
  .exitOverride();

for (const add of [upCommand, demoCommand, workerCommand, alertCommands, incidentCommands, approvalCommands, jitCommands, auditCommands, triageCommand, evidenceCommands, breakGlassCommands, passkeyCommands, permissionsCommands, doctorCommand, configCommands]) add(program);

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? exit.ok : exit.usage);
  const known = error instanceof CommandError;
  const message = error instanceof Error ? error.message : String(error);
  if (message) process.stderr.write(`tourniquet: ${message}\n`);
  process.exit(known ? error.code : exit.failed);
});
