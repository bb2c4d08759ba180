import type { Command } from 'commander';
import { genericJsonSchema } from '../intake/generic';
import { configJsonSchema } from '../workers/config/load';
import { configOf, print } from './context';

export function configCommands(program: Command): void {
  const config = program.command('config').description('tourniquet.yaml');
  config.command('check').description('check tourniquet.yaml: each problem with its line and field').action((_options: object, command: Command) => {
    const { organisation, aws, azure } = configOf(command);
    print(command, { ok: true }, [`good: ${organisation}, ${aws?.accounts.length ?? 0} AWS accounts, ${azure?.tenants.length ?? 0} Entra tenants`]);
  });
  config.command('schema').description('JSON Schema of tourniquet.yaml, for editors').action(() => void process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`));
  program.command('schema').description('JSON Schemas of what goes in').command('alert').description('the generic form of an alert: POST /alerts/generic').action(() => void process.stdout.write(`${JSON.stringify(genericJsonSchema(), null, 2)}\n`));
}
